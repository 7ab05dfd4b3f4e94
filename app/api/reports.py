"""`/v1/feedback` and `/v1/logs`: what callers report, as Portkey's SDK sends it (portkey_ai 2.3).

What else of Portkey's API is about its own service, such as prompts and their versions, is answered with 501
and a word about what does it here.
"""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, post, put, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from app.access.keys import Keyring
from app.api.headers import content_of, require_json
from app.domain.content import least
from app.domain.errors import InvalidRequest, NotOnRecord, NotServed
from app.records.reports import Feedback, FeedbackChange, InsertedLog, Reports
from app.wire.strict_json import decode_object

_MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 32
_MAX_ITEMS = 100
_STATUSES = range(100, 600)
_HOSTED = {
    "prompts": "prompt templates are not kept here: send their messages",
    "configs": "configs are written in handrail.yaml",
    "virtual-keys": "providers are written in handrail.yaml",
    "providers": "providers are written in handrail.yaml",
    "integrations": "providers are written in handrail.yaml",
    "guardrails": "guardrails are written in handrail.yaml",
    "api-keys": "`handrail keys new` makes keys",
    "analytics": "the record is an SQL database: ask its views",
    "logs/exports": "the record is an SQL database: ask its views",
}
"""Of Portkey's own service, and what does it here."""

_Value = Annotated[int, msgspec.Meta(ge=-10, le=10)]
_Weight = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Given(msgspec.Struct, frozen=True):
    trace_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    value: _Value
    weight: _Weight | None = None
    metadata: dict[str, Any] | None = None


class _Changed(msgspec.Struct, frozen=True):
    value: _Value | None = None
    weight: _Weight | None = None
    metadata: dict[str, Any] | None = None


class _Log(msgspec.Struct, frozen=True):
    request: dict[str, Any]
    response: dict[str, Any]
    metadata: dict[str, Any] | None = None


def report_routes(reports: Reports, keyring: Keyring) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        reports: keeps what is reported.
        keyring: says who reports.
    """

    @post("/v1/feedback", summary="Give feedback", tags=["feedback"], status_code=200)
    async def give_feedback(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Say how good an answer was, from -10 to 10, by its trace id; or of up to 100 answers in a list."""
        given = await _read(request, _Given | list[_Given])
        many = given if isinstance(given, list) else [given]
        if not 0 < len(many) <= _MAX_ITEMS:
            raise InvalidRequest(f"Give feedback on 1 to {_MAX_ITEMS} answers at once.")
        kept = [
            Feedback(
                trace_id=one.trace_id,
                value=one.value,
                weight=1.0 if one.weight is None else one.weight,
                metadata=one.metadata or {},
            )
            for one in many
        ]
        caller = keyring.caller(request.scope["headers"])
        ids = await asyncio.to_thread(reports.add_feedback, caller.name, kept, caller.content)
        return _said("Feedback is on record.", ids)

    @put("/v1/feedback/{feedback_id:str}", summary="Change feedback", tags=["feedback"])
    async def change_feedback(
        request: Request[Any, Any, Any],
        feedback_id: Annotated[str, Parameter(description="As it was given.")],
    ) -> dict[str, Any]:
        """Change feedback that the same caller gave."""
        changed = await _read(request, _Changed)
        change = FeedbackChange(value=changed.value, weight=changed.weight, metadata=changed.metadata)
        caller = keyring.caller(request.scope["headers"])
        known = _is_uuid(feedback_id) and await asyncio.to_thread(
            reports.change_feedback, caller.name, feedback_id, change, caller.content
        )
        if not known:
            raise NotOnRecord("You gave no feedback of this id.", code="feedback_not_found")
        return _said("Feedback is changed.", [feedback_id])

    @post("/v1/logs", summary="Insert a log", tags=["logs"], status_code=200)
    async def insert_log(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Put a call to a model on record that did not pass through here; its headers are not kept."""
        log = await _read(request, _Log)
        metadata = log.metadata or {}
        trace_id, status = metadata.get("traceId"), log.response.get("status")
        kept = InsertedLog(
            trace_id=trace_id if isinstance(trace_id, str) else None,
            status_code=status if isinstance(status, int) and status in _STATUSES else None,
            metadata=metadata,
            body={"request": _headless(log.request), "response": _headless(log.response)},
        )
        caller = keyring.caller(request.scope["headers"])
        content = least(caller.content, content_of(request.scope))
        id_ = await asyncio.to_thread(reports.add_log, caller.name, kept, content)
        return {"status": "success", "id": id_}

    paths = [path for name in _HOSTED for path in (f"/v1/{name}", f"/v1/{name}/{{rest:path}}")]

    @route(
        paths,
        http_method=["GET", "POST", "PUT", "DELETE"],
        sync_to_thread=False,
        include_in_schema=False,
        status_code=501,
    )
    def hosted(request: Request[Any, Any, Any]) -> None:
        """Say what does this here."""
        path = request.scope["path"].removeprefix("/v1/")
        why = next(why for name, why in _HOSTED.items() if path == name or path.startswith(f"{name}/"))
        raise NotServed(f"This is of Portkey's own service, and not served here; {why}.")

    return [give_feedback, change_feedback, insert_log, hosted]


async def _read(request: Request[Any, Any, Any], shape: Any) -> Any:  # noqa: ANN401 (a type, and one of it)
    require_json(request.scope)
    body = await request.body()
    if len(body) > _MAX_BYTES:
        raise InvalidRequest(f"The body is larger than {_MAX_BYTES} bytes.")
    document = decode_object(b'{"body":%b}' % body, max_depth=_MAX_DEPTH)
    if len(document) != 1:
        raise InvalidRequest("The body holds more than one JSON value.")
    try:
        return msgspec.convert(document["body"], shape)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"The body is not as expected: {error}") from None


def _headless(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call without its headers: there are keys in them."""
    return {name: value for name, value in call.items() if name.lower() != "headers"}


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _said(message: str, ids: list[str]) -> dict[str, Any]:
    return {"status": "success", "message": message, "feedback_ids": ids}

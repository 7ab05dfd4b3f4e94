"""What the OpenAPI document says about every route whose requests are exchanges, and how one is made.

What one of them takes and gives is in `chat_schema.py` and `more_schemas.py`.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from litestar.types import ASGIApp, Guard

from app.account import BLOCKED_STATUS
from app.api.exchange import ExchangeEndpoint
from app.api.headers import METADATA_HEADER, NAMESPACE_HEADER, REFRESH_HEADER
from app.api.hook_schema import BLOCKED, ERROR, flagged
from app.api.json_schema import text
from app.domain.errors import (
    HandrailError,
    InternalError,
    InvalidRequest,
    Overloaded,
    RequestTimeout,
    RequestTooLarge,
    ShuttingDown,
    Unauthenticated,
    UnknownModel,
    UnsupportedMediaType,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from app.policy import HEADER as GUARDRAILS_HEADER
from app.routing.outcome import FLAGGED
from app.routing.sent_guardrails import INPUT_HEADER, OUTPUT_HEADER

_ERRORS: tuple[HandrailError, ...] = (
    InvalidRequest("A field is missing or wrong; `param` names it.", param="messages"),
    Unauthenticated("No gateway key, or an unknown one."),
    UnknownModel("No provider serves this model.", param="model"),
    RequestTimeout("The body stopped coming."),
    RequestTooLarge("The body is larger than `server.max_body_bytes`."),
    UnsupportedMediaType("The body is not `application/json`."),
    InternalError("A fault of Handrail's; its log says more under the request id."),
    UpstreamUnreachable("The provider cannot be reached."),
    UpstreamBroken("What the provider answered is no completion."),
    Overloaded("Nothing new can be put on record, so nothing new is begun."),
    ShuttingDown("The service is being stopped."),
    UpstreamTimeout("The provider did not answer in time."),
)
"""What Handrail itself may answer. A provider's own error is passed on with its status and body."""


_HEADERS = {
    GUARDRAILS_HEADER: "Names of guardrails to add to those that apply anyway, separated by commas.",
    INPUT_HEADER: "Guardrails on the request to add, in Portkey's form: a JSON array as `input_guardrails`.",
    OUTPUT_HEADER: "Guardrails on the answer to add, likewise.",
    METADATA_HEADER: "A JSON object that goes on record with the exchange.",
    "x-portkey-trace-id": "The caller's own id for this exchange, given back in the response.",
    NAMESPACE_HEADER: "The caller's own division of answers that the cache gives again.",
    REFRESH_HEADER: "Asks the provider although the cache has an answer, which is replaced.",
    "traceparent": "W3C trace context, continued.",
}


def _responses(answer: dict[str, OpenAPIMediaType]) -> dict[str, OpenAPIResponse | Reference]:
    answers: dict[str, OpenAPIResponse | Reference] = {
        "200": OpenAPIResponse(description="The answer.", content=answer),
        str(FLAGGED): flagged(answer),
        str(BLOCKED_STATUS): BLOCKED,
    }
    for status, errors in groupby(_ERRORS, key=lambda error: error.status):
        answers[str(status)] = _failure(tuple(errors))
    return dict(sorted(answers.items()))


def _failure(errors: tuple[HandrailError, ...]) -> OpenAPIResponse:
    """Describe one status by all the errors that have it."""
    examples = {type(error).__name__: Example(value=error.body()) for error in errors}
    return OpenAPIResponse(
        description=" Or: ".join(error.message for error in errors),
        content={"application/json": OpenAPIMediaType(schema=ERROR, examples=dict(examples))},
    )


def operation_class(
    request: Schema, examples: dict[str, Any], answer: dict[str, OpenAPIMediaType]
) -> type[Operation]:
    """Return the entry of a route: litestar cannot see what an ASGI application takes and gives.

    Args:
        request: schema of its body.
        examples: of that, by name.
        answer: by media type.
    """

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            shown = {name: Example(value=value) for name, value in examples.items()}
            content = {"application/json": OpenAPIMediaType(schema=request, examples=dict(shown))}
            self.request_body = RequestBody(required=True, content=content)
            self.parameters = [
                Parameter(name=name, param_in="header", required=False, description=said, schema=text())
                for name, said in _HEADERS.items()
            ]
            self.responses = _responses(answer)

    return Described


def exchange_route(
    path: str, endpoint: ExchangeEndpoint, described: type[Operation], summary: str, tag: str
) -> HTTPRouteHandler:
    """Return the route that hands its requests to an endpoint."""

    def create() -> ASGIApp:
        """Screen the request, ask the provider, screen the answer, put all of it on record."""
        return endpoint

    create.__name__ = "create_" + summary.removeprefix("Create ").removeprefix("a ").replace(" ", "_")
    return SelfGuarded(
        path,
        http_method=HttpMethod.POST,
        status_code=200,
        sync_to_thread=False,
        operation_class=described,
        summary=summary,
        tags=[tag],
    )(create)


class SelfGuarded(HTTPRouteHandler):
    """A route that asks for the caller's key itself, because it puts refusals on record.

    Litestar copies a handler for each guard it asks, which would be a twelfth of what an exchange costs here.
    """

    def resolve_guards(self) -> list[Guard]:
        """Return no guards, whatever the layers around have."""
        return []

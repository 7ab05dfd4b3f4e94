"""What the OpenAPI document says about chat completions, and the route itself.

The schemas name what Handrail reads and the shape of what it answers; everything else in a request passes
through to the provider, so they are open. The format is OpenAI's
(platform.openai.com/docs/api-reference/chat, 2026-11).
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
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from litestar.types import ASGIApp, Guard

from app.account import BLOCKED_STATUS
from app.api.chat import PATH, ChatCompletions
from app.api.headers import METADATA_HEADER, NAMESPACE_HEADER, REFRESH_HEADER
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
from app.wire.openai.errors import blocked_body
from guardrails import Action, Decision, Finding, Mode, Side, Verdict

_QUESTION = {"role": "user", "content": "Say hello."}
_ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-5-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
}
_STREAM = (
    'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini",'
    '"choices":[{"index":0,"delta":{"content":"Hello."},"finish_reason":null}]}\n\ndata: [DONE]\n\n'
)


_BLOCKED = blocked_body(
    Verdict(
        "no-secrets",
        Side.INPUT,
        Decision.BLOCK,
        Action.BLOCK,
        Mode.ENFORCE,
        blocked=True,
        findings=(Finding("secrets", "github_token", "messages[0].content", 0, 40, 1.0, ""),),
    )
)
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


def _text(description: str | None = None) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description)


def _nullable_text(description: str | None = None) -> Schema:
    return Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], description=description)


def _list(items: Schema, description: str | None = None) -> Schema:
    return Schema(type=OpenAPIType.ARRAY, items=items, description=description)


def _flag(description: str | None = None) -> Schema:
    return Schema(type=OpenAPIType.BOOLEAN, description=description)


def _object(required: list[str], properties: dict[str, Schema], description: str | None = None) -> Schema:
    return Schema(
        type=OpenAPIType.OBJECT,
        required=required or None,
        properties=dict(properties) or None,
        additional_properties=True,
        description=description,
    )


_ANY_OBJECT = _object([], {})
_REQUEST = _object(
    ["model", "messages"],
    {
        "model": _text("`@provider/model`, or a bare name where one provider lists it."),
        "messages": _list(
            _object(
                ["role"],
                {
                    "role": _text("system, developer, user, assistant or tool."),
                    "content": Schema(
                        one_of=[_text(), _list(_ANY_OBJECT), Schema(type=OpenAPIType.NULL)],
                        description="Text, or parts: text, images, audio, files.",
                    ),
                    "tool_calls": _list(_ANY_OBJECT),
                    "tool_call_id": _text(),
                },
            ),
            "At least one.",
        ),
        "stream": _flag("Answer with server-sent events."),
        "stream_options": _object([], {"include_usage": _flag("End the stream with a chunk of usage.")}),
        "tools": _list(_ANY_OBJECT),
        "metadata": _ANY_OBJECT,
    },
    "Every other field reaches the provider as it is.",
)
_COMPLETION = _object(
    ["id", "object", "choices"],
    {
        "id": _text(),
        "object": _text("chat.completion"),
        "created": Schema(type=OpenAPIType.INTEGER),
        "model": _text(),
        "choices": _list(
            _object(
                ["index", "message", "finish_reason"],
                {
                    "index": Schema(type=OpenAPIType.INTEGER),
                    "message": _ANY_OBJECT,
                    "finish_reason": _nullable_text(
                        "stop, length, tool_calls, content_filter, function_call, or the provider's own word."
                    ),
                },
            )
        ),
        "usage": _ANY_OBJECT,
    },
)
_ERROR = _object(
    ["error"],
    {
        "error": _object(
            ["message", "type", "param", "code"],
            {
                "message": _text(),
                "type": _text(),
                "param": _nullable_text("The field it is about: messages[0].role."),
                "code": _nullable_text(),
            },
        )
    },
)
_HEADERS = {
    GUARDRAILS_HEADER: "Names of guardrails to add to those that apply anyway, separated by commas.",
    METADATA_HEADER: "A JSON object that goes on record with the exchange.",
    "x-portkey-trace-id": "The caller's own id for this exchange, given back in the response.",
    NAMESPACE_HEADER: "The caller's own division of answers that the cache gives again.",
    REFRESH_HEADER: "Asks the provider although the cache has an answer, which is replaced.",
    "traceparent": "W3C trace context, continued.",
}


def _json(schema: Schema, name: str, example: dict[str, Any]) -> OpenAPIMediaType:
    return OpenAPIMediaType(schema=schema, examples={name: Example(value=example)})


def _responses() -> dict[str, OpenAPIResponse | Reference]:
    stream = OpenAPIMediaType(schema=_text(), examples={"A stream": Example(value=_STREAM)})
    answers: dict[str, OpenAPIResponse | Reference] = {
        "200": OpenAPIResponse(
            description="The answer.",
            content={
                "application/json": _json(_COMPLETION, "A whole answer", _ANSWER),
                "text/event-stream": stream,
            },
        ),
        str(BLOCKED_STATUS): OpenAPIResponse(
            description="A guardrail blocked the request, or the whole answer.",
            content={"application/json": _json(_ERROR, "Blocked", _BLOCKED)},
        ),
    }
    for status, errors in groupby(_ERRORS, key=lambda error: error.status):
        answers[str(status)] = _failure(tuple(errors))
    return dict(sorted(answers.items()))


def _failure(errors: tuple[HandrailError, ...]) -> OpenAPIResponse:
    """Describe one status by all the errors that have it."""
    examples = {type(error).__name__: Example(value=error.body()) for error in errors}
    return OpenAPIResponse(
        description=" Or: ".join(error.message for error in errors),
        content={"application/json": OpenAPIMediaType(schema=_ERROR, examples=dict(examples))},
    )


@dataclass
class _ChatOperation(Operation):
    """The route's entry: litestar cannot see what an ASGI application takes and gives."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            content={
                "application/json": OpenAPIMediaType(
                    schema=_REQUEST,
                    examples={
                        "Whole": Example(value={"model": "@openai/gpt-5-mini", "messages": [_QUESTION]}),
                        "Streamed": Example(
                            value={"model": "@openai/gpt-5-mini", "messages": [_QUESTION], "stream": True}
                        ),
                    },
                )
            },
        )
        self.parameters = [
            Parameter(name=name, param_in="header", required=False, description=text, schema=_text())
            for name, text in _HEADERS.items()
        ]
        self.responses = _responses()


class _SelfGuarded(HTTPRouteHandler):
    """A route that asks for the caller's key itself, because it puts refusals on record.

    Litestar copies a handler for each guard it asks, which would be a twelfth of what an exchange costs here.
    """

    def resolve_guards(self) -> list[Guard]:
        """Return no guards, whatever the layers around have."""
        return []


def chat_route(chat: ChatCompletions) -> HTTPRouteHandler:
    """Return the route that hands its requests to `chat`."""

    @_SelfGuarded(
        PATH,
        http_method=HttpMethod.POST,
        status_code=200,
        sync_to_thread=False,
        operation_class=_ChatOperation,
        summary="Create a chat completion",
        tags=["chat"],
    )
    def create_chat_completion() -> ASGIApp:
        """Screen the request, ask the provider, screen the answer, put all of it on record."""
        return chat

    return create_chat_completion

"""What the OpenAPI document says about chat completions, and the route itself.

The schemas name what Handrail reads and the shape of what it answers; everything else in a request passes
through to the provider, so they are open. The format is OpenAI's
(platform.openai.com/docs/api-reference/chat, 2026-11).
"""

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Schema

from app.api.exchange import PATH, ExchangeEndpoint
from app.api.json_schema import ANY_OBJECT, flag, json_of, list_of, nullable_text, object_of, text
from app.api.schema import exchange_route, operation_class

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


_REQUEST = object_of(
    ["model", "messages"],
    {
        "model": text("`@provider/model`, or a bare name where one provider lists it."),
        "messages": list_of(
            object_of(
                ["role"],
                {
                    "role": text("system, developer, user, assistant or tool."),
                    "content": Schema(
                        one_of=[text(), list_of(ANY_OBJECT), Schema(type=OpenAPIType.NULL)],
                        description="Text, or parts: text, images, audio, files.",
                    ),
                    "tool_calls": list_of(ANY_OBJECT),
                    "tool_call_id": text(),
                },
            ),
            "At least one.",
        ),
        "stream": flag("Answer with server-sent events."),
        "stream_options": object_of([], {"include_usage": flag("End the stream with a chunk of usage.")}),
        "tools": list_of(ANY_OBJECT),
        "metadata": ANY_OBJECT,
    },
    "Every other field reaches the provider as it is.",
)
_COMPLETION = object_of(
    ["id", "object", "choices"],
    {
        "id": text(),
        "object": text("chat.completion"),
        "created": Schema(type=OpenAPIType.INTEGER),
        "model": text(),
        "choices": list_of(
            object_of(
                ["index", "message", "finish_reason"],
                {
                    "index": Schema(type=OpenAPIType.INTEGER),
                    "message": ANY_OBJECT,
                    "finish_reason": nullable_text(
                        "stop, length, tool_calls, content_filter, function_call, or the provider's own word."
                    ),
                },
            )
        ),
        "usage": ANY_OBJECT,
    },
)
_EXAMPLE = {"model": "@openai/gpt-5-mini", "messages": [_QUESTION]}
_DESCRIBED = operation_class(
    _REQUEST,
    {"Whole": _EXAMPLE, "Streamed": _EXAMPLE | {"stream": True}},
    {
        "application/json": json_of(_COMPLETION, "A whole answer", _ANSWER),
        "text/event-stream": OpenAPIMediaType(schema=text(), examples={"A stream": Example(value=_STREAM)}),
    },
)


def chat_route(chat: ExchangeEndpoint) -> HTTPRouteHandler:
    """Return the route that hands its requests to `chat`."""
    return exchange_route(PATH, chat, _DESCRIBED, "Create a chat completion", "chat")

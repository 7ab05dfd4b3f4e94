"""What the OpenAPI document says about completions and embeddings, and their routes.

The formats are OpenAI's (platform.openai.com/docs/api-reference/completions and /embeddings, 2026-11).
"""

from collections.abc import Mapping

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Schema

from app.api.exchange import PATHS, ExchangeEndpoint
from app.api.json_schema import ANY_OBJECT, flag, json_of, list_of, nullable_text, object_of, text
from app.api.schema import exchange_route, operation_class
from app.domain.operation import Operation

_MODEL = "`@provider/model`, or a bare name where one provider lists it."
_NUMBER = Schema(type=OpenAPIType.NUMBER)
_INTEGER = Schema(type=OpenAPIType.INTEGER)
_TOKENS = Schema(one_of=[list_of(_INTEGER), list_of(list_of(_INTEGER))])


def _asked(what: str) -> Schema:
    tokens = "Arrays of tokens are taken where no guardrail would have to read them."
    return Schema(one_of=[text(), list_of(text()), _TOKENS], description=f"{what} {tokens}")


_COMPLETION_REQUEST = object_of(
    ["model", "prompt"],
    {
        "model": text(_MODEL),
        "prompt": _asked("One text, or several."),
        "stream": flag("Answer with server-sent events."),
    },
    "Every other field reaches the provider as it is. Served by providers that speak OpenAI's format.",
)
_COMPLETION = object_of(
    ["object", "choices"],
    {
        "id": text(),
        "object": text("text_completion"),
        "created": _INTEGER,
        "model": text(),
        "choices": list_of(
            object_of(
                ["index", "text", "finish_reason"],
                {"index": _INTEGER, "text": text(), "finish_reason": nullable_text()},
            )
        ),
        "usage": ANY_OBJECT,
    },
)
_COMPLETED = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "gpt-3.5-turbo-instruct",
    "choices": [{"text": " world", "index": 0, "logprobs": None, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
_CHUNK = (
    'data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"gpt-3.5-turbo-instruct",'
    '"choices":[{"text":" world","index":0,"logprobs":null,"finish_reason":null}]}\n\ndata: [DONE]\n\n'
)
_PROMPT = {"model": "@openai/gpt-3.5-turbo-instruct", "prompt": "Hello"}

_EMBEDDINGS_REQUEST = object_of(
    ["model", "input"],
    {
        "model": text(_MODEL),
        "input": _asked("One text, or several."),
        "encoding_format": text("float (default) or base64, whatever the provider sends."),
        "dimensions": _INTEGER,
    },
    "Every other field reaches the provider as it is, if that is one of OpenAI's format.",
)
_EMBEDDINGS = object_of(
    ["object", "data", "model", "usage"],
    {
        "object": text("list"),
        "data": list_of(
            object_of(
                ["object", "index", "embedding"],
                {
                    "object": text("embedding"),
                    "index": _INTEGER,
                    "embedding": Schema(one_of=[list_of(_NUMBER), text()]),
                },
            )
        ),
        "model": text(),
        "usage": Schema(
            type=[OpenAPIType.OBJECT, OpenAPIType.NULL], description="null where a provider does not count."
        ),
    },
)
_EMBEDDED = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}],
    "model": "text-embedding-3-small",
    "usage": {"prompt_tokens": 2, "total_tokens": 2},
}
_TEXTS = {"model": "@openai/text-embedding-3-small", "input": ["Hello", "world"]}

_COMPLETIONS_DESCRIBED = operation_class(
    _COMPLETION_REQUEST,
    {"Whole": _PROMPT, "Streamed": _PROMPT | {"stream": True}},
    {
        "application/json": json_of(_COMPLETION, "A whole answer", _COMPLETED),
        "text/event-stream": OpenAPIMediaType(schema=text(), examples={"A stream": Example(value=_CHUNK)}),
    },
)
_EMBEDDINGS_DESCRIBED = operation_class(
    _EMBEDDINGS_REQUEST,
    {"Texts": _TEXTS},
    {"application/json": json_of(_EMBEDDINGS, "Vectors", _EMBEDDED)},
)


def more_routes(endpoints: Mapping[Operation, ExchangeEndpoint]) -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [
        exchange_route(
            PATHS[Operation.COMPLETION],
            endpoints[Operation.COMPLETION],
            _COMPLETIONS_DESCRIBED,
            "Create a completion",
            "completions",
        ),
        exchange_route(
            PATHS[Operation.EMBEDDINGS],
            endpoints[Operation.EMBEDDINGS],
            _EMBEDDINGS_DESCRIBED,
            "Create embeddings",
            "embeddings",
        ),
    ]

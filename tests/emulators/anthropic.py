"""Anthropic's Messages API on a real socket: it refuses what the vendor refuses and answers what it is asked.

    async with Upstream(messages_api()) as upstream: ...
    async with Upstream(messages_api(key="sk-ant-1"), path="/v1") as upstream: ...

Requests are held against the vendor's own types (`tests/oracles.py`) and rules (`anthropic_rules.py`); errors
are in its words and its form. The answer follows from the request alone: a thought where thinking is on, a
call where one is forced or the user says `call NAME`, JSON of the schema where there is one, else an echo of
what the user said. A user who says `error TYPE` gets that error, `break TYPE` gets it in mid-stream.
"""

import json
import re
from typing import Any

import jsonschema
from anthropic.types.message_create_params import MessageCreateParams

from tests.emulators.anthropic_events import events_of, sse
from tests.emulators.anthropic_rules import broken_rule
from tests.golden import anthropic_cases as cases
from tests.oracles import checker, violations
from tests.upstreams import Answer, Connection, Received, stream, whole

STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_VERSIONS = frozenset({"2023-06-01", "2026-10-21"})
_ORDER = re.compile(r"\b(call|error|break) ([a-zA-Z0-9_-]+)")
_OLD = jsonschema.Draft202012Validator(cases.load(cases.SCHEMA_2023))
_MODELS = [
    {
        "type": "model",
        "id": "claude-x",
        "display_name": "Claude X",
        "created_at": "2026-02-19T00:00:00Z",
        "lifecycle": "active",
    }
]


class Refused(Exception):
    """The request gets an error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def messages_api(key: str = "k") -> Answer:
    """Return the API as an answer of `tests.upstreams.Upstream`, to any number of requests.

    Args:
        key: the one it accepts, as `x-api-key` or as a bearer.
    """

    async def answer(connection: Connection, request: Received) -> None:
        try:
            found = _answer(request, key)
        except Refused as refused:
            found = whole(
                _error(refused.kind, str(refused)),
                status=STATUSES[refused.kind],
                headers={"request-id": "req_1", "x-should-retry": "false"},
            )
        await found(connection, request)

    return answer


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def _answer(request: Received, key: str) -> Answer:
    version = request.headers.get("anthropic-version")
    if key not in {
        request.headers.get("x-api-key"),
        request.headers.get("authorization", "").removeprefix("Bearer "),
    }:
        raise Refused("authentication_error", "invalid x-api-key")
    if version is None:
        raise Refused("invalid_request_error", "anthropic-version: header is required")
    if version not in _VERSIONS:
        raise Refused("invalid_request_error", f'anthropic-version: "{version}" is not a valid version')
    path = request.target.partition("?")[0]
    if (request.method, path.endswith("/models")) == ("GET", True):
        page = {"data": _MODELS, "has_more": False, "first_id": "claude-x", "last_id": "claude-x"}
        return whole(page, headers={"request-id": "req_1"})
    if (request.method, path.endswith("/messages")) != ("POST", True):
        raise Refused("not_found_error", "Not found")
    return _message(_checked(request, version))


def _checked(request: Received, version: str) -> dict[str, Any]:
    try:
        body: dict[str, Any] = request.json()
    except ValueError:
        raise Refused("invalid_request_error", "The request body is not valid JSON") from None
    types = (
        _OLD
        if version == "2023-06-01" and _is_of_old(body)
        else checker(MessageCreateParams, close_open=False)
    )
    wrong = violations(types, body)
    message = broken_rule(body, version) if not wrong else wrong[0]
    if message is not None:
        raise Refused("invalid_request_error", message)
    if not body["model"].startswith("claude-"):
        raise Refused("not_found_error", f"model: {body['model']}")
    return body


def _is_of_old(body: Any) -> bool:
    """Whether it has what only the older version knows; for all else the newer types know more."""
    return isinstance(body, dict) and any(name in body for name in ("temperature", "top_p", "top_k"))


def _message(body: dict[str, Any]) -> Answer:
    order = _ORDER.search(_last_text(body))
    verb, name = order.groups() if order else ("", "")
    if verb == "error":
        raise Refused(name, f"The user asked for {name}.")
    said = _content(body, name if verb == "call" else None)
    message = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": said,
        "stop_reason": "tool_use" if said[-1]["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            "input_tokens": len(json.dumps(body["messages"])) // 4 + 1,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": len(json.dumps(said)) // 4 + 1,
            "service_tier": "standard",
        },
    }
    headers = {"request-id": "req_1"}
    if not body.get("stream"):
        return whole(message, headers=headers)
    events = [sse(event) for event in events_of(message)]
    if verb == "break":
        events = [*events[:4], sse(_error(name, f"The user asked for {name}."))]
    return stream(events, headers=headers)


def _last_text(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    if isinstance(content, str):
        return content
    texts = [block["text"] for block in content if block["type"] == "text"]
    results = [str(block.get("content")) for block in content if block["type"] == "tool_result"]
    return " ".join([*texts, *results])


def _content(body: dict[str, Any], wanted: str | None) -> list[dict[str, Any]]:
    thoughts: list[dict[str, Any]] = []
    if body.get("thinking", {"type": "disabled"})["type"] != "disabled":
        thoughts = [{"type": "thinking", "thinking": "Let me see.", "signature": "c2lnbmF0dXJl"}]
    tools = {tool["name"]: tool for tool in body.get("tools", ())}
    choice = body.get("tool_choice", {"type": "auto"})
    if choice["type"] == "tool":
        wanted = choice["name"]
    elif choice["type"] == "any":
        wanted = wanted or list(tools)[-1]
    if wanted in tools and choice["type"] != "none":
        schema = tools[wanted]["input_schema"]
        call = {"type": "tool_use", "id": "toolu_01", "name": wanted, "input": example(schema, schema)}
        return [*thoughts, call]
    wish = (body.get("output_config") or {}).get("format")
    text = json.dumps(example(wish["schema"], wish["schema"])) if wish else f"You said: {_last_text(body)}"
    return [*thoughts, {"type": "text", "text": text.rstrip()}]


def example(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """Return a value of the schema, as far as the subset for structured output goes."""
    match schema:
        case {"$ref": str(reference)}:
            return example(root["$defs"][reference.rpartition("/")[2]], root)
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"anyOf": [first, *_]} | {"allOf": [first, *_]}:
            return example(first, root)
        case {"type": "object"}:
            return {key: example(inner, root) for key, inner in schema.get("properties", {}).items()}
        case {"type": "array"}:
            return [example(schema["items"], root)] if "items" in schema else []
        case _:
            kind = schema.get("type", "null")
            values = {"string": "a", "integer": 1, "number": 0.5, "boolean": True, "null": None}
            return values[kind[0] if isinstance(kind, list) else kind]

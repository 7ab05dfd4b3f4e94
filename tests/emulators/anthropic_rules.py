"""What Anthropic refuses in a request, in its own words, as far as no type says it.

Collected from docs.claude.com ("Messages", "Tool use", "Extended thinking", "Prompt caching", "Errors",
2026-11) and from errors quoted in issues of its clients. Types are not looked at here: `tests/oracles.py`
holds bodies against the vendor's own.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_KNOWN = frozenset(
    "model max_tokens messages system tools tool_choice stop_sequences temperature top_p top_k stream "
    "metadata service_tier thinking output_config cache_control container context_management mcp_servers "
    "speed inference_geo diagnostics anthropic_version user_profile_id".split()
)
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_SAMPLING = ("temperature", "top_p", "top_k")
Blocks = list[dict[str, Any]]


def broken_rule(body: Any, version: str | None = None) -> str | None:
    """Return the message of the error that the body meets; None if it meets none.

    Args:
        body: decoded.
        version: `anthropic-version`; None: whatever suits the body.
    """
    if not isinstance(body, dict):
        return "body: Input should be a valid dictionary"
    checks = (_fields, _messages, _tool_turns, _tools, _thinking, _sampling, _caching)
    for check in checks:
        for message in check(body):
            return message
    if version == "2026-10-21":
        return next((f"{name}: Extra inputs are not permitted" for name in _SAMPLING if name in body), None)
    return None


def _fields(body: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name}: Field required" for name in ("model", "max_tokens", "messages") if name not in body)
    yield from (f"{name}: Extra inputs are not permitted" for name in body if name not in _KNOWN)
    if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1:
        yield "max_tokens: Input should be greater than or equal to 1"
    if any(not text.strip() for text in body.get("stop_sequences", ())):
        yield "stop_sequences: each stop sequence must contain non-whitespace"


def _blocks(content: Any) -> Blocks:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _messages(body: dict[str, Any]) -> Iterator[str]:
    messages = body["messages"]
    if not messages:
        yield "messages: at least one message is required"
        return
    if messages[0]["role"] != "user":
        yield 'messages: first message must use the "user" role'
    for i, message in enumerate(messages):
        blocks = _blocks(message["content"])
        if not blocks:
            yield f"messages.{i}: all messages must have non-empty content"
        yield from _texts(blocks, f"messages.{i}")
    yield from _texts(_blocks(body.get("system", [])), "system")
    last = _blocks(messages[-1]["content"])[-1]
    if (
        messages[-1]["role"] == "assistant"
        and last["type"] == "text"
        and last["text"] != last["text"].rstrip()
    ):
        yield "messages: final assistant content cannot end with trailing whitespace"


def _texts(blocks: Blocks, place: str) -> Iterator[str]:
    for block in blocks:
        if block["type"] == "text" and not block["text"]:
            yield f"{place}: text content blocks must be non-empty"
        if block["type"] == "text" and not block["text"].strip():
            yield f"{place}: text content blocks must contain non-whitespace text"
        if block["type"] == "tool_result" and isinstance(block.get("content"), list):
            yield from _texts(block["content"], place)


def _tool_turns(body: dict[str, Any]) -> Iterator[str]:
    used: set[str] = set()
    asked: list[str] = []
    for i, message in enumerate(body["messages"]):
        blocks = _blocks(message["content"])
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        first = [block["type"] == "tool_result" for block in blocks[: len(results)]]
        if asked and (message["role"] != "user" or not all(first) or set(asked) - set(results)):
            yield (
                f"messages.{i}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(sorted(set(asked) - set(results)))}"
            )
        if set(results) - set(asked):
            yield f"messages.{i}: unexpected `tool_use_id` found in `tool_result` blocks"
        if len(set(results)) != len(results):
            yield f"messages.{i}: each tool_use must have a single result"
        asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
        yield from (f"messages.{i}: tool_use.id: String should match pattern" for name in asked
                    if not _ID.fullmatch(name))  # fmt: skip
        if len(set(asked)) != len(asked) or used & set(asked):
            yield f"messages.{i}: `tool_use` ids must be unique"
        used |= set(asked)
    if asked:
        yield "messages: `tool_use` ids were found without `tool_result` blocks immediately after"


def _tools(body: dict[str, Any]) -> Iterator[str]:
    tools = body.get("tools", [])
    names = [tool["name"] for tool in tools]
    if len(set(names)) != len(names):
        yield "tools: Tool names must be unique."
    for i, tool in enumerate(tools):
        if not _NAME.fullmatch(tool["name"]):
            yield f"tools.{i}.name: String should match pattern"
        if tool["input_schema"].get("type") != "object":
            yield f"tools.{i}.input_schema.type: Input should be 'object'"
        if tool.get("strict"):
            yield from _open_objects(tool["input_schema"], f"tools.{i}")
    yield from _choice(body.get("tool_choice"), names)
    answer = (body.get("output_config") or {}).get("format")
    if answer is not None:
        yield from _open_objects(answer["schema"], "output_config.format.schema")


def _choice(choice: Any, names: list[str]) -> Iterator[str]:
    if choice is not None and not names:
        yield "tool_choice: may only be specified while providing tools"
    if choice is not None and choice["type"] == "tool" and choice["name"] not in names:
        yield f"tool_choice: Tool '{choice['name']}' not found in provided tools"


def _open_objects(schema: Any, place: str) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _open_objects(item, place)
    elif isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            yield f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        for item in schema.values():
            yield from _open_objects(item, place)


def _thinking(body: dict[str, Any]) -> Iterator[str]:
    thinking = body.get("thinking", {"type": "disabled"})
    if thinking["type"] == "disabled":
        return
    if body.get("tool_choice", {"type": "auto"})["type"] in {"any", "tool"}:
        yield "Thinking may not be enabled when tool_choice forces tool use."
    if body.get("temperature", 1) != 1 or "top_k" in body or body.get("top_p", 1) < 0.95:
        yield "`temperature` may only be set to 1 when thinking is enabled."
    if thinking["type"] != "enabled":
        return
    if thinking["budget_tokens"] < 1024:
        yield "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
    if thinking["budget_tokens"] >= body["max_tokens"]:
        yield "`max_tokens` must be greater than `thinking.budget_tokens`."
    turns = [_blocks(message["content"]) for message in body["messages"] if message["role"] == "assistant"]
    results = {block["type"] for block in _blocks(body["messages"][-1]["content"])} == {"tool_result"}
    if results and turns and turns[-1][0]["type"] not in {"thinking", "redacted_thinking"}:
        yield "Expected `thinking` or `redacted_thinking`, but found `tool_use`."


def _sampling(body: dict[str, Any]) -> Iterator[str]:
    if not 0 <= body.get("temperature", 1) <= 1:
        yield "temperature: range: 0..1"


def _caching(body: dict[str, Any]) -> Iterator[str]:
    count = json.dumps([body.get("tools"), body.get("system"), body["messages"]]).count('"cache_control": {')
    if count + ("cache_control" in body) > 4:
        yield f"A maximum of 4 blocks with cache_control may be provided. Found {count}."

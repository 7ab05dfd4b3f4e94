"""What a compatible provider refuses, by the dialect of its row: the other side of what is sent to it.

    assert faults(cases.row("groq"), body) == []

The rows say what vendors and gateways found (`app/catalogue/providers.yaml`); this proves that we keep to
them, not that they are right.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from app.catalogue.dialect import Dialect
from app.catalogue.row import Row

_ROUTED = {"model", "messages", "stream"}
_LIMITS = ("max_tokens", "max_completion_tokens")


def faults(row: Row, body: dict[str, Any]) -> list[str]:
    """Return the places of a request that this provider would not take."""
    dialect = row.dialect
    found = [*_params(dialect, body), *_tools(dialect, body), *_formats(dialect, body)]
    for place, message in enumerate(body["messages"]):
        path = f"messages[{place}]"
        found += [f"{path}.{fault}" for fault in _message(dialect, message)]
        found += [f"{path}.{fault}" for fault in _content(row, message.get("content"))]
    for before, after in pairwise(body["messages"]):
        roles = (before["role"], after["role"])
        if dialect.bridge_tool_to_user is not None and roles == ("tool", "user"):
            found.append("unexpected role 'user' after role 'tool'")
        if dialect.alternate_roles and roles in {("user", "user"), ("assistant", "assistant")}:
            found.append("roles must alternate")
        if dialect.alternate_roles and roles[1] == "system" != roles[0]:
            found.append("instructions must come first")
    return found


def _params(dialect: Dialect, body: dict[str, Any]) -> Iterator[str]:
    unwanted = {*dialect.drop, *dialect.rename}
    if dialect.max_tokens_field != "either":
        unwanted |= set(_LIMITS) - {dialect.max_tokens_field}
    if dialect.effort in {"reasoning", "enable_thinking"}:
        unwanted.add("reasoning_effort")
    if dialect.stream_usage != "opt-in":
        unwanted.add("stream_options")
    yield from (name for name in body if name in unwanted)
    if dialect.unknown_fields == "refuse":
        yield from (name for name in body if name not in {*dialect.known, *_ROUTED})
    for name, bounds in dialect.clamp.items():
        value = body.get(name, bounds.min)
        if value is not None and not (bounds.min or 0) <= value <= (bounds.max or value):
            yield name
    for name, replacements in dialect.replace.items():
        yield from (name for one in replacements if name in body and body[name] == one.value)


def _tools(dialect: Dialect, body: dict[str, Any]) -> Iterator[str]:
    choice = body.get("tool_choice")
    word = choice if isinstance(choice, str) else "named"
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        word = "allowed"
    if choice is not None and word in dialect.tool_choice:
        yield "tool_choice"
    for place, tool in enumerate(body.get("tools", ())):
        function = tool.get("function", {})
        if "strict" in function and not dialect.strict_tools:
            yield f"tools[{place}].function.strict"
        if dialect.parameters_required and "parameters" not in function:
            yield f"tools[{place}].function.parameters"


def _formats(dialect: Dialect, body: dict[str, Any]) -> Iterator[str]:
    wish = body.get("response_format") or {"type": "text"}
    forms = {
        "native": wish.get("type") == "json_schema" and "json_schema" in wish,
        "schema": wish.get("type") == "json_schema" and "schema" in wish,
        "object": wish.get("type") == "json_object" and "schema" in wish,
    }
    if wish["type"] == "json_schema" or "schema" in wish:
        if not forms.get(dialect.json_schema):
            yield "response_format"
    elif wish["type"] == "json_object":
        if dialect.json_object in {"schema", "none"}:
            yield "response_format"
        if dialect.json_object == "word" and "json" not in str(body["messages"]).lower():
            yield "messages: the word json is missing"


def _message(dialect: Dialect, message: dict[str, Any]) -> Iterator[str]:
    known = dialect.message_fields
    allowed = (
        {*(known or ()), "name"} if dialect.tool_names and message["role"] == "tool" else set(known or ())
    )
    yield from (name for name in message if name in dialect.message_drop)
    yield from (name for name in message if known is not None and name not in allowed)
    if dialect.roles.get(message["role"], message["role"]) != message["role"]:
        yield "role"
    if dialect.tool_names and message["role"] == "tool" and not message.get("name"):
        yield "name"
    ids = [call["id"] for call in message.get("tool_calls") or ()]
    ids += [message["tool_call_id"]] if message["role"] == "tool" else []
    if dialect.tool_ids is not None:
        yield from ("id" for one in ids if not re.fullmatch(dialect.tool_ids.pattern, one))
    field = dialect.reasoning_field
    other = {"reasoning_content": "reasoning", "reasoning": "reasoning_content"}.get(field or "")
    if other in message:
        yield str(other)


def _content(row: Row, content: Any) -> Iterator[str]:
    for place, part in enumerate(content if isinstance(content, list) else ()):
        if row.dialect.parts is not None and part["type"] not in row.dialect.parts:
            yield f"content[{place}].type"
        if part["type"] == "image_url":
            image = part["image_url"]
            url = image["url"] if isinstance(image, dict) else image
            if row.images == "none" or (row.images == "data" and not url.startswith("data:")):
                yield f"content[{place}]"
        elif row.dialect.flat_content and all(other["type"] == "text" for other in content):
            yield "content"

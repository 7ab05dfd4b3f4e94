"""Tools that may be offered, and calls that may be made."""

import json
from typing import Any

import pytest

from guardrails import Conversation, Tool, ToolCall
from guardrails.config import ConfigError
from tests.guardrails.checks.examining import examiner, faults

SCHEMA = {
    "type": "object",
    "properties": {"path": {"type": "string", "pattern": "^/tmp/"}, "n": {"type": "integer"}},
    "required": ["path"],
    "additionalProperties": False,
}
PLACE = "choices[0].message.tool_calls[0]"
OFFERED = Conversation(
    tools=(
        Tool("tools[0].function", "read", SCHEMA),
        Tool("tools[1].function", "list"),
        Tool("tools[2].custom", "shell"),
        Tool("tools[3].function", "odd", {"type": "no such type"}),
        Tool("tools[4].function", "far", {"$ref": "https://example.com/schema.json"}),
    )
)


def call(name: str, arguments: str = "{}", kind: str = "function") -> ToolCall:
    return ToolCall(f"{PLACE}.{kind}", name, arguments)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, []),
        ({"allow": ["read", "list", "sh*", "odd", "far"]}, []),
        ({"allow": ["read", "list", "far", "odd"]}, [("not_allowed", "tools[2].custom")]),
        ({"deny": ["READ", "list"]}, [("denied", "tools[0].function"), ("denied", "tools[1].function")]),
        ({"allow": ["*"], "deny": ["shell"]}, [("denied", "tools[2].custom")]),
        ({"allow": []}, [("not_allowed", tool.path) for tool in OFFERED.tools]),
    ],
)
def test_tools_of_a_request_may_be_offered_or_not(
    config: dict[str, object], said: list[tuple[str, str]]
) -> None:
    assert faults(examiner("tools", config), OFFERED) == said


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (call("read", '{"path": "/tmp/a", "n": 1}'), None),
        (call("read", ' {"path": "/tmp/a"} '), None),
        (call("read", '{"path": "/etc/passwd"}'), "schema"),
        (call("read", '{"path": "/tmp/a", "n": "1"}'), "schema"),
        (call("read", '{"path": "/tmp/a", "extra": 1}'), "schema"),
        (call("read", "{}"), "schema"),
        (call("read", ""), "schema"),
        (call("read", "[]"), "schema"),
        (call("read", '{"path": "/tmp/a"'), "invalid_json"),
        (call("read", '{"path": "/tmp/a"} and more'), "invalid_json"),
        (call("read", '{"path": "/etc/a", "path": "/tmp/a"}'), "invalid_json"),
        (call("read", "path=/tmp/a"), "invalid_json"),
        (call("list", ""), None),
        (call("list", "{}"), None),
        (call("list", '{"any": 1}'), None),
        (call("list", "3"), "schema"),
        (call("shell", "rm -rf /", "custom"), None),
        (call("shell", "rm -rf /"), "invalid_json"),
        (call("write"), "not_offered"),
        (call("Read", '{"path": "/tmp/a"}'), "not_offered"),
        (call(""), "not_offered"),
        (call("odd", "{}"), "schema"),
        (call("far", "{}"), "schema"),
    ],
    ids=repr,
)
def test_a_call_is_as_it_must_be_or_not(made: ToolCall, fault: str | None) -> None:
    said = faults(examiner("tools", {}), OFFERED, made)
    assert said == ([] if fault is None else [(fault, made.path)])


@pytest.mark.parametrize(
    ("config", "made", "fault"),
    [
        ({"deny": ["read"]}, call("read", "{"), "denied"),
        ({"allow": ["list"]}, call("read"), "not_allowed"),
        ({"offered": False}, call("write"), None),
        ({"offered": False}, call("write", "{"), "invalid_json"),
        ({"arguments": False}, call("read", "{"), None),
        ({"schemas": {"read": True}}, call("read", "3"), None),
        ({"schemas": {"read": False}}, call("read", '{"path": "/tmp/a"}'), "schema"),
        ({"schemas": {"shell": {"type": "integer"}}}, call("shell", "3", "custom"), None),
        ({"schemas": {"shell": {"type": "integer"}}}, call("shell", "x", "custom"), "invalid_json"),
    ],
    ids=repr,
)
def test_configuration_says_what_counts(config: dict[str, object], made: ToolCall, fault: str | None) -> None:
    said = faults(examiner("tools", config), OFFERED, made)
    assert said == ([] if fault is None else [(fault, made.path)])


def test_every_call_is_examined() -> None:
    made = [ToolCall(f"{PLACE}[{i}]", name, "{}") for i, name in enumerate(["list", "rm", "list", "dd"])]
    check = examiner("tools", {})
    assert faults(check, OFFERED, *made) == [("not_offered", made[1].path), ("not_offered", made[3].path)]


def test_calls_of_earlier_turns_are_not_judged_again() -> None:
    earlier = Conversation(calls=(call("rm", "{"),))
    assert faults(examiner("tools", {}), earlier) == []


def test_a_pattern_of_a_request_cannot_stall_it() -> None:
    slow: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}
    known = Conversation(tools=(Tool("tools[0].function", "f", slow),))
    arguments = json.dumps({"x": "a" * 50_000 + "!"})
    assert faults(examiner("tools", {}), known, call("f", arguments)) == [("schema", f"{PLACE}.function")]


def test_a_schema_that_is_none_is_refused_by_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        examiner("tools", {"schemas": {"read": {"type": "no such type"}}})
    assert caught.value.path.startswith("guardrails.any.checks[0].tools.schemas.read")

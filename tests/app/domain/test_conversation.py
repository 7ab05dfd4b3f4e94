"""A request is told to guardrails as they know it."""

from typing import Any

import pytest

from app.domain.conversation import chosen_headers, conversation_of, offers_tools
from app.domain.model_request import ModelRequest
from guardrails import Part, Tool, ToolCall

SCHEMA = {"type": "object"}


def request(**fields: Any) -> ModelRequest:
    return ModelRequest({"model": "@fake/m", "messages": [], **fields}, "@fake/m")


def test_what_is_asked_and_what_is_said_about_it() -> None:
    parts = (Part("messages[0].content", "hi"),)
    known = conversation_of(request(metadata={"team": "a", "n": 1}), parts, headers={"authorization": "x"})
    assert (known.model, known.request_type, known.parts) == ("@fake/m", "chatComplete", parts)
    assert known.metadata == {"team": "a", "n": "1"}
    assert known.headers == {"authorization": "x"}
    assert conversation_of(request(metadata={"team": "a"}), (), {"team": ["b", "ü"]}).metadata == {
        "team": '["b", "ü"]'
    }
    assert conversation_of(request(metadata=None), ()).metadata == {}


def test_tools_of_every_form_are_known() -> None:
    tools = [
        {"type": "function", "function": {"name": "ls", "parameters": SCHEMA}},
        {"type": "custom", "custom": {"name": "sh"}},
        {"type": "web_search"},
    ]
    assert conversation_of(request(tools=tools, functions=[{"name": "old"}]), ()).tools == (
        Tool("tools[0].function", "ls", SCHEMA),
        Tool("tools[1].custom", "sh"),
        Tool("tools[2]", "web_search"),
        Tool("functions[0]", "old"),
    )


OFFERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a server": ({"tools": [{"type": "mcp", "server_url": "https://x"}]}, ["mcp"]),
    "a server by an allowed name": ({"tools": [{"type": "mcp", "name": "ls"}]}, ["mcp", "ls"]),
    "a server with a function": ({"tools": [{"type": "mcp", "function": {"name": "ls"}}]}, ["mcp", "ls"]),
    "a flat function": ({"tools": [{"type": "function", "name": "rm"}]}, ["rm"]),
    "a function under two names": ({"tools": [{"function": {"name": "ls"}, "name": "rm"}]}, ["ls", "rm"]),
    "a vendor's own": ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, ["bash_20250124", "bash"]),
    "no name": ({"tools": [{"type": "function"}, {}, 7, "x"]}, ["", "", "", "x"]),
    "no kind that is one": ({"tools": [{"type": ["function"]}]}, ["['function']"]),
    "no list": ({"tools": {"type": "mcp"}}, ["mcp"]),
    "servers": ({"mcp_servers": [{"type": "url", "name": "ls"}]}, ["mcp_servers", "ls"]),
    "plugins": ({"plugins": [{"id": "web"}]}, ["plugins", "web"]),
    "a search": ({"web_search_options": {}}, ["web_search_options"]),
    "nothing": ({"tools": None, "functions": [], "plugins": None, "web_search_options": None}, []),
}


@pytest.mark.parametrize("offer", OFFERS)
def test_whatever_may_act_is_a_tool(offer: str) -> None:
    document, names = OFFERS[offer]
    assert [tool.name for tool in conversation_of(request(**document), ()).tools] == names


def test_calls_of_earlier_turns_are_known() -> None:
    messages = [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "1", "function": {"name": "ls", "arguments": "{}"}},
                {"id": "2", "custom": {"name": "sh", "input": "rm"}},
            ],
        },
        {"role": "assistant", "function_call": {"name": "old", "arguments": "{"}},
    ]
    assert conversation_of(request(messages=messages), ()).calls == (
        ToolCall("messages[1].tool_calls[0].function", "ls", "{}"),
        ToolCall("messages[1].tool_calls[1].custom", "sh", "rm"),
        ToolCall("messages[2].function_call", "old", "{"),
    )


def test_only_the_headers_that_are_read_are_told() -> None:
    sent = [(b"authorization", b"Bearer x"), (b"X-Team", b" a "), (b"x-team", b"b"), (b"cookie", b"c")]
    assert chosen_headers(sent, frozenset({"x-team"})) == {"x-team": "a, b"}


def test_what_a_request_has_is_counted() -> None:
    def item(kind: str) -> dict[str, Any]:
        return {"type": kind}

    messages = [
        {"role": "user", "content": [item("image_url"), item("text"), item("file"), "junk"]},
        {"role": "user", "content": "image_url"},
        {"role": "user", "content": [item("image_url"), item("input_audio")]},
    ]
    known = conversation_of(request(messages=messages), ())
    assert (known.messages, known.images, known.files) == (3, 2, 2)


def test_what_lets_a_model_act_is_an_offer() -> None:
    assert offers_tools({"tools": [{}]})
    assert offers_tools({"functions": [{}]})
    assert offers_tools({"web_search_options": {}})
    assert not offers_tools({"tools": [], "functions": None, "web_search_options": None})

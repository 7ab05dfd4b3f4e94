"""Words before what a message says, by Portkey's rules."""

from typing import Any

import pytest

from app.domain.prefixes import prefixed
from guardrails import Prefix

USER = {"role": "user", "content": "Hello"}
SYSTEM = {"role": "system", "content": "Help."}
PIECES = {"role": "user", "content": [{"type": "image_url", "image_url": {}}, {"type": "text", "text": "Hi"}]}
PICTURE = {"role": "user", "content": [{"type": "image_url", "image_url": {}}]}


@pytest.mark.parametrize(
    ("messages", "prefix", "written"),
    [
        ([USER, USER], Prefix("P ", "user"), [USER | {"content": "P Hello"}, USER]),
        ([SYSTEM, USER], Prefix("P ", "system"), [SYSTEM | {"content": "P Help."}, USER]),
        ([USER], Prefix("P", "system"), [{"role": "system", "content": "P"}, USER]),
        ([SYSTEM], Prefix("P", "user"), [SYSTEM, {"role": "user", "content": "P"}]),
        ([USER], Prefix("P", "user", to_existing=False), [{"role": "user", "content": "P"}, USER]),
        ([USER], Prefix("P", "user", only_if_empty=True), [USER]),
        ([PIECES], Prefix("P", "user", only_if_empty=True), [PIECES]),
        ([USER | {"content": ""}], Prefix("P", "user", only_if_empty=True), [USER | {"content": "P"}]),
        ([USER | {"content": None}], Prefix("P", "user"), [USER | {"content": "P"}]),
        (
            [PIECES],
            Prefix("P ", "user"),
            [PIECES | {"content": [PIECES["content"][0], {"type": "text", "text": "P Hi"}]}],
        ),
        (
            [PICTURE],
            Prefix("P", "user", only_if_empty=True),
            [PICTURE | {"content": [{"type": "text", "text": "P"}, PICTURE["content"][0]]}],
        ),
    ],
)
def test_a_prefix_is_written(messages: list[Any], prefix: Prefix, written: list[Any]) -> None:
    document = {"model": "m", "messages": messages}
    assert prefixed(document, [prefix]) == {"model": "m", "messages": written}
    assert document == {"model": "m", "messages": messages}, "the request stays as it came"


def test_prefixes_are_written_one_after_the_other() -> None:
    document = prefixed({"messages": [USER]}, [Prefix("a", "user"), Prefix("b", "user")])
    assert document["messages"][0]["content"] == "baHello"
    assert prefixed({"messages": [USER]}, []) == {"messages": [USER]}

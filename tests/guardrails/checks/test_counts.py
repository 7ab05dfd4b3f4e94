"""How much a request may be."""

import pytest

from guardrails import Conversation, Part, Side, Subject, Tool
from guardrails.config import ConfigError
from tests.guardrails.checks.examining import examiner, faults

KNOWN = Conversation(messages=3, images=2, files=1, tools=(Tool("tools[0].function", "ls"),))
PARTS = (Part("messages[0].content", "x" * 70), Part("messages[1].content", "日本語" * 10))


@pytest.mark.parametrize(
    ("bound", "count", "rule", "path"),
    [
        ("max_messages", 3, "too_many_messages", "messages"),
        ("max_tools", 1, "too_many_tools", "tools"),
        ("max_images", 2, "too_many_images", "messages"),
        ("max_files", 1, "too_many_files", "messages"),
        ("max_chars", 100, "too_many_chars", "request"),
        ("max_tokens", 46, "too_many_tokens", "request"),
    ],
)
def test_a_bound_is_kept_or_crossed(bound: str, count: int, rule: str, path: str) -> None:
    assert faults(examiner("counts", {bound: count}), KNOWN, parts=PARTS) == []
    assert faults(examiner("counts", {bound: count - 1}), KNOWN, parts=PARTS) == [(rule, path)]


def test_several_bounds_are_several_remarks() -> None:
    check = examiner("counts", {"max_images": 0, "max_chars": 1, "max_tools": 9})
    assert [rule for rule, _ in faults(check, KNOWN, parts=PARTS)] == ["too_many_images", "too_many_chars"]


def test_half_a_character_counts() -> None:
    part = Part("messages[0].content", "\ud800" * 7)
    (remark,) = examiner("counts", {"max_tokens": 5}).examine(Subject(Side.INPUT, KNOWN, (part,)))
    assert remark.rule == "too_many_tokens"


@pytest.mark.parametrize(
    ("config", "message"), [({}, "give one of max_messages"), ({"max_chars": -1}, ">= 0")]
)
def test_a_bound_that_is_none_is_refused(config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        examiner("counts", config)

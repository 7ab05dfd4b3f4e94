"""What a pattern matches is replaced, as JavaScript would."""

from typing import Any

import pytest
from hypothesis import given, settings

from guardrails import Engine, Part
from guardrails.config import ConfigError
from guardrails.conformance.law import assert_conforms
from guardrails.conformance.texts import TEXTS
from guardrails.portkey.replacing import regex_replace
from tests.guardrails.planted import policy


async def replaced(text: str, **config: Any) -> str:
    engine = Engine([policy(regex_replace(config, "p"))], b"key")
    screening = await engine.screen([Part("messages[0].content", text)])
    return screening.redacted.get("messages[0].content", text)


@pytest.mark.parametrize(
    ("text", "config", "new"),
    [
        ("a1 b2", {"rule": r"\d"}, "a[REDACTED] b2"),
        ("a1 b2", {"rule": r"/\d/g"}, "a[REDACTED] b[REDACTED]"),
        ("Ab ab", {"rule": "/ab/gi", "redactText": "x"}, "x x"),
        ("a\nb", {"rule": "/^b/m", "redactText": "x"}, "a\nx"),
        ("a\nb", {"rule": "/a.b/s", "redactText": "x"}, "x"),
        ("call 555-1234", {"rule": r"(\d{3})-(\d{4})", "redactText": "$1-****"}, "call 555-****"),
        ("jane doe", {"rule": r"/(?<first>\w+) (?<last>\w+)/", "redactText": "$<last> $1"}, "doe jane"),
        ("abc", {"rule": "b", "redactText": "<$&>"}, "a<b>c"),
        ("abc", {"rule": "b", "redactText": "$$1"}, "a$1c"),
        ("ab", {"rule": "(x)?b", "redactText": "[$1]"}, "a[]"),
        ("abc", {"rule": "b", "redactText": ""}, "a[REDACTED]c"),
        ("abc", {"rule": "x*"}, "abc"),
        ("é1é", {"rule": r"/\d(é)/", "redactText": "$1"}, "éé"),
        ("a/b", {"rule": "/"}, "a[REDACTED]b"),
    ],
)
async def test_a_text_is_replaced(text: str, config: dict[str, object], new: str) -> None:
    assert await replaced(text, **config) == new


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"rule": "(?=a)"}, "p.rule"),
        ({"rule": "/a/x"}, "p.rule"),
        ({"rule": ""}, "p.rule"),
        ({"rule": "a", "redactText": "$1"}, "p.redactText"),
        ({"rule": "(?<a>a)", "redactText": "$<b>"}, "p.redactText"),
        ({"rule": "a", "with": "b"}, "p.with"),
    ],
)
def test_a_mistake_is_named_when_it_is_loaded(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as raised:
        regex_replace(config, "p")
    assert raised.value.path == path


@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_it_keeps_the_law(text: str) -> None:
    assert_conforms(regex_replace({"rule": r"/\w+@\w+|\d \d/g"}, "p"), text)
    assert_conforms(regex_replace({"rule": r"\d+"}, "p"), text)

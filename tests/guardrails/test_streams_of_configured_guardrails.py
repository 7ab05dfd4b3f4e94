"""The proof once more, over the checks there are: as configured, on texts in which they find things."""

import asyncio
import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, Engine, Guardrail, Mode, Part
from guardrails.config import guardrail
from guardrails.conformance.texts import TEXTS
from tests.guardrails import oracle
from tests.guardrails.streams import PATH, Streamed, assert_as_whole, cut

CHECKS: list[Mapping[str, object]] = [
    {"pii": {}},
    {"pii": {"entities": ["email", "card"]}},
    {"secrets": {}},
    {
        "words": {
            "deny": ["New York City", "order number", "river", "bung los", "中文字"],
            "allow": ["river bank"],
        }
    },
    {"words": {"allow": ["the", "call me", "my phone number is", "order", "a", "b", "foo bar", "日本語"]}},
    {"regex": {"pattern": r"[a-z]+\d+", "per": "word"}},
    {"regex": {"pattern": [r"order.*\d", r"^v .*$"], "replace": "(line)"}},
    {"regex": {"pattern": r"(?s)foo.*?bar", "per": "text"}},
    {"regex": {"pattern": [{"pattern": r"(\w+)@", "name": "at", "replace": "$1 at "}, "bank"]}},
    {"urls": {"allow": ["good.example"], "images": [], "rules": ["exfiltration", "private_host"]}},
    {"code": {"deny": ["python", "sql"]}},
    {"code": {"unfenced": False}},
    {"json": {"where": "anywhere", "keys": ["a"]}},
    {"length": {"min_chars": 10, "max_chars": 60}},
    {"length": {"min_words": 2, "max_lines": 3}},
]
SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=8)


def _built(checks: list[Mapping[str, object]], action: Action, mode: Mode, name: str = "any") -> Guardrail:
    if action is Action.REDACT:
        checks = [check for check in checks if not {"length", "json"} & check.keys()] or CHECKS[:1]
    return guardrail(
        name, {"checks": checks, "action": action.value, "mode": mode.value, "timeout_ms": 60_000}
    )


@st.composite
def policies(draw: st.DrawFn) -> list[Guardrail]:
    """Draw up to three guardrails over one to three of the checks."""
    return [
        _built(
            draw(st.lists(st.sampled_from(CHECKS), min_size=1, max_size=3, unique_by=id)),
            draw(st.sampled_from(Action)),
            draw(st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.MONITOR])),
            f"g{i}",
        )
        for i in range(draw(st.integers(1, 3)))
    ]


@settings(deadline=None, max_examples=200)
@given(policies(), TEXTS, SIZES)
def test_any_text_in_any_fragments_under_any_guardrails(
    guardrails: list[Guardrail], text: str, sizes: list[int]
) -> None:
    engine = Engine(guardrails, oracle.KEY)
    assert_as_whole(guardrails, engine, text, [text])
    assert_as_whole(guardrails, engine, text, cut(text, sizes))
    assert_as_whole(guardrails, engine, text, cut(text, [1]))


VALUES = [
    "jane.doe@example.com",
    "4111 1111 1111 1111",
    "GB82 WEST 1234 5698 7654 32",
    "460-89-9847",
    "+1 (212) 736-5000",
    "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",
    "AKIAIOSFODNN7SECRETS",
    "New York City",
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("action", [Action.BLOCK, Action.REDACT])
def test_no_value_gets_out_wherever_it_is_cut(value: str, action: Action) -> None:
    guardrails = [
        _built([{"pii": {}}, {"secrets": {}}, {"words": {"deny": ["New York City"]}}], action, Mode.ENFORCE)
    ]
    engine = Engine(guardrails, oracle.KEY)
    for text in (f"It is {value} as I said.", f"Es ist\n{value}", f"这是 {value} 。"):
        at = text.index(value)
        whole = text[:at] if action is Action.BLOCK else _placeholder_in(engine, text, value)
        for first in range(at, at + len(value) + 1):
            assert_as_whole(guardrails, engine, text, [text[:first], text[first:]])
            for second in range(first, at + len(value) + 1):
                assert Streamed(engine, [text[:first], text[first:second], text[second:]]).text == whole


def _placeholder_in(engine: Engine, text: str, value: str) -> str:
    """Return the text with one placeholder instead of the value, whatever its rule is called."""
    (placeholder,) = re.findall(r"\[[A-Z_]+\]", Streamed(engine, [text]).text)
    return text.replace(value, placeholder)


PROSE = (
    "The committee met on Tuesday, as it always does, and looked at the plans for the new harbour. Nobody "
    "was quite sure who had drawn them; the engineer said so twice (and he is 'never' wrong). There were "
    "three of them, or 4 if one counts the sketch on the back of an envelope, from 1987.\n\n- In the end it "
    "was agreed to wait for spring.\n"
)


@pytest.mark.parametrize("size", [1, 4, 7])
def test_of_prose_little_more_than_the_current_word_is_held(size: int) -> None:
    engine = Engine([_built([{"pii": {}}, {"secrets": {}}], Action.REDACT, Mode.ENFORCE)], oracle.KEY)

    async def held_at_each_step() -> list[int]:
        screen = engine.output()
        held = []
        for fragment in cut(PROSE, [size]):
            await screen.feed(Part(PATH, fragment))
            held.append(screen.coverage.received - screen.coverage.released)
        return held

    held = asyncio.run(held_at_each_step())
    assert sum(held) / len(held) < 5
    assert max(held) < 20


@pytest.mark.parametrize("words", ["step{} ", "AB{} ", "v{}) ", "in 20{:02}, as ", "item {} is ", "x_{} "])
async def test_numbers_in_words_and_prose_do_not_hold_an_answer_back(words: str) -> None:
    screen = Engine(
        [_built([{"pii": {}}, {"secrets": {}}], Action.REDACT, Mode.ENFORCE)], oracle.KEY
    ).output()
    held = 0
    for i in range(100):
        text = words.format(i)
        held += len(text) - len(await screen.feed(Part(PATH, text)))
        assert held <= 16

"""What is found in a view is where the original says it: no more, no less, whatever the disguise."""

# ruff: noqa: RUF001 (letters that look like others are what this file is about)

import asyncio
import random

import pytest
from casefold_fuzz import TECHNIQUES, mutate
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Check, Engine, Part, Run
from guardrails.config import guardrail
from guardrails.reader import Reader, ask_about
from guardrails.views.readings import readings
from tests.guardrails import oracle
from tests.guardrails.disguises import DISGUISES, IN_PLACE, PAYLOADS

VALUES: dict[str, dict[str, object]] = {
    "jane.doe@example.com": {"pii": {"entities": ["email"]}},
    "4111 1111 1111 1111": {"pii": {"entities": ["card"]}},
    "project bluebird": {"words": {"deny": ["project bluebird"]}},
    "EMP-123456-X": {"regex": {"pattern": r"EMP-\d{6}-X"}},
}
PROSE = [
    "It is",
    "мир",
    "中文。",
    "“so”",
    "naïve",
    "1",
    "e\u0301t",
    "ﬁn",
    "½",
    "👨\u200d👩",
    "می\u200cخواهم",
    "100%",
    "&amp;",
]


def _check(value: str) -> Check:
    (check,) = guardrail("g", {"checks": [VALUES[value]], "action": "flag"}).checks
    assert isinstance(check, Check)
    return check


CHECKS = {value: _check(value) for value in VALUES}


def _found(value: str, text: str) -> list[tuple[int, int]]:
    check = CHECKS[value]
    outcome = ask_about(check, Run(text), Reader([check]).questions(text).get(0, ()))
    assert outcome.error is None
    return [(match.start, match.end) for match in outcome.matches]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*VALUES]),
    st.sampled_from([*DISGUISES]),
    st.lists(st.sampled_from(PROSE), max_size=4),
    st.lists(st.sampled_from(PROSE), max_size=4),
)
def test_a_finding_covers_what_is_written_and_nothing_around_it(
    value: str, disguise: str, before: list[str], behind: list[str]
) -> None:
    written = DISGUISES[disguise](value)
    left, right = " ".join([*before, ""]), " ".join([" —", *behind])
    ((start, end),) = _found(value, left + written + right)
    inside = len(written.rstrip("\n")) - 1 if disguise in IN_PLACE else len(value)
    assert len(left) <= start < end <= len(left) + len(written)
    assert end - start >= inside


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*VALUES]), st.lists(st.sampled_from([*PROSE, *DISGUISES]), min_size=1, max_size=6))
def test_what_stands_at_the_place_of_a_finding_is_found_again(value: str, pieces: list[str]) -> None:
    text = ""
    written = []
    for piece in pieces:
        word = DISGUISES[piece](value) if piece in DISGUISES else piece
        if piece in DISGUISES:
            written.append((len(text), len(text) + len(word)))
        text += f"{word} "
    found = _found(value, text)
    for start, end in found:
        assert _found(value, text[start:end])
    for start, end in written:
        assert any(first < end and start < last for first, last in found)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from([*DISGUISES]), st.text(max_size=20))
def test_every_reading_of_any_text_is_from_within_it(text: str, disguise: str, more: str) -> None:
    text = (text + DISGUISES[disguise]("project bluebird") + more).encode(errors="replace").decode()
    for reading in readings(text):
        places = [reading.origin(at, at + 1) for at in range(len(reading.text))]
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)
        assert reading.origin(0, 0)[0] <= reading.origin(len(reading.text), len(reading.text))[0] <= len(text)


SEEN_THROUGH = ("casefold", "homoglyph", "invisible")


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_variants_of_a_phrase_by_known_techniques(technique: str) -> None:
    """Leet and letters set apart are no disguise of characters.

    A list of phrases does not see through them, nor through the dotless i: in Turkish it makes another word.
    """
    phrase = "ignore previous instructions"
    (check,) = guardrail("g", {"checks": [{"words": {"deny": [phrase]}}], "action": "flag"}).checks
    assert isinstance(check, Check)
    variants = mutate(phrase, techniques=[technique], max_variants=40)
    assert variants
    for variant in variants:
        text = f"Now {variant.text} please"
        outcome = ask_about(check, Run(text), Reader([check]).questions(text).get(0, ()))
        is_found = technique in SEEN_THROUGH and "\u0131" not in variant.text
        assert bool(outcome.matches) == is_found, ascii(variant.text)


GENUINE = [
    "Комитет собрался во вторник и купил USB-кабель за 4111 рублей.",
    "کمیته در روز سه\u200cشنبه می\u200cخواهد ۱۲۳۴ کتاب بخرد.",
    "The committee’s “plan” — as always… — was met with a ﬁrm naïveté.",
    "Wir nehmen Donau\u00addampf\u00adschiffe um 10\u00a0Uhr.",
    "समिति की बैठक १२ बजे हुई और 委员会在星期二开会，并查看了计划。",
    "👨\u200d👩\u200d👧 ❤\ufe0f 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 1\ufe0f\u20e3",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "https://example.com/a%20b?c=d&amp;e=f#0123456789abcdef0123456789abcdef",
]


@pytest.mark.parametrize("text", GENUINE)
@pytest.mark.parametrize("action", ["redact", "block"])
def test_genuine_text_passes_as_it_is(text: str, action: str) -> None:
    checks = [
        {"pii": {}},
        {"secrets": {}},
        {"unicode": {}},
        {"encoded": {}},
        {"words": {"deny": ["bluebird"]}},
    ]
    engine = Engine([guardrail("g", {"checks": checks, "action": action, "timeout_ms": 60_000})], oracle.KEY)
    screening = asyncio.run(engine.screen([Part("messages[0].content", text)]))
    assert screening.blocked is None
    assert screening.redacted == {}
    assert screening.verdicts[0].findings == ()


def test_random_words_and_numbers_have_no_payloads() -> None:
    numbers = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    tokens = ["".join(numbers.choices(letters, k=numbers.randint(14, 40))) for _ in range(4_000)]
    assert sum(bool(readings(token)) for token in tokens) <= 2, "one in 20,000, as measured"


@pytest.mark.parametrize("disguise", PAYLOADS)
def test_a_third_layer_is_out_of_reach(disguise: str) -> None:
    """A bound, stated: who writes base64 of base64 of base64 is found by `encoded`."""
    written = PAYLOADS["base64 of base64"](PAYLOADS[disguise]("project bluebird"))
    assert _found("project bluebird", written) == []

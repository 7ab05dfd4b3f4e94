"""What is kept of an answer, and which answers are not."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cache.entry import COMPLETE, Entry, decode, encode, is_complete, make_entry
from app.domain.events import ChoiceFinished, Started, TextDelta, UsageReported
from app.wire.openai.fold import Fold
from tests.caches import answer

KEY = "k" * 64


def _entry(document: dict[str, Any]) -> Entry:
    made = make_entry(KEY, document, provider="openai", model="gpt-5.6", exchange_id="e-1", made_at_s=5.0)
    assert made is not None
    return made


def _bytes(document: dict[str, Any]) -> bytes:
    value = encode(_entry(document))
    assert value is not None
    return value


def test_an_answer_comes_back_as_it_was_with_what_is_known_of_it() -> None:
    found = decode(KEY, _bytes(answer()))
    assert found == Entry(2, KEY, 5.0, "openai", "gpt-5.6", "e-1", answer())
    assert found.usage == answer()["usage"]


def test_an_entry_gives_the_events_its_provider_gave() -> None:
    entry = decode(KEY, _bytes(answer()))
    assert entry is not None
    assert [type(event) for event in entry.events()] == [Started, TextDelta, ChoiceFinished, UsageReported]
    fold = Fold()
    for event in entry.events():
        fold.add(event)
    assert fold.document() == answer()


@pytest.mark.parametrize("reason", sorted(COMPLETE))
def test_an_answer_that_is_whole_by_its_providers_own_word_is_kept(reason: str) -> None:
    assert is_complete(answer(reason=reason))


@pytest.mark.parametrize(
    "reason",
    [
        None,
        "",
        "content_filter",
        "error",
        "SAFETY",
        "refusal",
        "pause_turn",
        "ERROR_LIMIT",
        "a word of tomorrow",
    ],
)
def test_an_answer_that_is_cut_withheld_or_ends_in_an_unknown_way_is_not_kept(reason: str | None) -> None:
    assert not is_complete(answer(reason=reason))


def test_the_providers_own_word_counts_beside_openais() -> None:
    assert is_complete(answer(native_finish_reason="end_turn"))
    assert not is_complete(answer(native_finish_reason="malformed_model_output"))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"error": {"message": "no"}},
        {**answer(), "error": {"message": "no"}},
        {**answer(), "choices": []},
        {**answer(), "choices": None},
        {**answer(), "choices": [*answer()["choices"], answer(reason=None)["choices"][0]]},
        {**answer(), "choices": ["text"]},
        answer(error={"message": "no"}),
        answer(message=None),
        answer(text=""),
    ],
)
def test_errors_halves_and_answers_of_nothing_are_not_kept(document: dict[str, Any]) -> None:
    assert make_entry(KEY, document, provider="p", model="m", exchange_id="e-1", made_at_s=0.0) is None


def test_a_call_of_a_tool_is_an_answer() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    assert is_complete(answer(reason="tool_calls", message=message))


def test_the_value_of_another_key_is_no_value() -> None:
    assert decode("j" * 64, _bytes(answer())) is None


def test_an_entry_of_another_version_or_of_half_an_answer_is_no_value() -> None:
    for changed in (
        msgspec.structs.replace(_entry(answer()), version=0),
        msgspec.structs.replace(_entry(answer()), document=answer(reason="content_filter")),
    ):
        value = encode(changed)
        assert value is not None
        assert decode(KEY, value) is None


@given(st.binary())
def test_junk_is_no_value(junk: bytes) -> None:
    assert decode(KEY, junk) is None


@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_a_broken_value_is_none_or_still_of_its_key(place: int, junk: bytes) -> None:
    value = _bytes(answer())
    found = decode(KEY, value[:place] + junk + value[place + len(junk) :])
    assert found is None or (found.key == KEY and is_complete(found.document))


def test_junk_that_nests_without_end_is_no_value() -> None:
    assert decode(KEY, b"\x91" * 100_000) is None


def test_an_answer_with_a_number_beyond_64_bits_has_no_bytes() -> None:
    assert encode(_entry({**answer(), "huge": 2**70})) is None

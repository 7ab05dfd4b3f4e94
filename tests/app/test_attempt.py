"""What an attempt learns from its events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attempt import note_event, note_released, shown_names, usage_of
from app.domain.events import ChoiceFinished, Started, TextDelta, UsageReported
from app.domain.exchange import Attempt, Usage


@pytest.fixture
def attempt() -> Attempt:
    return Attempt(
        number=1,
        provider="p",
        provider_kind="openai",
        model="m",
        server_address="127.0.0.1",
        server_port=80,
        started_ns=1,
    )


def test_it_notes_ids_reasons_and_tokens(attempt: Attempt) -> None:
    note_event(attempt, Started({"id": "as it came", "service_tier": "flex"}))
    note_released(attempt, Started({"id": "chatcmpl-1", "model": "m-2026"}))
    assert attempt.service_tier == "flex"
    note_event(attempt, TextDelta(0, "content", "hi"))
    note_event(attempt, ChoiceFinished(0, "stop", {}))
    note_event(attempt, ChoiceFinished(1, "length", {}))
    note_event(attempt, UsageReported({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}))
    assert (attempt.response_id, attempt.response_model) == ("chatcmpl-1", "m-2026")
    assert attempt.finish_reasons == ("stop", "length")
    assert attempt.usage == Usage(prompt_tokens=3, completion_tokens=5)
    assert attempt.first_event_ns is not None


def test_only_the_first_event_sets_the_time_of_the_first(attempt: Attempt) -> None:
    note_event(attempt, Started({}))
    first = attempt.first_event_ns
    note_event(attempt, TextDelta(0, "content", "hi"))
    assert attempt.first_event_ns == first


def test_details_are_read_where_they_are() -> None:
    usage = usage_of(
        {
            "prompt_tokens": 10,
            "completion_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": 2},
        }
    )
    assert usage == Usage(
        prompt_tokens=10,
        completion_tokens=4,
        cached_tokens=6,
        reasoning_tokens=2,
        cache_write_tokens=1,
    )


def test_the_tier_it_was_served_in_is_noted(attempt: Attempt) -> None:
    note_event(attempt, Started({"id": "chatcmpl-1", "service_tier": "flex"}))
    assert attempt.service_tier == "flex"


@given(st.none() | st.booleans() | st.text() | st.floats() | st.integers() | st.lists(st.none()))
def test_nonsense_details_are_left_out(count: object) -> None:
    details = {"cached_tokens": count, "cache_write_tokens": count}
    usage = usage_of({"prompt_tokens_details": details})
    for value in (usage.cached_tokens, usage.cache_write_tokens):
        assert value is None or (type(value) is int and value >= 0)


@given(
    st.dictionaries(
        st.sampled_from(["prompt_tokens", "completion_tokens", "prompt_tokens_details"]),
        st.none() | st.booleans() | st.text() | st.floats() | st.integers() | st.lists(st.none()),
    )
)
def test_nonsense_counts_are_left_out(fields: dict[str, object]) -> None:
    usage = usage_of(fields)
    for count in (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens):
        assert count is None or (type(count) is int and count >= 0)


def test_names_of_dropped_parameters_are_shown_as_they_are() -> None:
    names = ("top_k", "seed", "messages[0].content[1]", "thinking.budget_tokens")
    assert shown_names(names, str) == names


@pytest.mark.parametrize(
    "name", ["", "a,b", "a b", "a\r\nset-cookie: b", "é", "a\x7f", "x" * 65, "sk-hunter2 is a secret"]
)
def test_a_name_that_must_not_be_shown_is_left_out(name: str) -> None:
    assert shown_names(("top_k", name, "seed"), str) == ("top_k", "seed")


def test_a_secret_for_a_name_is_hidden() -> None:
    assert shown_names(("hunter2",), lambda name: name.replace("hunter2", "[SECRET]")) == ("[SECRET]",)


@given(st.lists(st.text("ab,é ", max_size=70) | st.just("top_k"), max_size=60))
def test_whatever_was_dropped_fits_and_shows_the_same_twice(names: list[str]) -> None:
    shown = shown_names(tuple(names), str)
    assert len(", ".join(shown)) < 2000
    assert shown_names(shown, str) == shown

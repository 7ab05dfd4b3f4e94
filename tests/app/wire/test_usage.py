from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.usage import token_count, tokens_together, usage_fields

COUNTS = st.integers(0, 10**6)
ANYTHING = st.one_of(
    st.none(),
    COUNTS,
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.integers(2**53 - 1, 2**70),
)
DETAILS = st.none() | st.dictionaries(st.sampled_from(["audio_tokens", "cached_tokens"]), ANYTHING)


def test_usage_is_openai_s() -> None:
    found = usage_fields(
        prompt=10, completion=5.0, cached=4, cache_write=6, reasoning=5, prompt_details={"audio_tokens": 0}
    )
    assert found == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 4, "cache_write_tokens": 6},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }


def test_what_nobody_counted_is_not_zero() -> None:
    assert usage_fields(prompt=None, completion=None) == {}
    assert usage_fields(prompt=3, completion=None, cached=None) == {"prompt_tokens": 3}
    assert usage_fields(prompt=None, completion=None, reasoning=2) == {
        "completion_tokens_details": {"reasoning_tokens": 2}
    }


def test_a_part_beyond_its_whole_is_left_out() -> None:
    assert usage_fields(prompt=3, completion=2, cached=4, reasoning=3) == usage_fields(prompt=3, completion=2)
    assert usage_fields(prompt=3, completion=2, cached=2, cache_write=2) == usage_fields(
        prompt=3, completion=2, cached=2
    )


def test_a_detail_does_not_hide_a_count() -> None:
    found = usage_fields(prompt=3, completion=2, cached=2, prompt_details={"cached_tokens": None})
    assert found["prompt_tokens_details"] == {"cached_tokens": 2}


@given(st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING), DETAILS, DETAILS)
def test_sums_hold_and_nonsense_never_appears(
    counts: tuple[Any, Any, Any, Any, Any], of_prompt: dict[str, Any] | None, of_answer: dict[str, Any] | None
) -> None:
    prompt, completion, cached, written, reasoning = counts
    found = usage_fields(
        prompt=prompt,
        completion=completion,
        cached=cached,
        cache_write=written,
        reasoning=reasoning,
        prompt_details=of_prompt,
        completion_details=of_answer,
    )
    asked, answered = found.get("prompt_tokens"), found.get("completion_tokens")
    assert found.get("total_tokens") == (None if asked is None or answered is None else asked + answered)
    assert (asked is None) == (token_count(prompt) is None)
    for whole, key in ((asked, "prompt_tokens_details"), (answered, "completion_tokens_details")):
        parts = found.get(key, {"": 0})
        assert parts
        assert all(type(part) is int and 0 <= part <= 2**53 for part in parts.values())
        assert whole is None or all(part <= whole for part in parts.values())
        assert whole is None or parts.get("cached_tokens", 0) + parts.get("cache_write_tokens", 0) <= whole


@pytest.mark.parametrize(
    "value", [None, True, "12", -1, 1.5, float("nan"), float("inf"), 1e300, 2**53 + 1, []]
)
def test_what_is_no_count_is_none(value: object) -> None:
    assert token_count(value) is None


@pytest.mark.parametrize(("value", "count"), [(0, 0), (12, 12), (12.0, 12), (2**53, 2**53)])
def test_a_count_is_whole(value: object, count: int) -> None:
    assert token_count(value) == count
    assert type(token_count(value)) is int


def test_what_is_counted_apart_is_added() -> None:
    assert tokens_together(1, None, 2.0, "x") == 3
    assert tokens_together(None, "x") is None
    assert tokens_together(0, None) == 0

"""Signatures are found by their call, and the store has bounds."""

from hypothesis import given
from hypothesis import strategies as st

from app.wire.gemini.signatures import Signatures


def test_a_signature_is_found_by_its_call() -> None:
    kept = Signatures()
    kept.note("call_1", "a")
    kept.note("call_2", "b")
    kept.note("call_1", "c")
    assert (kept.find("call_1"), kept.find("call_2"), kept.find("call_3")) == ("c", "b", None)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept = Signatures(max_entries=2)
    kept.note("1", "a")
    kept.note("2", "b")
    kept.find("1")
    kept.note("3", "c")
    assert [kept.find(call_id) for call_id in "123"] == ["a", None, "c"]


def test_what_is_larger_than_the_store_is_not_kept() -> None:
    kept = Signatures(max_bytes=10)
    kept.note("1", "a")
    kept.note("2", "x" * 10)
    assert (kept.find("1"), kept.find("2")) == ("a", None)


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=2), st.text("xy", max_size=12))))
def test_the_bounds_always_hold(notes: list[tuple[str, str]]) -> None:
    kept = Signatures(max_entries=3, max_bytes=20)
    for call_id, signature in notes:
        kept.note(call_id, signature)
        assert len(kept) <= 3
        assert kept.size_bytes <= 20
    entries = {call_id: kept.find(call_id) for call_id in dict(notes)}
    assert kept.size_bytes == sum(
        len(key) + len(value) for key, value in entries.items() if value is not None
    )

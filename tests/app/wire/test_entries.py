"""Entries of lists that grow; what the `openai` SDK makes of them is in test_sdk_streams.py."""

from app.domain.events import Extra
from app.wire.entries import Entries


def test_each_list_is_counted_by_itself() -> None:
    entries = Entries(2)
    assert entries.next({"a": [{"x": 1}, {"x": 2}]}) == Extra(
        2, {"a": [{"x": 1, "index": 0}, {"x": 2, "index": 1}]}
    )
    found = entries.next({"a": [{"x": 3}], "b": [{"x": 4}]})
    assert found == Extra(2, {"a": [{"x": 3, "index": 2}], "b": [{"x": 4, "index": 0}]})


def test_a_number_of_the_vendors_own_does_not_count() -> None:
    assert Entries(0).numbered("a", [{"index": 7}]) == [{"index": 0}]


def test_what_is_no_object_stays_as_it_is() -> None:
    assert Entries(0).numbered("a", ["x", {}]) == ["x", {"index": 1}]


def test_what_is_given_is_not_changed() -> None:
    given = {"x": 1}
    Entries(0).numbered("a", [given])
    assert given == {"x": 1}

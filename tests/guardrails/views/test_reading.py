"""A reading knows where each of its characters is from, through any number of readings."""

from guardrails.view import View
from guardrails.views.reading import Pieces, Reading, payload


def _reading(
    *added: tuple[str, int, int] | tuple[str, int, int, int], source: Reading | None = None
) -> Reading:
    pieces = Pieces()
    for item in added:
        pieces.add(*item)
    return pieces.reading(View.FOLDED, pieces.text(), source)


def test_text_as_it_was_is_where_it_was() -> None:
    reading = _reading(("ab", 3, 5), ("cd", 5, 7), ("ef", 9, 11))
    assert reading.text == "abcdef"
    assert [reading.origin(at, at + 1) for at in range(6)] == [
        (3, 4), (4, 5), (5, 6), (6, 7), (9, 10), (10, 11),
    ]  # fmt: skip
    assert reading.origin(1, 5) == (4, 10), "what is invisible between belongs to it"
    assert reading.origin(0, 4) == (3, 7), "what is invisible behind does not"


def test_a_ligature_is_one_character_for_all_of_its_letters() -> None:
    reading = _reading(("a", 0, 1), ("ffi", 1, 2), ("b", 2, 3))
    assert reading.origin(2, 3) == (1, 2)
    assert reading.origin(0, 2) == (0, 2)


def test_escapes_of_one_length_have_their_own_places() -> None:
    reading = _reading(("ABC", 2, 11, 3))
    assert [reading.origin(at, at + 1) for at in range(3)] == [(2, 5), (5, 8), (8, 11)]


def test_a_place_without_characters_is_before_the_next_one() -> None:
    reading = _reading(("ab", 1, 3), ("c", 5, 6))
    assert [reading.origin(at, at) for at in range(4)] == [(1, 1), (2, 2), (5, 5), (6, 6)]
    assert _reading(("ab", 1, 3), ("c", 5, 6), ("d", 8, 9)).origin(4, 4) == (9, 9)
    assert _reading().origin(0, 0) == (0, 0)


def test_places_go_through_every_reading() -> None:
    first = _reading(("%41%42", 10, 16))
    second = _reading(("AB", 0, 6, 3), source=first)
    written = payload("text", 1, 2, second)
    assert second.origin(1, 2) == (13, 16)
    assert written.origin(0, 1) == written.origin(0, 4) == (13, 16)


def test_only_what_reads_all_of_the_text_is_in_place() -> None:
    written = payload("x", 0, 1, None)
    assert _reading(("x", 0, 1)).in_place
    assert not written.in_place
    assert not _reading(("x", 0, 1), source=written).in_place


def test_where_all_is_taken_back_there_is_no_last_character() -> None:
    pieces = Pieces()
    pieces.add("a", 0, 1)
    assert (pieces.last, pieces.take_last(), pieces.last) == ("a", 0, "")


def test_the_last_character_can_be_taken_back() -> None:
    pieces = Pieces()
    assert pieces.last == ""
    pieces.add("abc", 0, 3)
    assert pieces.last == "c"
    assert pieces.take_last() == 2
    assert pieces.last == "b"
    pieces.add("x", 2, 5)
    assert pieces.take_last() == 2
    pieces.add("yy", 2, 3)
    assert pieces.take_last() == 2
    reading = pieces.reading(View.FOLDED, pieces.text(), None)
    assert reading.text == "aby"
    assert [reading.origin(at, at + 1) for at in range(3)] == [(0, 1), (1, 2), (2, 3)]

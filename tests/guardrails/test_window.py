"""The window cuts at borders and nowhere else, early, and at a cost about linear in the text."""

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Check, is_break
from guardrails.check import BRIEF_LENGTH
from guardrails.prefilter import Prefilter
from guardrails.view import AS_IT_IS_READ
from guardrails.views.readings import GOING_ON
from guardrails.window import _LAST_BREAK, Window
from tests.guardrails.planted import Broken, Groups, Line, Phrase, Whole, Word

TEXTS = st.text(st.sampled_from("ab12 \n中、\u3000\xa0é"), max_size=40)


def chunks(text: str, sizes: list[int]) -> list[str]:
    pieces: list[str] = []
    for size in itertools.cycle(sizes or [1]):
        if not text:
            return pieces
        pieces.append(text[:size])
        text = text[size:]
    return pieces


def runs(window: Window, pieces: list[str]) -> list[str]:
    return [run for run in [*(window.feed(piece) for piece in pieces), window.finish()] if run]


def test_its_breaks_are_those_of_the_law() -> None:
    for code in range(sys.maxunicode + 1):
        assert (_LAST_BREAK.match(chr(code)) is not None) == is_break(chr(code)), hex(code)


def test_it_releases_up_to_the_last_break() -> None:
    window = Window([])
    assert window.feed("one two thr") == "one two "
    assert window.held_length == 3
    assert window.feed("ee") == ""
    assert window.feed("\n") == "three\n"
    assert window.held_length == 0
    assert window.start == 14
    assert window.feed("four") == ""
    assert window.finish() == "four"
    assert window.finish() == ""


def test_it_releases_behind_every_character_of_scripts_without_spaces() -> None:
    window = Window([])
    assert [window.feed(character) for character in "你好。"] == ["你", "好", "。"]


def test_it_holds_while_a_match_is_open_and_cuts_before_it() -> None:
    window = Window([Groups("number", "[0-9]")])
    assert window.feed("call 12 34 ") == "call "
    assert window.feed("56 ") == ""
    assert window.feed("now ") == "12 34 56 now "


def test_one_fragment_may_hold_a_match_of_many_words_behind_a_border() -> None:
    window = Window([Groups("number", "[0-9]")])
    assert window.feed("call " + "12 " * 14) == "call "


def test_a_border_may_stand_directly_before_a_break_that_is_none() -> None:
    class Ended(Word):
        def is_open(self, text: str, start: int) -> bool:
            return not text.endswith("\n")

    assert Window([Ended("w", "w")]).feed("one\n ") == "one\n"


def test_an_open_match_of_any_check_holds() -> None:
    window = Window([Word("w", "w"), Phrase(), Groups("number", "[0-9]")])
    assert window.feed("ab ") == ""
    assert window.feed("cd ") == ""
    assert window.feed("1 ") == ""
    assert window.feed("on ") == "ab cd 1 on "


class _Seen(Phrase):
    views = AS_IT_IS_READ


def test_a_border_is_one_in_every_view() -> None:
    window = Window([_Seen()])
    assert window.feed("one a\u200bb ") == "one "
    assert window.feed("c%64 ") == ""
    assert window.feed("&#101;f ") == "a\u200bb c%64 &#101;f "
    assert window.feed("\uff41") == "", "full-width letters are no breaks in the folded text"
    assert window.feed("x\u3000") == "\uff41x\u3000"
    assert window.feed("中\u3164") == "中\u3164"


def test_wrapped_base64_is_held_to_its_end() -> None:
    window = Window([_Seen()])
    assert window.feed("key: " + "aB3+" * 8) == "key: "
    assert window.feed("\n") == ""
    assert window.feed("  aB3=\n") == "aB3+" * 8 + "\n  aB3=\n"


def test_wrapped_base64_that_only_shows_when_read_is_held_to_its_end() -> None:
    window = Window([_Seen()])
    assert window.feed("key: " + "aB3\u200b+" * 8) == "key: "
    assert window.feed("\n") == ""
    assert window.feed("  aB3=\n") == "aB3\u200b+" * 8 + "\n  aB3=\n"


def test_for_checks_of_the_text_as_it_stands_views_hold_nothing() -> None:
    assert Window([Phrase()]).feed("a\u200bb ") == "a\u200bb "
    assert Window([Phrase()]).feed("aB3+" * 8 + "\n") == "aB3+" * 8 + "\n"


def test_it_tells_checks_where_the_held_text_begins() -> None:
    asked: list[tuple[str, int]] = []

    class Asked(Word):
        def is_open(self, text: str, start: int) -> bool:
            asked.append((text, start))
            return text.startswith("b")

    window = Window([Asked("w", "w")])
    for piece in ("a ", "b ", "c ", "d"):
        window.feed(piece)
    assert asked == [("a ", 0), ("b ", 2), ("b c ", 2)]
    assert window.start == 2


class _Opened(Word):
    """Is open behind its word, and says so beforehand."""

    def __init__(self, rule: str, pattern: str, *, says: bool = True) -> None:
        super().__init__(rule, pattern)
        self.looked_at: list[str] = []
        self.openers = (pattern,) if says else None

    def is_open(self, text: str, start: int) -> bool:
        self.looked_at.append(text)
        return self._rule in text


def test_who_says_where_it_may_be_open_is_asked_there_only() -> None:
    checks = [_Opened("a", "a"), _Opened("b", "b"), _Opened("c", "c", says=False), _Opened("d", "d")]
    openings = Prefilter([check.openers for check in checks[:3]], GOING_ON)
    window = Window(checks, openings=openings)
    assert [window.feed(piece) for piece in ("x ", "b ", "x ")] == ["x ", "", ""]
    assert [set(check.looked_at) for check in checks] == [set(), {"b ", "b x "}, {"x "}, {"x "}]
    assert window.finish() == "b x "
    long = "y" * BRIEF_LENGTH + " "
    assert window.feed(long) == long
    assert [check.looked_at[-1:] for check in checks] == [[long]] * 4


@pytest.mark.parametrize("begun", ["a\u200bb ", "a\x00b ", "&#97;b ", "a%62 ", "aB3+" * 8 + "\n"])
def test_what_a_view_shows_is_looked_at_whatever_the_text_itself_says(begun: str) -> None:
    for openings in (None, Prefilter([(r"\bab\s",)], GOING_ON)):
        window = Window([_Seen()], openings=openings)
        assert window.feed("one ") == "one "
        assert window.feed(begun) == ""
        assert window.feed("x ") == f"{begun}x "


def test_told_so_it_holds_everything_to_the_end() -> None:
    window = Window([], whole=True)
    assert [window.feed(piece) for piece in ("a b ", "c\n")] == ["", ""]
    assert window.finish() == "a b c\n"


def test_a_check_that_cannot_say_counts_as_open_and_is_named() -> None:
    check = Broken(KeyError("secret"), opens=True)
    window = Window([check])
    assert window.feed("one ") == ""
    assert window.failures == [(check, "KeyError")]
    assert window.finish() == "one "


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(1, 20), max_size=5))
def test_the_runs_are_the_text_and_begin_at_borders(text: str, sizes: list[int]) -> None:
    checks: list[Check] = [Groups("number", "[0-9]"), Line()]
    found = runs(Window(checks), chunks(text, sizes))
    assert "".join(found) == text
    for end in itertools.accumulate(len(run) for run in found[:-1]):
        assert is_break(text[end - 1])
        assert not any(check.is_open(text[:end], 0) for check in checks)


@settings(deadline=None)
@given(TEXTS)
def test_one_character_at_a_time_it_holds_nothing_in_front_of_a_border(text: str) -> None:
    checks: list[Check] = [Groups("number", "[0-9]"), Line()]
    window = Window(checks)
    for end in range(1, len(text) + 1):
        window.feed(text[end - 1])
        borders = [
            place
            for place in range(1, end + 1)
            if is_break(text[place - 1]) and not any(check.is_open(text[:place], 0) for check in checks)
        ]
        assert window.start == max(borders, default=0)


class _Counting(Whole):
    """Adds up how much it was asked to look at."""

    def __init__(self) -> None:
        self.looked_at = 0

    def is_open(self, text: str, start: int) -> bool:
        self.looked_at += len(text)
        return True


def _looked_at(text: str, size: int) -> int:
    checks = [_Counting(), _Counting(), _Counting()]
    window = Window(checks)
    assert runs(window, chunks(text, [size])) == [text]
    return sum(check.looked_at for check in checks)


def test_a_text_without_breaks_costs_no_looks() -> None:
    assert _looked_at("x" * 100_000, 4) == 0


def test_the_cost_of_a_text_that_stays_open_is_linear() -> None:
    for unit, size in (("abc ", 4), ("中", 1), ("a ", 1000), (" ", 1_000_000)):
        quarter, full = (_looked_at(unit * (length // len(unit)), size) for length in (25_000, 100_000))
        assert full <= 6 * quarter, unit
        assert full <= 100 * 100_000, unit


def test_who_held_before_is_asked_first() -> None:
    asked: list[str] = []

    class Asked(Word):
        def is_open(self, text: str, start: int) -> bool:
            asked.append(self._rule)
            return self._rule == "holds"

    window = Window([Asked("lets go", "w"), Asked("holds", "w")])
    window.feed("one ")
    window.feed("two ")
    assert asked == ["lets go", "holds", "holds"]


def test_what_was_held_long_goes_out_soon_after_it_has_closed() -> None:
    window = Window([Line()])
    assert not any(window.feed("BEGIN " + "y" * 58) for _ in range(200))
    assert not window.feed("\n")
    held = window.held_length
    late = next(i for i in itertools.count(1) if window.feed("go on "))
    assert late * 6 <= held / 16 + 6

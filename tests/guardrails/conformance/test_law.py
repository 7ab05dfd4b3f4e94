"""The conformance kit catches checks that break the law."""

from collections.abc import Callable, Sequence

import pytest
import re2

from guardrails.check import Match, Run
from guardrails.conformance.law import assert_conforms, borders, pieces
from guardrails.view import AS_IT_STANDS

TEXT = "the foo bar is a foo  bar, foo"


class Lawful:
    """Finds `foo bar`; each of the checks below spoils one thing of it."""

    kind = "lawful"
    redactable = True
    views = AS_IT_STANDS
    triggers: tuple[str, ...] = (r"foo\s",)

    def find(self, run: Run) -> Sequence[Match]:
        return [Match("foo_bar", *found.span()) for found in re2.finditer(r"\bfoo {1,2}bar\b", run.text)]

    def is_open(self, text: str, start: int) -> bool:
        return re2.search(r"\bfoo {1,2}$", text) is not None


class NeverOpen(Lawful):
    def is_open(self, text: str, start: int) -> bool:
        return False


class OpenTooShort(Lawful):
    def is_open(self, text: str, start: int) -> bool:
        return text.endswith("foo ")


class UnsoundTrigger(Lawful):
    triggers = ("foo b",)

    def find(self, run: Run) -> Sequence[Match]:
        return super().find(Run(run.text.replace("  ", " ") if "foo b" not in run.text else run.text))


class UnsoundOpener(Lawful):
    openers = ("foo b",)


class SoundOpener(Lawful):
    openers = (r"foo\s+$",)


class LooksBack(Lawful):
    def find(self, run: Run) -> Sequence[Match]:
        return super().find(run) if run.text.startswith("the") else []


class LooksAhead(Lawful):
    def find(self, run: Run) -> Sequence[Match]:
        return super().find(run) if run.text.endswith("foo") else []


class Unordered(Lawful):
    def find(self, run: Run) -> Sequence[Match]:
        return list(reversed(super().find(run)))


class OutOfBounds(Lawful):
    def find(self, run: Run) -> Sequence[Match]:
        return [Match("foo_bar", match.start, len(run.text) + 1) for match in super().find(run)]


class AbsolutePlaces(Lawful):
    def find(self, run: Run) -> Sequence[Match]:
        return [
            Match("foo_bar", match.start + run.start, match.end + run.start) for match in super().find(run)
        ]


class Remembers(Lawful):
    def __init__(self) -> None:
        self._seen = 0

    def find(self, run: Run) -> Sequence[Match]:
        self._seen += 1
        return super().find(run)[: 1 + self._seen % 2]


def test_a_lawful_check_passes() -> None:
    assert_conforms(Lawful(), TEXT)
    assert_conforms(SoundOpener(), TEXT)


@pytest.mark.parametrize(
    "broken",
    [
        NeverOpen,
        OpenTooShort,
        UnsoundTrigger,
        UnsoundOpener,
        LooksBack,
        LooksAhead,
        Unordered,
        OutOfBounds,
        AbsolutePlaces,
        Remembers,
    ],
)
def test_a_check_that_breaks_the_law_is_caught(broken: Callable[[], Lawful]) -> None:
    with pytest.raises(AssertionError):
        _hold(broken(), TEXT, "a foo  bar")


def test_what_is_no_check_is_caught() -> None:
    with pytest.raises(AssertionError):
        assert_conforms(object(), TEXT)  # type: ignore[arg-type]  # the point


def test_borders_stand_behind_breaks_at_which_nothing_is_open() -> None:
    assert borders(Lawful(), "a foo bar b") == [2, 10]


def test_pieces_are_what_the_whole_gives() -> None:
    assert pieces(Lawful(), TEXT) == [Match("foo_bar", 4, 11), Match("foo_bar", 17, 25)]


def _hold(check: Lawful, *texts: str) -> None:
    for text in texts:
        assert_conforms(check, text)

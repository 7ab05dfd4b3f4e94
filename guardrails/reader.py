"""The reader: asks checks about every view of a text that they want, and says where in the text it found it.

What a view adds is merged into what a check finds in the text as it stands: moved to the place it is from,
dropped where a match of the same rule covers it, in order. A check that fails on one view has failed.

`Panel`, for whoever speaks, and `Redactor`, for the record, both read this way; `guardrails/window.py` is the
counterpart for texts that still grow.
"""

import copy
from collections.abc import Mapping, Sequence

import msgspec

from guardrails.asking import NOTHING, Outcome, ask
from guardrails.check import Check, Match, Run
from guardrails.prefilter import Prefilter
from guardrails.view import AS_IT_STANDS, View
from guardrails.views.named import named
from guardrails.views.reading import Reading
from guardrails.views.readings import TRIGGERS, readings

Questions = Mapping[int, Sequence[Reading | None]]
"""By the place of a check: the readings it must be asked about; None is the text as it stands."""

Places = tuple[int, ...] | frozenset[int]

_AS_IT_STANDS: Sequence[Reading | None] = (None,)
_MAX_KNOWN = 1_000
"""Sets of checks that were due together, remembered."""


class Reader:
    """Which checks must be asked about which readings. Immutable.

    Args:
        checks: the first of those that are asked, compiled.
        others: whether there may be more of them, which nothing is known of beforehand and which have no
            triggers.

    Raises:
        re2.error: a trigger of a check is no RE2 pattern.
    """

    __slots__ = ("_checks", "_known", "_names", "_others", "_prefilter", "_reads")

    def __init__(self, checks: Sequence[Check], *, others: bool = False) -> None:
        self._checks = tuple(checks)
        self._others: tuple[Check, ...] = ()
        self._known: dict[tuple[tuple[int, ...], Places | None], Questions] = {}
        self._reads = others or any(check.views != AS_IT_STANDS for check in checks)
        self._names = others or any(View.NAMED in check.views for check in checks)
        self._prefilter = Prefilter(
            [check.triggers or None for check in checks], TRIGGERS if self._reads else ()
        )

    def beside(self, others: Sequence[Check]) -> "Reader":
        """Return the reader of these checks and of others, whose places follow."""
        reader = copy.copy(self)
        reader._others, reader._known = tuple(others), {}  # noqa: SLF001 (its own)
        return reader

    def questions(self, text: str, places: Places | None = None, name: str = "") -> Questions:
        """Return what must be asked about a scannable text, by check in order; the others find nothing.

        Args:
            text: all of what is asked about.
            places: of the checks that may be asked; None for all.
            name: of a value, scannable (`guardrails/views/named.py`).
        """
        due, marked = self._prefilter.look(text)
        questions = self._known.get((due, places))  # it is asked for every token, and mostly the same
        if questions is None:
            questions = self._as_it_stands(due, places)
        behind_name = named(text, name) if name and self._names else None
        if behind_name is None and not (self._reads and (marked or not text.isascii())):
            return questions
        checks = (*self._checks, *self._others)
        more: dict[int, list[Reading | None]] = {}
        others_read = readings(text, marked=marked) if self._reads else []
        for reading in others_read if behind_name is None else (*others_read, behind_name):
            for place in self._of(self._prefilter.due(reading.text), places):
                if reading.view in checks[place].views:
                    more.setdefault(place, []).append(reading)
        return {
            place: (*questions[place], *more.get(place, ())) if place in questions else more[place]
            for place in sorted({*questions, *more})
        } if more else questions  # fmt: skip

    def _as_it_stands(self, due: tuple[int, ...], places: Places | None) -> Questions:
        """Return whom to ask about the text itself, and remember it."""
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        checks = (*self._checks, *self._others)
        asked = [place for place in self._of(due, places) if View.RAW in checks[place].views]
        questions = self._known[due, places] = dict.fromkeys(asked, _AS_IT_STANDS)
        return questions

    def _of(self, due: Sequence[int], places: Places | None) -> Sequence[int]:
        if self._others:
            due = (*due, *range(len(self._checks), len(self._checks) + len(self._others)))
        return due if places is None else [place for place in due if place in places]


def ask_each(checks: Sequence[Check], run: Run, questions: Questions) -> dict[int, Outcome]:
    """Ask checks, by place, about a run of scannable text; whoever has nothing to say is left out."""
    said = {}
    for place, asked in questions.items():
        check = checks[place]
        outcome = ask(check, run) if asked is _AS_IT_STANDS else ask_about(check, run, asked)
        if outcome is not NOTHING:
            said[place] = outcome
    return said


def ask_about(check: Check, run: Run, asked: Sequence[Reading | None]) -> Outcome:
    """Ask a check about readings of a run of scannable text; the offsets are those of the run."""
    if asked is _AS_IT_STANDS:
        return ask(check, run)
    found: list[Match] = []
    seen: list[Match] = []
    error: str | None = None
    duration_ns = 0
    for reading in asked:
        outcome = ask(check, run if reading is None else _run(run, reading))
        duration_ns += outcome.duration_ns
        error = error or outcome.error
        if reading is None:
            found.extend(outcome.matches)
        else:
            moved = (_moved(match, reading) for match in outcome.matches)
            seen.extend(match for match in moved if match.start < match.end or reading.view is not View.NAMED)
    if error is not None:
        return Outcome(error=error, duration_ns=duration_ns)
    return Outcome(_merged(found, seen), duration_ns=duration_ns)


def _run(run: Run, reading: Reading) -> Run:
    return Run(reading.text, run.start, run.last) if reading.in_place else Run(reading.text)


def _moved(match: Match, reading: Reading) -> Match:
    start, end = reading.origin(match.start, match.end)
    replacement = None if match.quotes else match.replacement
    return msgspec.structs.replace(match, start=start, end=end, replacement=replacement)


def _merged(found: Sequence[Match], seen: Sequence[Match]) -> tuple[Match, ...]:
    """Return what was found in a text and, of what was seen in its views, what that does not cover."""
    if not seen:
        return tuple(found)
    both = [(match, True) for match in found] + [(match, False) for match in seen]
    both.sort(key=lambda item: (item[0].start, -item[0].end))
    covered_to: dict[str, int] = {}
    kept = []
    for match, is_found in both:
        if is_found or covered_to.get(match.rule, -1) < match.end:
            kept.append(match)
        covered_to[match.rule] = max(covered_to.get(match.rule, -1), match.end)
    return tuple(sorted(kept, key=lambda match: (match.start, match.end)))

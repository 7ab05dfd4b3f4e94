"""Long texts, piece by piece: the loop runs in between, and who has had its time is asked no more.

A window cuts a long text where it would cut a stream, and each run is asked about by itself: by the law of
checks that finds the same as the whole. So a long text needs no thread, which could not be stopped, and time
that runs out runs out for all checks of a guardrail alike, in the middle of the text, instead of for those
that happen to be asked last. Only a run that has no border for a long way (one row of digits, one word, a
text some check must see whole) goes to a thread.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

import msgspec

from guardrails.asking import TIMEOUT, Outcome, ask_in_thread, in_thread
from guardrails.check import Check, Match, Run
from guardrails.reader import Places, Questions, ask_about, ask_each
from guardrails.ruling import Outcomes
from guardrails.scope import Audience
from guardrails.window import Window

INLINE_LENGTH = 16 * 1024
"""Runs up to this many code points are scanned on the event loop: a thread costs more than it spares."""

_PIECE_LENGTH = 4 * 1024
"""Code points given to the window at once. Where every word is a finding a scan costs 1 to 3 us a character,
so the loop is held for some 10 ms."""


class Local(Protocol):
    """The local checks of a panel."""

    @property
    def local(self) -> tuple[Check, ...]:
        """All of them, by place."""

    def local_of(self, audience: Audience) -> tuple[Check, ...]:
        """Return those that hear a text."""

    def places(self, check: Check, audience: Audience) -> tuple[int, ...]:
        """Return the places of one among those."""

    def questions(self, text: str, audience: Audience, due: Places | None = None) -> Questions:
        """Return what those of them that are due must be asked."""

    def time_left_s(self, place: int, outcomes: Outcomes) -> float:
        """Return the longest time that any guardrail still grants one."""


async def ask_in_pieces(panel: Local, run: Run, audience: Audience) -> dict[int, Outcome]:
    """Ask the local checks of an audience about a long run of scannable text.

    Returns:
        What each check said about all of it. One whose guardrails have no time left for it has failed,
        however far it came; what it had found by then it has found.
    """
    asked = _Asked(panel, audience)
    window = Window(panel.local_of(audience))
    for begin in range(0, len(run.text), _PIECE_LENGTH):
        settled = window.feed(run.text[begin : begin + _PIECE_LENGTH])
        asked.note_failures(window)
        if settled:
            start = window.start - len(settled)
            await asked.ask(Run(settled, run.start + start, last=False), start)
            if not asked.due:
                return asked.outcomes
        elif window.held_length > INLINE_LENGTH:
            break  # every further look would cost as much as all that is held
        else:
            await asyncio.sleep(0)
    start = window.start
    await asked.ask(Run(run.text[start:], run.start + start, last=run.last), start)
    return asked.outcomes


class _Asked:
    """What has been said so far, and who is still to be asked."""

    def __init__(self, panel: Local, audience: Audience) -> None:
        self._panel = panel
        self._audience = audience
        self.due = frozenset(audience.local)
        """Places of the checks that have neither failed nor run out of time."""
        self.outcomes: dict[int, Outcome] = {}

    def note_failures(self, window: Window) -> None:
        """Note checks that failed to say whether a match is open."""
        for check, error in window.failures:
            for place in self._panel.places(check, self._audience):
                self._fail(place, error)
        window.failures.clear()

    async def ask(self, run: Run, start: int) -> None:
        """Ask about a run that begins so far behind the beginning of the long one."""
        if len(run.text) > INLINE_LENGTH:
            said = await self._in_threads(run)
        else:
            questions = self._panel.questions(run.text, self._audience, self.due)
            said = ask_each(self._panel.local, run, questions)
            await asyncio.sleep(0)
        for place, outcome in said.items():
            self.outcomes[place] = _added(self.outcomes.get(place, Outcome()), outcome, start)
        for place in self.due & self.outcomes.keys():
            if self.outcomes[place].error is not None:
                self.due -= {place}
        for place in self.due:
            if self._panel.time_left_s(place, self.outcomes) <= 0:
                self._fail(place, TIMEOUT)

    async def _in_threads(self, run: Run) -> Mapping[int, Outcome]:
        panel, said = self._panel, dict[int, Outcome]()
        left_s = max((panel.time_left_s(place, self.outcomes) for place in self.due), default=0.0)
        try:
            async with asyncio.timeout(left_s):
                questions: Questions = await in_thread(
                    partial(panel.questions, run.text, self._audience, self.due)
                )
        except TimeoutError:
            return {place: Outcome(error=TIMEOUT) for place in self.due}
        for place, asked in questions.items():
            left_s = panel.time_left_s(place, {**self.outcomes, **said})
            if left_s > 0:  # else it fails like all that have no time left
                said[place] = await ask_in_thread(partial(ask_about, panel.local[place], run, asked), left_s)
        return said

    def _fail(self, place: int, error: str) -> None:
        said = self.outcomes.get(place, Outcome())
        self.outcomes[place] = msgspec.structs.replace(said, error=said.error or error)
        self.due -= {place}


def _added(said: Outcome, more: Outcome, start: int) -> Outcome:
    moved: Sequence[Match] = [
        msgspec.structs.replace(match, start=match.start + start, end=match.end + start)
        for match in more.matches
    ]
    return Outcome((*said.matches, *moved), said.error or more.error, said.duration_ns + more.duration_ns)

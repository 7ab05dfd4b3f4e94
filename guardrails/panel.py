"""A panel: the guardrails that look at the same runs, compiled to be asked together.

A check that several of its guardrails share is asked once. Local checks come first and cost microseconds;
remote checks are only asked where no local one has already blocked.
"""

import asyncio
from collections.abc import Mapping, MutableMapping, Sequence
from typing import TypeVar

import msgspec

from guardrails.asking import TIMEOUT, Outcome, ask, ask_in_thread, ask_remote, scannable
from guardrails.check import Check, Match, Passage, RemoteCheck, Run
from guardrails.guardrail import Guardrail
from guardrails.part import Part
from guardrails.prefilter import Prefilter
from guardrails.verdict import Action, Mode, OnError

INLINE_LENGTH = 16 * 1024
"""Runs up to this many code points are scanned on the event loop: a thread costs more than it spares. That
many short ones leave the loop to others in between is the matter of `guardrails/pace.py`."""

_REMOTE_AT_ONCE = 16
"""Questions in flight to one remote check per screening: a thousand messages shall not be a thousand
connections. Each check has its own, so that one that hangs takes no turn from another."""

Outcomes = Mapping[int, Outcome]
"""What the checks of a panel said about a text, by their place; those without cause to speak are left out."""

_AnyCheck = TypeVar("_AnyCheck", Check, RemoteCheck)


class Found(msgspec.Struct, frozen=True):
    """A match, and the kind of the check that found it."""

    check: str
    match: Match


class Panel:
    """Compiled guardrails. Immutable, shared by many exchanges.

    Args:
        guardrails: in order of precedence.

    Raises:
        ValueError: a guardrail would redact by a check that covers no characters.
        re2.error: a trigger is no RE2 pattern.
    """

    def __init__(self, guardrails: Sequence[Guardrail]) -> None:
        for guardrail in guardrails:
            _require_redactable(guardrail)
        self.guardrails = tuple(guardrails)
        checks = [check for guardrail in guardrails for check in guardrail.checks]
        self.local = _distinct([check for check in checks if not isinstance(check, RemoteCheck)])
        self.remote = _distinct([check for check in checks if isinstance(check, RemoteCheck)])
        self._checks: tuple[Check | RemoteCheck, ...] = (*self.local, *self.remote)
        self._members = tuple(
            tuple(self._checks.index(check) for check in guardrail.checks) for guardrail in self.guardrails
        )
        self._askers = tuple(
            tuple(i for i, members in enumerate(self._members) if place in members)
            for place in range(len(self._checks))
        )
        self._prefilter = Prefilter(self.local)

    def __bool__(self) -> bool:
        return bool(self.guardrails)

    async def ask_local(self, run: Run) -> dict[int, Outcome]:
        """Ask the local checks that may find something in a run.

        A long run is scanned in a thread. A check that several guardrails share gets the longest time of
        theirs; what it has used up beyond a guardrail's own time is a timeout to that guardrail (see
        `error`).
        """
        text = scannable(run.text)
        if text is not run.text:
            run = msgspec.structs.replace(run, text=text)
        if len(text) > INLINE_LENGTH:
            return await self._ask_in_threads(run)
        due = self._prefilter.due(text)
        return {place: ask(self.local[place], run) for place in due}

    async def ask_remote(
        self, parts: Sequence[Part], outcomes: Sequence[MutableMapping[int, Outcome]]
    ) -> None:
        """Ask every remote check about every part, several at a time, and note what they say.

        All parts of a check share one deadline: what is not answered by then is a timeout, also if its turn
        had not come.

        The first answer that blocks cancels what is still under way; a check that was cancelled has no
        outcome.

        Args:
            parts: whole texts.
            outcomes: one a part, filled in.
        """
        places = range(len(self.local), len(self._checks))
        slots = {place: asyncio.Semaphore(_REMOTE_AT_ONCE) for place in places}
        tasks: list[asyncio.Task[None]] = []

        async def asked(place: int, part: Part, noted: MutableMapping[int, Outcome]) -> None:
            check = self.remote[place - len(self.local)]
            outcome = await ask_remote(
                check, Passage(part.text, part), self._time_left_s(place, {}), slots[place]
            )
            noted[place] = outcome
            if self.block_at({place: outcome}) is not None:
                for task in tasks:
                    if task is not asyncio.current_task():
                        task.cancel()

        async with asyncio.TaskGroup() as group:
            for part, noted in zip(parts, outcomes, strict=True):
                tasks.extend(group.create_task(asked(place, part, noted)) for place in places)

    def found(self, guardrail: int, outcomes: Outcomes) -> list[Found]:
        """Return what the checks of one guardrail found in a text, in order of the text."""
        found = [
            Found(self._checks[place].kind, match)
            for place in self._members[guardrail]
            if place in outcomes
            for match in outcomes[place].matches
        ]
        found.sort(key=_place_in_text)
        return found

    def error(self, guardrail: int, outcomes: Outcomes) -> str | None:
        """Return why a guardrail could not decide: its checks' first error, or that they took too long."""
        for place in self._members[guardrail]:
            if place in outcomes and outcomes[place].error is not None:
                return outcomes[place].error
        late = self.duration_ns(guardrail, outcomes) > self.guardrails[guardrail].timeout_s * 1e9
        return TIMEOUT if late else None

    def duration_ns(self, guardrail: int, outcomes: Outcomes) -> int:
        """Return the time the checks of a guardrail took: local ones in turn, remote ones at once."""
        return self.local_ns(guardrail, outcomes) + self.remote_ns(guardrail, outcomes)

    def local_ns(self, guardrail: int, outcomes: Outcomes) -> int:
        """Return the time the local checks of a guardrail took, in turn."""
        places = [place for place in self._members[guardrail] if place < len(self.local)]
        return sum(outcomes[place].duration_ns for place in places if place in outcomes)

    def remote_ns(self, guardrail: int, outcomes: Outcomes) -> int:
        """Return the time the remote checks of a guardrail took, at once."""
        places = [place for place in self._members[guardrail] if place >= len(self.local)]
        return max((outcomes[place].duration_ns for place in places if place in outcomes), default=0)

    def block_at(self, outcomes: Outcomes) -> int | None:
        """Return where in a text the first enforced block is, None if nothing blocks.

        That is where the first finding of a blocking guardrail begins. A guardrail that blocks because it
        failed does so at the start: nobody knows what it would have found.
        """
        places: list[int] = []
        for i, guardrail in enumerate(self.guardrails):
            if is_enforcing(guardrail):
                if guardrail.on_error is OnError.BLOCK and self.error(i, outcomes) is not None:
                    return 0
                if guardrail.action is Action.BLOCK:
                    places.extend(found.match.start for found in self.found(i, outcomes)[:1])
        return min(places, default=None)

    def redactions(self, outcomes: Outcomes) -> list[Match]:
        """Return the matches to be redacted in a text, in order of the guardrails."""
        return [
            found.match
            for i, guardrail in enumerate(self.guardrails)
            if guardrail.action is Action.REDACT and is_enforcing(guardrail)
            for found in self.found(i, outcomes)
        ]

    def unheard(self, outcomes: Outcomes) -> set[int]:
        """Return the places of the guardrails some of whose remote checks have not spoken about a text."""
        missing = [place for place in range(len(self.local), len(self._checks)) if place not in outcomes]
        return {asker for place in missing for asker in self._askers[place]}

    def place(self, check: Check) -> int:
        """Return the place of a local check in outcomes."""
        return self.local.index(check)

    async def _ask_in_threads(self, run: Run) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        for place in await asyncio.to_thread(self._prefilter.due, run.text):
            left_s = self._time_left_s(place, outcomes)
            late = left_s <= 0
            outcomes[place] = (
                Outcome(error=TIMEOUT) if late else await ask_in_thread(self.local[place], run, left_s)
            )
        return outcomes

    def _time_left_s(self, place: int, outcomes: Outcomes) -> float:
        """Return the longest time that any guardrail still grants a check on a run."""
        return max(
            self.guardrails[asker].timeout_s - self.duration_ns(asker, outcomes) / 1e9
            for asker in self._askers[place]
        )


def is_enforcing(guardrail: Guardrail) -> bool:
    """Return whether a guardrail may block or change a text; only such may hold a text back."""
    return guardrail.mode is Mode.ENFORCE and guardrail.action is not Action.FLAG


def _require_redactable(guardrail: Guardrail) -> None:
    for check in guardrail.checks:
        if guardrail.action is Action.REDACT and not check.redactable:
            raise ValueError(
                f"guardrail {guardrail.name!r} cannot redact what {check.kind!r} finds; let it block or flag"
            )


def _distinct(checks: Sequence[_AnyCheck]) -> tuple[_AnyCheck, ...]:
    found: list[_AnyCheck] = []
    for check in checks:
        if check not in found:
            found.append(check)
    return tuple(found)


def _place_in_text(found: Found) -> tuple[int, int]:
    return found.match.start, found.match.end

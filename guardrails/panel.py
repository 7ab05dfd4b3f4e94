"""A panel: the guardrails that look at the same runs, compiled to be asked together.

A check that several of its guardrails share is asked once. Local checks come first and cost microseconds;
remote checks are only asked where no local one has already blocked. Checks about the exchange as a whole are
asked as `guardrails/examination.py` says, remote ones as `guardrails/judging.py` says.

A panel is compiled once and bound to the conversation of each exchange (`of`), which compiles nothing: checks
that only the conversation makes are appended to the local ones that the prefilter knows.
"""

import copy
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from guardrails.asking import Outcome, bind, scannable
from guardrails.check import (
    AnyCheck,
    Check,
    ConversationCheck,
    ExchangeCheck,
    OpensRarely,
    ReadsHeaders,
    RemoteCheck,
    RemoteExchangeCheck,
    Run,
    Subject,
    is_redactable,
)
from guardrails.conversation import NOTHING_KNOWN, Conversation
from guardrails.examination import Examination
from guardrails.guardrail import Guardrail, irreversible_check
from guardrails.part import Part
from guardrails.pieces import INLINE_LENGTH, ask_in_pieces
from guardrails.prefilter import Prefilter
from guardrails.reader import Places, Questions, Reader, ask_each
from guardrails.ruling import Outcomes, Ruling
from guardrails.scope import Audience, Audiences, Scope
from guardrails.verdict import Action
from guardrails.views.readings import GOING_ON
from guardrails.window import Window

_Item = TypeVar("_Item")


class Panel(Ruling):
    """Compiled guardrails. Immutable, shared by many exchanges.

    Args:
        guardrails: in order of precedence.
        streams: whether they will mostly hear texts that grow; what that takes is then compiled at once.

    Raises:
        ValueError: a guardrail would redact by a check that covers no characters, or restore secrets.
        re2.error: a trigger is no RE2 pattern.
    """

    def __init__(self, guardrails: Sequence[Guardrail], *, streams: bool = False) -> None:
        for guardrail in guardrails:
            _require_redactable(guardrail)
        asked = _distinct([(check, one.scope) for one in guardrails for check in one.checks])
        compiled = [(check, scope) for check, scope in asked if isinstance(check, Check)]
        to_bind = [(check, scope) for check, scope in asked if isinstance(check, ConversationCheck)]
        remote = [(check, scope) for check, scope in asked if isinstance(check, RemoteCheck)]
        about_exchanges = [
            (check, scope) for check, scope in asked if isinstance(check, ExchangeCheck | RemoteExchangeCheck)
        ]
        self._compiled = tuple(check for check, _ in compiled)
        self._to_bind = tuple(check for check, _ in to_bind)
        self.remote = tuple(check for check, _ in remote)
        local_count = len(compiled) + len(to_bind)
        remote_places = range(local_count, local_count + len(remote))
        in_place: list[tuple[AnyCheck, Scope]] = [*compiled, *to_bind, *remote, *about_exchanges]
        scopes = [scope for _, scope in in_place]
        super().__init__(guardrails, [check for check, _ in in_place], scopes, remote_places)
        self._sentence_places = frozenset(
            place for place, check in zip(remote_places, self.remote, strict=True) if check.unit == "sentence"
        )
        self.examination = Examination([check for check, _ in about_exchanges], remote_places.stop)
        self._audiences = Audiences([one.scope for one in guardrails], scopes, remote_places)
        self._unbound = Reader(self._compiled, others=bool(to_bind))
        self._openings: dict[tuple[int, ...], Prefilter] = {}
        if streams:
            self._openings_of(range(len(compiled)))
        self.local: tuple[Check, ...]
        self._bind(NOTHING_KNOWN)
        self.beside = frozenset(
            place for place in remote_places if all(guardrails[asker].during for asker in self._askers[place])
        )
        """Places of remote checks that nobody must hear before a provider is asked."""
        self.ahead = frozenset(remote_places) - self.beside
        """Places of the others."""
        self.restores = any(guardrail.reversible for guardrail in guardrails)
        """Whether any of them redacts reversibly."""

    def __bool__(self) -> bool:
        return bool(self.guardrails)

    @property
    def needs_conversation(self) -> bool:
        """Whether any check looks at more than texts."""
        return bool(self._to_bind or self.remote or self.examination)

    @property
    def headers(self) -> frozenset[str]:
        """Names of the request's headers that checks read, in small letters."""
        return frozenset().union(*(one.headers for one in self._checks if isinstance(one, ReadsHeaders)))

    def of(self, conversation: Conversation) -> "Panel":
        """Return this panel as it is for one conversation; itself where that makes no difference."""
        if not self.needs_conversation or conversation is self.conversation:
            return self
        bound = copy.copy(self)
        bound._bind(conversation)  # noqa: SLF001 (its own)
        return bound

    def _bind(self, conversation: Conversation) -> None:
        self.conversation = conversation
        bound = [bind(check, conversation) for check in self._to_bind]
        self.local = (*self._compiled, *bound)
        self._reader = self._unbound.beside(bound) if bound else self._unbound

    def audience(self, part: Part) -> Audience:
        """Return who hears a text."""
        return self._audiences.of(part)

    def local_of(self, audience: Audience) -> tuple[Check, ...]:
        """Return the local checks that hear a text."""
        if audience.is_everybody:
            return self.local
        return _distinct([self.local[place] for place in audience.local])

    def window(self, audience: Audience, *, whole: bool) -> Window:
        """Return what holds a text of an answer back until nothing can be in progress that these look for."""
        return Window(self.local_of(audience), whole=whole, openings=self._openings_of(audience.local))

    def _openings_of(self, local: Sequence[int]) -> Prefilter:
        """Return the openings of the compiled ones among the checks at these places."""
        places = tuple(place for place in local if place < len(self._compiled))
        known = self._openings.get(places)
        if known is None:
            checks = _distinct([self._compiled[place] for place in places])
            openers = [check.openers if isinstance(check, OpensRarely) else None for check in checks]
            known = self._openings[places] = Prefilter(openers, GOING_ON)
        return known

    async def ask_local(self, run: Run, audience: Audience) -> dict[int, Outcome]:
        """Ask the local checks of an audience that may find something in a run, in the views they want.

        A long run is scanned piece by piece (see `guardrails/pieces.py`). A check that several guardrails
        share gets the longest time of theirs; what it has used up beyond a guardrail's own time is a timeout
        to that guardrail (see `error`).
        """
        text = scannable(run.text)
        if text is not run.text:
            run = msgspec.structs.replace(run, text=text)
        name = scannable(run.name) if run.name else ""
        if len(text) > INLINE_LENGTH:
            return await ask_in_pieces(self, run, audience)
        questions = self.questions(text, audience, name=name)
        return ask_each(self.local, run, questions)

    async def examine(self, places: Sequence[int], subject: Subject) -> dict[int, Outcome]:
        """Ask checks about exchanges, by their places (see `guardrails/examination.py`)."""
        return await self.examination.ask(places, subject, lambda place: self.time_left_s(place, {}))

    def by_sentence(self, audience: Audience) -> tuple[int, ...]:
        """Return the places of the remote checks of an audience that judge passages."""
        return tuple(place for place in audience.remote if place in self._sentence_places)

    def by_text(self, audience: Audience) -> tuple[int, ...]:
        """Return the places of those that judge whole texts."""
        return tuple(place for place in audience.remote if place not in self._sentence_places)

    def remote_check(self, place: int) -> RemoteCheck:
        """Return the remote check at a place."""
        return self.remote[place - self._remote_places.start]

    def patience_s(self, place: int) -> float:
        """Return the longest time that any guardrail grants a check on what it is asked at once."""
        return self.time_left_s(place, {})

    def places(self, check: Check, audience: Audience) -> tuple[int, ...]:
        """Return the places of a local check among those that hear a text."""
        return tuple(place for place in audience.local if self.local[place] is check)

    def questions(
        self, text: str, audience: Audience, due: Places | None = None, name: str = ""
    ) -> Questions:
        """Return what the local checks of an audience must be asked about a scannable text.

        Args:
            text: all of a run.
            audience: who hears it.
            due: places of those of them that may still be asked; None: all.
            name: of the part, scannable, where the text is all of it.
        """
        if not audience.local:
            return {}
        if due is None and not audience.is_everybody:
            due = audience.local
        return self._reader.questions(text, due, name)

    def time_left_s(self, place: int, outcomes: Outcomes) -> float:
        """Return the longest time that any guardrail still grants a check on a run."""
        return max(
            self.guardrails[asker].timeout_s - self.duration_ns(asker, outcomes) / 1e9
            for asker in self._askers[place]
        )


def _require_redactable(guardrail: Guardrail) -> None:
    if irreversible_check(guardrail) is not None:
        raise ValueError(f"guardrail {guardrail.name!r} would restore secrets; make it irreversible")
    for check in guardrail.checks:
        if guardrail.action is Action.REDACT and not is_redactable(check):
            raise ValueError(
                f"guardrail {guardrail.name!r} cannot redact what {check.kind!r} finds; let it block or flag"
            )


def _distinct(items: Sequence[_Item]) -> tuple[_Item, ...]:
    found: list[_Item] = []
    for item in items:
        if item not in found:
            found.append(item)
    return tuple(found)

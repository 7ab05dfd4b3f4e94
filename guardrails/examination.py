"""An examination: checks are asked about one side of an exchange as a whole.

When: about a request once. About an answer a check that reads texts is asked when all of it has come; one
that reads tool calls and no texts, whenever some of them are complete; one that reads neither, never.

What they say is known by places in a panel, as what is said about a text is, and counts the same.
"""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from guardrails.asking import Outcome, ask_exchange, ask_exchange_in_thread, ask_remote_exchange, scannable
from guardrails.check import ExchangeCheck, RemoteExchangeCheck, Subject

INLINE_LENGTH = 16 * 1024
"""Subjects up to this many code points are examined on the event loop: a thread costs more than it spares."""


class Examination:
    """The checks about exchanges of one panel. Immutable.

    Args:
        checks: each once.
        start: place of the first of them in the panel.
    """

    __slots__ = ("_local", "_remote", "of_answer", "of_calls", "of_request", "places")

    def __init__(self, checks: Sequence[ExchangeCheck | RemoteExchangeCheck], start: int) -> None:
        self.places = range(start, start + len(checks))
        placed = dict(zip(self.places, checks, strict=True))
        self._local = {place: one for place, one in placed.items() if isinstance(one, ExchangeCheck)}
        self._remote = {place: one for place, one in placed.items() if isinstance(one, RemoteExchangeCheck)}
        self.of_request = tuple(self.places)
        """Places of the checks to be asked about a request."""
        self.of_calls = tuple(
            place
            for place, check in zip(self.places, checks, strict=True)
            if "calls" in check.reads and "texts" not in check.reads
        )
        """Of those to be asked whenever a tool call of an answer is complete."""
        self.of_answer = tuple(
            place for place, check in zip(self.places, checks, strict=True) if "texts" in check.reads
        )
        """Of those to be asked when all of an answer is complete."""

    def __bool__(self) -> bool:
        return bool(self.places)

    @property
    def reads_texts(self) -> bool:
        """Whether any check must see a whole answer."""
        return bool(self.of_answer)

    async def ask(
        self, places: Sequence[int], subject: Subject, timeout_s: Callable[[int], float]
    ) -> dict[int, Outcome]:
        """Ask the checks at these places; where there is much to read, in a thread. Other services come last.

        Args:
            places: in the panel.
            subject: what they are asked about.
            timeout_s: how long the check at a place may take.
        """
        if not places:
            return {}
        subject = _scannable(subject)
        is_long = _length(subject) > INLINE_LENGTH
        outcomes: dict[int, Outcome] = {}
        for place in places:
            if place in self._remote:
                continue
            check = self._local[place]
            if is_long:
                outcomes[place] = await ask_exchange_in_thread(check, subject, timeout_s(place))
            else:
                outcomes[place] = ask_exchange(check, subject)
        if remote := [place for place in places if place in self._remote]:
            asked = [ask_remote_exchange(self._remote[place], subject, timeout_s(place)) for place in remote]
            outcomes.update(zip(remote, await asyncio.gather(*asked), strict=True))
        return outcomes


def _scannable(subject: Subject) -> Subject:
    """Return the subject with texts that can be encoded, as checks of texts get them."""
    texts = [scannable(part.text) for part in subject.parts]
    if all(text is part.text for text, part in zip(texts, subject.parts, strict=True)):
        return subject
    parts = (
        msgspec.structs.replace(part, text=text) for text, part in zip(texts, subject.parts, strict=True)
    )
    return msgspec.structs.replace(subject, parts=tuple(parts))


def _length(subject: Subject) -> int:
    return sum(len(part.text) for part in subject.parts) + sum(len(call.arguments) for call in subject.calls)

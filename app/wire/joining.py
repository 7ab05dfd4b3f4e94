"""Pieces of a text that arrived together become one piece.

A fast provider's chunks come many at a time. Each would cost its way through screening, into the record and
out to the caller, who would read them at once again. Where they are apart in time they stay apart.
"""

from collections.abc import Iterable, Iterator

from app.domain.events import ProviderEvent, TextDelta


def joined(events: Iterable[ProviderEvent]) -> Iterator[ProviderEvent]:
    """Yield the events, adjacent pieces of the same text as one; those with log probabilities stay alone."""
    first: TextDelta | None = None
    pieces: list[str] = []
    for event in events:
        if isinstance(event, TextDelta) and event.logprobs is None:
            if first is not None and (event.choice, event.channel) == (first.choice, first.channel):
                pieces.append(event.text)
                continue
            if first is not None:
                yield _one(first, pieces)
            first, pieces = event, [event.text]
            continue
        if first is not None:
            yield _one(first, pieces)
            first = None
        yield event
    if first is not None:
        yield _one(first, pieces)


def _one(first: TextDelta, pieces: list[str]) -> TextDelta:
    return first if len(pieces) == 1 else TextDelta(first.choice, first.channel, "".join(pieces))

"""Pieces of a text that arrived together become one piece.

A fast provider's chunks come many at a time. Each would cost its way through screening, into the record and
out to the caller, who would read them at once again. Where they are apart in time they stay apart.
"""

from collections.abc import Iterable, Iterator

from app.domain.errors import UpstreamError
from app.domain.events import ProviderEvent, TextDelta


def joined(events: Iterable[ProviderEvent]) -> Iterator[ProviderEvent]:
    """Yield the events, adjacent pieces of the same text as one; those with log probabilities stay alone.

    Raises:
        UpstreamError: as `events` does, behind what was said before it.
    """
    held: list[TextDelta] = []
    try:
        for event in events:
            if held and not _continues(held[0], event):
                yield _one(held)
                held = []
            if isinstance(event, TextDelta) and event.logprobs is None:
                held.append(event)
            else:
                yield event
    except UpstreamError:
        if held:
            yield _one(held)
        raise
    if held:
        yield _one(held)


def _continues(first: TextDelta, event: ProviderEvent) -> bool:
    return (
        isinstance(event, TextDelta)
        and event.logprobs is None
        and event.choice == first.choice
        and event.channel == first.channel
    )


def _one(held: list[TextDelta]) -> TextDelta:
    first = held[0]
    if len(held) == 1:
        return first
    return TextDelta(first.choice, first.channel, "".join(piece.text for piece in held))

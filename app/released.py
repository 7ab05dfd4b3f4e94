"""What of an answer may be released, event by event: a provider's events through `Screening`, to the end."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.domain.events import Event, ProviderEvent
from app.screening import Screening


async def screened(answer: AsyncGenerator[ProviderEvent], screening: Screening) -> AsyncGenerator[Event]:
    """Yield what of an answer may be released; `Blocked` comes last, if a guardrail ends it."""
    async with aclosing(answer) as upstream:
        async for event in upstream:
            for released in await screening.feed(event):
                yield released
            if screening.blocked is not None:
                break
    for released in await screening.close():
        yield released
    if screening.blocked is not None:
        yield screening.blocked

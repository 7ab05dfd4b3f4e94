"""Attempts of one exchange, one after another, until an answer begins or the route has nothing left.

What failed before anything was released leaves no trace in the answer; what fails behind it ends the answer:
two are never glued together.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from app.domain.errors import (
    CallerError,
    HandrailError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from app.domain.events import Blocked, Event, Extra, Started, TextDelta
from app.routing.outcome import DENIED, Outcome
from app.routing.retry import retry_after_s
from app.routing.tree import NodeGuards
from app.routing.way import Hop, Route
from guardrails import Side

_TIMEOUT = 408
"""What configs call a timeout (Portkey's number); callers get 504."""


async def tried(
    route: Route, answer: Callable[[Hop], AsyncGenerator[Event]], *, whole: bool
) -> AsyncGenerator[Event]:
    """Try the hops of a route.

    Args:
        route: asked for the first hop here.
        answer: asks the target of a hop and yields what may be released; the generator is closed.
        whole: whether an answer must be complete before any of it is released.

    Yields:
        The events of the first answer that began; else `Blocked`, if a guardrail ended the last one.

    Raises:
        HandrailError: that of the last attempt.
    """
    hop = route.next()
    while hop is not None:
        if hop.wait_s:
            await asyncio.sleep(hop.wait_s)
        one = _Try(hop)
        async with aclosing(answer(hop)) as events:
            async for event in one.run(_at_once(events) if whole else events):
                yield event
        hop = route.next(one.outcome(), one.began_s)
        if hop is None:
            if isinstance(one.failure, HandrailError):
                raise one.failure
            if one.failure is not None:
                yield one.failure


class _Try:
    """One attempt."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._started_s = time.monotonic()
        self.began_s: float | None = None
        """Seconds until its first event."""
        self.failure: HandrailError | Blocked | None = None

    async def run(self, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """Yield what is released, and remember what ended it.

        An answer begins when it says something: some providers open one and fail then, and what has only
        been opened can still be answered by another, or with a true status.
        """
        silent: list[Event] = []
        try:
            async for event in events:
                if isinstance(event, Blocked):
                    self.failure = event
                    return
                if self.began_s is None:
                    if _is_silent(event):
                        silent.append(event)
                        continue
                    self.began_s = time.monotonic() - self._started_s
                    for one in silent:
                        yield one
                yield event
        except HandrailError as error:
            self.failure = error

    def outcome(self) -> Outcome:
        """Return what became of it, in the words of configs."""
        began = self.began_s is not None
        match self.failure:
            case None:
                return Outcome(began=began)
            case Blocked(verdict):
                denied_at = None
                if verdict.side is Side.INPUT:
                    denied_at = _denied_at(verdict.guardrail, self._hop)
                return Outcome(status=DENIED, began=began, denied_at=denied_at)
            case UpstreamTimeout():
                return Outcome(status=_TIMEOUT, code=self.failure.code, began=began)
            case error:
                return Outcome(
                    status=error.status,
                    code=error.code,
                    retryable=error.retryable,
                    retry_after_s=_asked_to_wait(error),
                    began=began,
                    is_unreachable=isinstance(error, UpstreamUnreachable),
                    is_unsupported=isinstance(error, CallerError),
                )


def _is_silent(event: Event) -> bool:
    """Whether an event says nothing yet: heads, and texts that are still empty."""
    match event:
        case Started():
            return True
        case TextDelta(text="", logprobs=None):
            return True
        case Extra(fields=fields):
            return not any(fields.values())
        case _:
            return False


def guard_names(node: NodeGuards) -> tuple[str, ...]:
    """Return the names of the guardrails that a node adds; on which side each works it says itself."""
    guards = node.guards
    lists = (
        guards.input_guardrails,
        guards.before_request_hooks,
        guards.output_guardrails,
        guards.after_request_hooks,
    )
    return tuple(dict.fromkeys(name for names in lists for name in names if isinstance(name, str)))


def _denied_at(guardrail: str, hop: Hop) -> str:
    """Return the node whose guardrail it is; else the target, for the request as such was not denied."""
    found = (node.path for node in hop.guards if guardrail in guard_names(node))
    return next(found, hop.path)


def _asked_to_wait(error: HandrailError) -> float | None:
    headers: Mapping[str, str] = dict(error.headers) if isinstance(error, UpstreamRefused) else {}
    return retry_after_s(headers, time.time())


async def _at_once(answer: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """Hold a whole answer until all of it may be released; of a blocked one only the block remains."""
    held = [event async for event in answer]
    for event in held[-1:] if held and isinstance(held[-1], Blocked) else held:
        yield event

"""Attempts of one exchange, one after another, until an answer begins or the route has nothing left.

What failed before anything was released leaves no trace in the answer; what fails behind it ends the answer:
two are never glued together.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from app.domain.errors import (
    AttemptTimeout,
    CallerError,
    HandrailError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnconnected,
    UpstreamUnreachable,
)
from app.domain.events import Blocked, Event, Extra, Started, TextDelta
from app.routing.outcome import DENIED, FLAGGED, Outcome
from app.routing.retry import retry_after_s
from app.routing.way import Hop, Route
from guardrails import Side, Verdict


async def tried(
    route: Route,
    answer: Callable[[Hop], AsyncGenerator[Event]],
    *,
    whole: bool,
    complaint: Callable[[], Verdict | None] = lambda: None,
) -> AsyncGenerator[Event]:
    """Try the hops of a route.

    An answer that a guardrail only complains about (status 246) is released, unless the config says that
    another one is to be tried for it.

    Args:
        route: asked for the first hop here.
        answer: asks the target of a hop and yields what may be released; the generator is closed.
        whole: whether an answer must be complete before any of it is released.
        complaint: returns the verdict of a guardrail that complains, as far as that is known when the first
            of an answer is to be released.

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
        async with (
            aclosing(answer(hop)) as events,
            aclosing(one.run(_at_once(events) if whole else events)) as released,
        ):
            async for event in released:
                if one.is_to_be_judged and one.is_passed_over(complaint(), route):
                    break
                yield event
        hop = one.following if one.is_decided else route.next(one.outcome(), one.began_s)
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
        self.is_to_be_judged = True
        """Whether nothing of it has been released yet."""
        self.is_decided = False
        """Whether the route has been asked for what comes behind it."""
        self.following: Hop | None = None

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
            self.failure = self._timed(error)

    def is_passed_over(self, verdict: Verdict | None, route: Route) -> bool:
        """Return whether the route goes on instead of releasing an answer that a guardrail complains about.

        Args:
            verdict: the complaint, as far as it is known before anything is released.
            route: of the exchange.
        """
        self.is_to_be_judged = False
        if verdict is None:
            return False
        self.is_decided, self.following = True, route.next(self._complained(verdict), self.began_s)
        return self.following is not None

    def _timed(self, error: HandrailError) -> HandrailError:
        """Return the error, in other words where it is the time that was given by the caller or a config."""
        if not isinstance(error, UpstreamTimeout) or isinstance(error, UpstreamUnconnected):
            return error
        if self._hop.timeout_s is None or self.began_s is not None:
            return error
        return AttemptTimeout(error.message)

    def _complained(self, verdict: Verdict) -> Outcome:
        """Return what is said of it if a guardrail complains before anything is released.

        What is wrong with a request is wrong with it wherever it is sent.
        """
        is_about_request = verdict.side is Side.INPUT
        return Outcome(status=FLAGGED, denied_at=self._node_of(verdict) if is_about_request else None)

    def outcome(self) -> Outcome:
        """Return what became of it, in the words of configs."""
        began = self.began_s is not None
        match self.failure:
            case None:
                return Outcome(began=began)
            case Blocked(verdict):
                denied_at = None
                if verdict.side is Side.INPUT:
                    denied_at = self._node_of(verdict)
                return Outcome(status=DENIED, began=began, denied_at=denied_at)
            case error:
                return Outcome(
                    status=error.status,
                    code=error.code,
                    retryable=error.retryable,
                    retry_after_s=_asked_to_wait(error),
                    began=began,
                    is_unreachable=isinstance(error, UpstreamUnreachable | UpstreamUnconnected),
                    is_unsupported=isinstance(error, CallerError),
                )

    def _node_of(self, verdict: Verdict) -> str:
        """Return the node whose guardrail it is; else the target, for the request as such was not denied."""
        found = (node.path for node in self._hop.guards if node.brings(verdict.guardrail))
        return next(found, self._hop.path)


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


def _asked_to_wait(error: HandrailError) -> float | None:
    headers: Mapping[str, str] = dict(error.headers) if isinstance(error, UpstreamRefused) else {}
    return retry_after_s(headers, time.time())


async def _at_once(answer: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """Hold a whole answer until all of it may be released; of a blocked one only the block remains."""
    held = [event async for event in answer]
    for event in held[-1:] if held and isinstance(held[-1], Blocked) else held:
        yield event

"""Attempts of one exchange, one after another, until an answer begins or the route has nothing left.

What failed before anything was released leaves no trace in the answer; what fails behind it ends the answer:
two are never glued together.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

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
        one = _Try(hop, route, complaint)
        events = answer(hop)
        try:
            async for event in _at_once(events) if whole else events:
                for released in one.released(event):
                    yield released
                if one.is_over:
                    break
        except HandrailError as error:
            one.fail(error)
        finally:
            await events.aclose()
        hop = one.next()
        for last in one.ending() if hop is None else ():
            yield last


class _Try:
    """One attempt.

    Args:
        hop: where to.
        route: whose hop it is.
        complaint: see `tried`.
    """

    __slots__ = (
        "_began_s",
        "_complaint",
        "_failure",
        "_following",
        "_hop",
        "_is_decided",
        "_route",
        "_silent",
        "_started_s",
        "is_over",
    )

    def __init__(self, hop: Hop, route: Route, complaint: Callable[[], Verdict | None]) -> None:
        self._hop = hop
        self._route = route
        self._complaint = complaint
        self._started_s = time.monotonic()
        self._silent: list[Event] = []
        self._began_s: float | None = None
        """Seconds until its first event."""
        self._failure: HandrailError | Blocked | None = None
        self._is_decided = False
        """Whether the route has been asked for what comes behind it."""
        self._following: Hop | None = None
        self.is_over = False
        """Whether nothing more of it is released."""

    def released(self, event: Event) -> Sequence[Event]:
        """Return what is released now that this event has come.

        An answer begins when it says something: some providers open one and fail then, and what has only
        been opened can still be answered by another, or with a true status.
        """
        if isinstance(event, Blocked):
            self._failure, self.is_over = event, True
            return ()
        if self._began_s is not None:
            return (event,)
        if _is_silent(event):
            self._silent.append(event)
            return ()
        self._began_s = time.monotonic() - self._started_s
        self.is_over = self._is_passed_over()
        return () if self.is_over else (*self._silent, event)

    def fail(self, error: HandrailError) -> None:
        """Note what ended it."""
        self._failure = self._timed(error)

    def next(self) -> Hop | None:
        """Return what the route tries next; None: this was the last."""
        return self._following if self._is_decided else self._route.next(self._outcome(), self._began_s)

    def ending(self) -> Sequence[Event]:
        """Return what the last attempt of a route ends with.

        Raises:
            HandrailError: it failed.
        """
        if isinstance(self._failure, HandrailError):
            raise self._failure
        return () if self._failure is None else (self._failure,)

    def _is_passed_over(self) -> bool:
        """Return whether the route goes on instead of releasing an answer that a guardrail complains about.

        What is complained about later goes with an answer that is on its way.
        """
        verdict = self._complaint()
        if verdict is None:
            return False
        following = self._route.next(self._complained(verdict), self._began_s)
        self._is_decided, self._following = True, following
        return following is not None

    def _timed(self, error: HandrailError) -> HandrailError:
        """Return the error, in other words where it is the time that was given by the caller or a config."""
        if not isinstance(error, UpstreamTimeout) or isinstance(error, UpstreamUnconnected):
            return error
        if self._hop.timeout_s is None or self._began_s is not None:
            return error
        return AttemptTimeout(error.message)

    def _complained(self, verdict: Verdict) -> Outcome:
        """Return what is said of it if a guardrail complains before anything is released.

        What is wrong with a request is wrong with it wherever it is sent.
        """
        is_about_request = verdict.side is Side.INPUT
        return Outcome(status=FLAGGED, denied_at=self._node_of(verdict) if is_about_request else None)

    def _outcome(self) -> Outcome:
        """Return what became of it, in the words of configs."""
        began = self._began_s is not None
        match self._failure:
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

"""What has become of an exchange so far, and what of it stands on record in the end."""

import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from app.cache.wish import NO_CACHE_WISH, CacheWish
from app.domain.content import Content, least
from app.domain.error_words import error_word
from app.domain.errors import HandrailError
from app.domain.events import Blocked, Event, Failed
from app.domain.exchange import Attempt, Caller, ExchangeRecord, Outcome, Usage
from app.domain.json_text import REDACTED
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.routing.wish import NO_WISH, Wish
from app.wire.openai.folds import fold_of
from guardrails import Coverage, Decision, OutputScreen, Side, Verdict
from telemetry import Ending, Trace

BLOCKED_STATUS = 446
"""What a caller gets instead of a whole answer, or of any answer to a blocked request (Portkey's number)."""
FLAGGED_STATUS = 246
"""Of an answer that a guardrail only complains about (Portkey's number)."""
CANCELLED_STATUS = 499
"""On record only: the caller did not wait for a status (nginx's number)."""
_ENDINGS: Mapping[Outcome, Ending] = {
    Outcome.BLOCKED_INPUT: "blocked",
    Outcome.BLOCKED_OUTPUT: "blocked",
    Outcome.UPSTREAM_ERROR: "failed",
    Outcome.FAILED: "failed",
}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request as HTTP hands it over."""

    exchange_id: str
    started_ns: int
    method: str
    path: str
    trace: Trace
    caller: Caller
    operation: Operation = Operation.CHAT
    """What is asked for: the route says it."""
    body: bytes = b""
    guardrails: tuple[str, ...] = ()
    """Names of guardrails the request adds."""
    metadata: dict[str, Any] | None = None
    headers: Sequence[tuple[bytes, bytes]] = ()
    """All of them, for guardrails that read one; to a provider go those alone that the request names."""
    strict: bool = True
    """As `ModelRequest.strict`."""
    wish: Wish = NO_WISH
    """What the caller says about routing."""
    cache: CacheWish = NO_CACHE_WISH
    caller_trace_id: str | None = None
    content: Content = "full"
    """At most so much of it may go on record, the caller says."""


class Account:
    """Kept while an exchange runs. The pipeline writes into it; `record` sums it up."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.request: ModelRequest | None = None
        self.hides_model = False
        """Whether a guardrail objects to the name of the model, so that it stays off the record."""
        self.is_screened = False
        """Whether the request has been: before that nobody knows what of it to keep off the record."""
        self.metadata = call.metadata
        self.attempts: list[Attempt] = []
        self.verdicts: tuple[Verdict, ...] = ()
        self.coverage = Coverage()
        self.outcome: Outcome | None = None
        self.denial: Verdict | None = None
        """Of the guardrail that ended the exchange."""
        self.is_flagged = False
        """Whether a guardrail complained before anything was released."""
        self.error: HandrailError | None = None
        self.first_release_ns: int | None = None
        self.ended_ns: int | None = None
        self.passed_status: int | None = None
        """Of an answer that was passed on."""
        self.fold = fold_of(call.operation)
        """What has been released."""

    def hear(self, verdicts: tuple[Verdict, ...]) -> None:
        """Take verdicts; one of a guardrail that has been heard on that side replaces the old one.

        A guardrail that had nothing in its scope says nothing: on record it would look as if it had looked.
        """
        verdicts = tuple(one for one in verdicts if one.heard)
        new = {(one.side, one.guardrail) for one in verdicts}
        kept = [one for one in self.verdicts if (one.side, one.guardrail) not in new]
        self.verdicts = tuple(sorted([*kept, *verdicts], key=_input_first))

    def answered(self, screen: OutputScreen) -> None:
        """Take what became of an answer: of the last one that was tried, and what was found in others."""
        self.coverage = screen.coverage
        self.verdicts = tuple(
            one for one in self.verdicts if one.side is Side.INPUT or one.decision is not Decision.PASS
        )
        self.hear(screen.verdicts())

    def released(self, event: Event) -> Event:
        """Note that an event goes out; return it."""
        if isinstance(event, Blocked):
            return self.blocked(event.verdict)
        if self.first_release_ns is None:
            self.first_release_ns = time.time_ns()
        self.fold.add(event)
        return event

    def passed(self, status: int) -> None:
        """Note that an answer that nobody here has read begins to go out."""
        self.first_release_ns = time.time_ns()
        self.passed_status = status

    def blocked(self, verdict: Verdict) -> Blocked:
        """Note that a guardrail ends the exchange; return the event that says so."""
        self.denial = verdict
        self.outcome = Outcome.BLOCKED_INPUT if verdict.side is Side.INPUT else Outcome.BLOCKED_OUTPUT
        return Blocked(verdict)

    def failed(self, error: HandrailError) -> Failed:
        """Note that an error ends the exchange; return the event that says so."""
        self.error = error
        self.outcome = error.outcome
        return Failed(error)

    def settle_trace(self) -> None:
        """Have decided whether its trace is exported, now that it is known how the exchange ended."""
        self.ended_ns = self.ended_ns or time.time_ns()
        ending = None if self.outcome is None else _ENDINGS.get(self.outcome)
        self.call.trace.settle(ending, self.ended_ns)

    @property
    def answered_status(self) -> int:
        """The status line of an answer."""
        return self.passed_status or (FLAGGED_STATUS if self.is_flagged else 200)

    def record(self, policy_version: str) -> ExchangeRecord:
        """Return what is written about the exchange. One that ended without a word was cancelled."""
        call, error, request = self.call, self.error, self.request
        attempt = self.attempts[-1] if self.attempts else None
        outcome = self.outcome or Outcome.CANCELLED
        return ExchangeRecord(
            id=call.exchange_id,
            trace_id=call.trace.trace_id,
            span_id=call.trace.root.span_id,
            trace_sampled=call.trace.sampled,
            caller_trace_id=call.caller_trace_id,
            caller=call.caller.name,
            content=least(call.caller.content, call.content),
            policy_version=policy_version,
            started_ns=call.started_ns,
            ended_ns=self.ended_ns or time.time_ns(),
            first_release_ns=self.first_release_ns,
            method=call.method,
            path=call.path,
            operation=call.operation,
            unscreened=self._is_unread(),
            stream=request is not None and request.stream,
            requested_model=self._requested_model(),
            provider=attempt.provider if attempt is not None else None,
            model=attempt.model if attempt is not None else None,
            outcome=outcome,
            status_code=self._status(outcome),
            error_type=error.body()["error"]["type"] if error is not None else None,
            error_code=error.code if error is not None else None,
            error_param=error.param if error is not None else None,
            error_message=error.message if error is not None else None,
            error_word=error_word(error) if error is not None else None,
            metadata=self._metadata(),
            request_bytes=len(call.body),
            request=self._document(),
            response=self._response(),
            attempts=tuple(self.attempts),
            verdicts=self.verdicts,
            coverage=self._covered(),
            usage=attempt.usage if attempt is not None else Usage(),
            cache_status=attempt.cache_status if attempt is not None else None,
            cost_usd=cost_of(self.attempts),
        )

    def _requested_model(self) -> str | None:
        if self.request is None:
            return None
        return REDACTED if self.hides_model else self.request.model

    def _document(self) -> dict[str, Any] | None:
        if self.request is None or not self.is_screened:
            return None
        document = self.request.document
        return document | {"model": REDACTED} if self.hides_model else document

    def _is_unread(self) -> bool:
        if self.call.operation is Operation.PROXY:
            return True
        return self.request is not None and self.request.unreadable is not None

    def _response(self) -> dict[str, Any] | None:
        if self.first_release_ns is None or self.passed_status is not None:
            return None
        return self.fold.recorded()

    def _covered(self) -> Coverage:
        """Return the coverage: what has passed screening and has not gone out yet is not released."""
        gone_out = self.first_release_ns is not None
        return self.coverage if gone_out else msgspec.structs.replace(self.coverage, released=0)

    def _metadata(self) -> dict[str, Any] | None:
        """Return the header's metadata, the body's where the caller sent none."""
        if self.call.metadata is not None or self.request is None or not self.is_screened:
            return self.metadata
        said = self.request.document.get("metadata")
        return said if isinstance(said, dict) else None

    def _status(self, outcome: Outcome) -> int:
        """Return the status line the caller got: once a stream has begun it stays as it was."""
        if self.first_release_ns is not None:
            return CANCELLED_STATUS if outcome is Outcome.CANCELLED else self.answered_status
        if outcome is Outcome.BLOCKED_OUTPUT and self.request is not None and self.request.stream:
            return self.answered_status
        if self.error is not None:
            return self.error.status
        return CANCELLED_STATUS if outcome is Outcome.CANCELLED else BLOCKED_STATUS


def cost_of(attempts: Iterable[Attempt]) -> Decimal | None:
    """Return what all attempts cost together, None where that is not known.

    One that never began to answer (refused, unreachable, too late) counts for nothing: no provider says what
    it takes for it, if anything. One that did and whose cost is unknown, because its price is or because it
    was cut before its usage came, makes the sum unknown: a sum without it would look like the whole.
    """
    answered = [attempt.cost_usd for attempt in attempts if attempt.first_event_ns is not None]
    known = [cost for cost in answered if cost is not None]
    return sum(known, Decimal()) if known and len(known) == len(answered) else None


def _input_first(verdict: Verdict) -> bool:
    return verdict.side is not Side.INPUT

"""The life of an exchange, top to bottom: read `Exchange.events`.

One path for whole answers and streams, for what goes well and what does not. The pipeline knows ports, not
adapters: it is handed bytes and yields typed events; who made the bytes and who writes the events is not its
affair. What was answered is on record when the last event has been taken, whatever happened: an error, a
block, a caller who left.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import msgspec

from app.attempt import note_event
from app.domain.chat import ChatRequest
from app.domain.errors import HandrailError, InternalError, Overloaded, UpstreamRefused
from app.domain.events import Blocked, Event, Failed, ProviderEvent
from app.domain.exchange import Attempt, Caller, ExchangeRecord, Outcome, Usage
from app.domain.parts import redact_request, request_parts
from app.domain.ports import Records, Routes, Target
from app.policy import Policy
from app.screening import Screening
from app.tracing import begin_attempt, end_attempt, end_exchange, log_fields
from app.wire.openai_fold import Fold
from app.wire.openai_request import Limits, decode
from guardrails import Coverage, Engine, Part, Side, Verdict
from telemetry import Log, Trace

BLOCKED_STATUS = 446
"""What a caller gets instead of a whole answer, or of any answer to a blocked request (Portkey's number)."""
CANCELLED_STATUS = 499
"""On record only: the caller did not wait for a status (nginx's number)."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request as HTTP hands it over."""

    exchange_id: str
    started_ns: int
    method: str
    path: str
    trace: Trace
    caller: Caller
    body: bytes = b""
    guardrails: tuple[str, ...] = ()
    """Names of guardrails the request adds."""
    metadata: dict[str, Any] | None = None
    caller_trace_id: str | None = None


class Pipeline:
    """Makes exchanges. Shared by all of them; holds no state of any.

    Args:
        routes: from the model a caller names to a target.
        policy: which guardrails apply.
        records: where exchanges go on record.
        limits: of a request's document.
        log: for the line of each exchange.
        scrub: takes secrets and personal data out of what is said about an error.
    """

    def __init__(  # noqa: PLR0913 (what an exchange needs of the world)
        self,
        *,
        routes: Routes,
        policy: Policy,
        records: Records,
        limits: Limits,
        log: Log,
        scrub: Callable[[str], str],
    ) -> None:
        self.routes = routes
        self.policy = policy
        self.records = records
        self.limits = limits
        self.log = log
        self.scrub = scrub

    def begin(self, call: Call) -> "Exchange":
        """Return the exchange of this call; nothing happens before its events are asked for."""
        return Exchange(self, call)


class Exchange:
    """One exchange. `events` runs it once; what it has become can be read while it runs and after."""

    def __init__(self, pipeline: Pipeline, call: Call) -> None:
        self._pipeline = pipeline
        self._call = call
        self._admitted = False
        self._outcome: Outcome | None = None
        self._error: HandrailError | None = None
        self._verdicts: tuple[Verdict, ...] = ()
        self._attempts: list[Attempt] = []
        self._coverage = Coverage()
        self._first_release_ns: int | None = None
        self.request: ChatRequest | None = None
        self.fold = Fold()
        """What has been released so far."""

    async def events(self) -> AsyncGenerator[Event]:
        """Run the exchange.

        Yields:
            What may be released; in the end `Blocked` or `Failed` if it came to that. For a whole answer
            nothing is yielded before all of it may be.
        """
        try:
            self._admit()
            request = self.request = decode(self._call.body, self._pipeline.limits)
            engine = self._pipeline.policy.select(self._call.caller, self._call.guardrails)
            target = self._pipeline.routes.resolve(request.model)
            screened = await engine.screen(request_parts(request.document))
            self._verdicts = screened.verdicts
            if screened.blocked is not None:
                yield self._block(screened.blocked)
                return
            document = redact_request(request.document, screened.redacted)
            sent = msgspec.structs.replace(request, document=document)
            async with aclosing(self._answer(sent, target, engine)) as answer:
                async for event in answer if request.stream else _at_once(answer):
                    yield self._release(event)
            self._outcome = self._outcome or Outcome.OK
        except HandrailError as error:
            yield self._fail(error)
        except Exception:  # the edge of a request: a bug must not lose the exchange
            self._pipeline.log.error("exchange_crashed", exchange_id=self._call.exchange_id, exc_info=True)  # noqa: G201 (no logging.Logger)
            yield self._fail(InternalError("Handrail failed; its log says why under this request id."))
        finally:
            self._close()

    def reject(self, error: HandrailError) -> None:
        """End an exchange whose request could not even be read."""
        self._fail(error)
        try:
            self._admit()
        except Overloaded:
            self._pipeline.log.warning(
                "rejected_off_record", exchange_id=self._call.exchange_id, code=error.code
            )
        self._close()

    def _admit(self) -> None:
        self._pipeline.records.admit()
        self._admitted = True

    async def _answer(self, request: ChatRequest, target: Target, engine: Engine) -> AsyncGenerator[Event]:
        """Ask the provider and screen its answer."""
        screen = engine.output(whole=not request.stream)
        screening = Screening(screen)
        try:
            async with aclosing(self._attempt(request, target)) as upstream:
                async for event in upstream:
                    for released in await screening.feed(event):
                        yield released
                    if screening.blocked is not None:
                        break
            for released in await screening.close():
                yield released
            if screening.blocked is not None:
                yield screening.blocked
        except UpstreamRefused as error:
            error.message = await self._screened_message(error.message, engine)
            raise
        finally:
            await screen.close()  # who only observes has a say about an answer that was cut, too
            self._verdicts += screen.verdicts()
            self._coverage = screen.coverage

    async def _attempt(self, request: ChatRequest, target: Target) -> AsyncGenerator[ProviderEvent]:
        """Call the provider once, and note how it went."""
        provider = target.provider
        attempt = Attempt(
            number=len(self._attempts) + 1,
            provider=provider.slug,
            provider_kind=provider.kind,
            model=target.model,
            server_address=provider.server_address,
            server_port=provider.server_port,
            started_ns=time.time_ns(),
        )
        self._attempts.append(attempt)
        span = begin_attempt(self._call.trace, attempt, request)
        try:
            async with aclosing(provider.chat(request, target.model, attempt)) as upstream:
                async for event in upstream:
                    note_event(attempt, event)
                    yield event
        except HandrailError as error:
            attempt.error_type = error.code or str(error.status)
            raise
        finally:
            attempt.ended_ns = time.time_ns()
            end_attempt(span, attempt, stream=request.stream)

    async def _screened_message(self, message: str, engine: Engine) -> str:
        """Screen a provider's words about an error as an answer: they may quote what was asked or said."""
        screen, place = engine.output(whole=True), "error.message"
        text = await screen.feed(Part(place, message, role="assistant")) + await screen.finish(place)
        if screen.blocked is not None:
            return "The provider refused; a guardrail withheld what it said."
        return self._pipeline.scrub(text)

    def _release(self, event: Event) -> Event:
        if isinstance(event, Blocked):
            return self._block(event.verdict)
        if self._first_release_ns is None:
            self._first_release_ns = time.time_ns()
        self.fold.add(event)
        return event

    def _block(self, verdict: Verdict) -> Blocked:
        self._outcome = Outcome.BLOCKED_INPUT if verdict.side is Side.INPUT else Outcome.BLOCKED_OUTPUT
        return Blocked(verdict)

    def _fail(self, error: HandrailError) -> Failed:
        self._error = error
        self._outcome = error.outcome
        return Failed(error)

    def _close(self) -> None:
        """Put the exchange on record, end its trace, write its line."""
        record = self._record()
        if self._admitted:
            self._pipeline.records.take(record)
        end_exchange(self._call.trace, record)
        self._pipeline.log.info("exchange", **log_fields(record))

    def _record(self) -> ExchangeRecord:
        call, error, request = self._call, self._error, self.request
        attempt = self._attempts[-1] if self._attempts else None
        outcome = self._outcome or Outcome.CANCELLED
        if self._first_release_ns is None:
            self._coverage.released = 0
        metadata = call.metadata
        if metadata is None and request is not None and isinstance(request.document.get("metadata"), dict):
            metadata = request.document["metadata"]
        return ExchangeRecord(
            id=call.exchange_id,
            trace_id=call.trace.trace_id,
            span_id=call.trace.root.span_id,
            trace_sampled=call.trace.sampled,
            caller_trace_id=call.caller_trace_id,
            caller=call.caller.name,
            policy_version=self._pipeline.policy.version,
            started_ns=call.started_ns,
            ended_ns=time.time_ns(),
            first_release_ns=self._first_release_ns,
            method=call.method,
            path=call.path,
            stream=request is not None and request.stream,
            requested_model=request.model if request is not None else None,
            provider=attempt.provider if attempt is not None else None,
            model=attempt.model if attempt is not None else None,
            outcome=outcome,
            status_code=self._status(outcome),
            error_type=error.body()["error"]["type"] if error is not None else None,
            error_code=error.code if error is not None else None,
            error_param=error.param if error is not None else None,
            error_message=error.message if error is not None else None,
            metadata=metadata,
            request=request.document if request is not None else None,
            response=self.fold.document() if self._first_release_ns is not None else None,
            attempts=tuple(self._attempts),
            verdicts=self._verdicts,
            coverage=self._coverage,
            usage=attempt.usage if attempt is not None else Usage(),
        )

    def _status(self, outcome: Outcome) -> int:
        """Return the status line the caller got: once a stream has begun it stays 200."""
        if self._first_release_ns is not None:
            return CANCELLED_STATUS if outcome is Outcome.CANCELLED else 200
        if outcome is Outcome.BLOCKED_OUTPUT and self.request is not None and self.request.stream:
            return 200
        if self._error is not None:
            return self._error.status
        return CANCELLED_STATUS if outcome is Outcome.CANCELLED else BLOCKED_STATUS


async def _at_once(answer: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """Hold a whole answer until all of it may be released; of a blocked one only the block remains."""
    held = [event async for event in answer]
    for event in held[-1:] if held and isinstance(held[-1], Blocked) else held:
        yield event

"""The life of an exchange, top to bottom: read `Exchange.events`.

One path for whole answers and streams, for what goes well and what does not. The pipeline knows ports, not
adapters: it is handed bytes and yields typed events, whoever made and writes them. What was answered is on
record when the last event has been taken, whatever happened: an error, a block, a caller who left.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from decimal import Decimal

import msgspec

from app.account import Account, Call
from app.attempt import note_event, note_released, shown_names
from app.caching import NO_CACHES, NOTHING_FOUND, Caches, Lookup
from app.crash import crashed
from app.domain.error_words import error_word
from app.domain.errors import HandrailError, Overloaded, UpstreamBroken, UpstreamRefused
from app.domain.events import Blocked, Event, ProviderEvent
from app.domain.exchange import Attempt, Outcome
from app.domain.model_request import ModelRequest
from app.domain.part_list import TooManyTexts
from app.domain.parts import redact_request
from app.domain.ports import Prices, Records
from app.hearing import Hearing
from app.hop_requests import HopRequests
from app.later import Later
from app.on_record import OnRecord, UnderWay
from app.policy import Policy
from app.refusals import screen_refusal, scrub_names, scrubbed_error
from app.released import screened
from app.repeating import Repeating, way_of
from app.restoring import Restoring
from app.routing.resolve import Target
from app.routing.router import Router
from app.routing.way import Hop, Route
from app.screening import Screening
from app.telling import Telling
from app.told_guardrails import ToldGuardrails
from app.tracing import begin_attempt, end_attempt
from app.tries import tried
from app.wire.openai.embeddings import EmbeddingsFold
from app.wire.openai.fold import Fold
from app.wire.openai.request import Limits, decode
from guardrails import OutputScreen, Verdict
from telemetry import Log


class Pipeline:
    """Makes exchanges. Shared by all of them; holds no state of any.

    Args:
        router: finds the way of a request.
        policy: which guardrails apply.
        prices: what attempts cost.
        records: where exchanges go on record.
        limits: of a request's document.
        log: for the line of each exchange.
        scrub: takes secrets and personal data out of what is said about an error.
        caches: answers that may be given again.
        telling: says what there is to say of each exchange that has ended; None: the log alone.
    """

    def __init__(  # noqa: PLR0913 (what an exchange needs of the world)
        self,
        *,
        router: Router,
        policy: Policy,
        prices: Prices,
        records: Records,
        limits: Limits,
        log: Log,
        scrub: Callable[[str], str],
        caches: Caches = NO_CACHES,
        telling: Telling | None = None,
    ) -> None:
        self.router = router
        self.policy = policy
        self.prices = prices
        self.under_way = UnderWay(records, policy.version)
        self.limits, self.log = limits, log
        self.scrub = scrub
        self.caches, self.telling = caches, telling or Telling(log, scrub=scrub)
        self.later = Later()
        """Settled, every exchange that has ended is on record."""

    def begin(self, call: Call) -> "Exchange":
        """Return the exchange of this call; nothing happens before its events are asked for."""
        return Exchange(self, call)


class Exchange:
    """One exchange. `events` runs it once; what it has become can be read while it runs and after."""

    def __init__(self, pipeline: Pipeline, call: Call) -> None:
        self._pipeline = pipeline
        self._call, self.scrub = call, pipeline.scrub
        self._account = Account(call)
        self._on_record = OnRecord(pipeline.under_way, self._account)
        self._observed: OutputScreen | None = None
        """The last answer's, if any guardrail only observes it."""
        self._restoring = Restoring(pipeline.policy.vault(), call.operation)
        self._hearing = Hearing(call, self._account, self._restoring.vault)
        self._hops = HopRequests(pipeline.policy, call, self._restoring.vault, self._hearing)
        self.caching = pipeline.caches.begin(call, pipeline.policy.version)
        self._repeating = Repeating(pipeline.caches.repeats, self._account, self._hops, self.caching)
        self.told = ToldGuardrails(pipeline.policy, self._hops, self._account)
        self.route: Route | None = None
        """The way it takes, once that is known."""

    @property
    def request(self) -> ModelRequest | None:
        """The request, as soon as it has been read."""
        return self._account.request

    @property
    def fold(self) -> Fold | EmbeddingsFold:
        """What the caller has been told so far; on record is what has been released."""
        return self._restoring.fold if self._restoring.vault else self._account.fold

    @property
    def attempt(self) -> Attempt | None:
        """The last one, as far as it has come."""
        return self._account.attempts[-1] if self._account.attempts else None

    def events(self) -> AsyncGenerator[Event]:
        """Run the exchange; yield what the caller is told.

        It is what may be released, then `Blocked` or `Failed` if it came to that; a whole answer at once.
        """
        return self._restoring.run(self._on_record.told(self._released()))

    async def _released(self) -> AsyncGenerator[Event]:
        """Run the exchange; yield what goes on record."""
        try:
            self._on_record.admit()
            if (known := await self._repeating.known()) is not None:
                self.route = way_of(known)
                await self._on_record.begin()
                for event in known.events:
                    yield self._account.released(event)
                self._account.outcome = Outcome.OK
                return
            call = self._call
            request = decode(call.body, self._pipeline.limits, call.operation, strict=call.strict)
            self._account.request = request
            screened = await self._hearing.request(request, self._hops.first(request))
            if screened.blocked is not None:
                yield self._account.blocked(screened.blocked)
                return
            document = redact_request(request.document, screened.redacted)
            sent = msgspec.structs.replace(request, document=document)
            self.route = self._pipeline.router.route(
                request, call.caller, call.wish, call.metadata or {}, call.path
            )
            await self._on_record.begin()
            async with aclosing(self._answers(sent, self.route)) as events:
                async for event in events:
                    if self._account.first_release_ns is None:
                        self._account.is_flagged = self.told.complaint() is not None
                    self._repeating.note(event)
                    yield self._account.released(event)
            self._account.outcome = self._account.outcome or Outcome.OK
            self._repeating.keep(self.route, self._restoring.vault)
        except HandrailError as error:
            yield self._account.failed(scrubbed_error(error, self._pipeline.scrub))
        except Exception:  # the edge of a request: a bug must not lose the exchange
            self._pipeline.log.error("exchange_crashed", exchange_id=self._call.exchange_id, exc_info=True)  # noqa: G201 (no logging.Logger)
            yield self._account.failed(crashed())
        finally:
            self._account.ended_ns = time.time_ns()
            self._end()

    def abort(self, error: HandrailError) -> None:
        """Say why this exchange is about to be cancelled, where it is not the caller who left."""
        self._account.failed(error)

    def reject(self, error: HandrailError) -> None:
        """End an exchange whose request could not even be read."""
        self._account.failed(scrubbed_error(error, self._pipeline.scrub))
        try:
            self._on_record.admit()
        except Overloaded:
            self._pipeline.log.warning(
                "rejected_off_record", exchange_id=self._call.exchange_id, code=error.code
            )
        self._close()

    async def kept(self) -> HandrailError | None:
        """Wait until what has ended is on record, where that is promised; return why it is not."""
        return await self._on_record.kept()

    def _answers(self, request: ModelRequest, route: Route) -> AsyncGenerator[Event]:
        """Return the events of the first answer on the way that does."""
        answers = tried(
            route,
            lambda hop: self._answer(request, hop),
            whole=not request.stream,
            complaint=self.told.complaint,
        )
        beside = self._hearing.beside
        return answers if beside is None else beside.held(answers)

    def _end(self) -> None:
        if self._hearing.is_due or self._observed is not None:
            self._on_record.closing = self._pipeline.later.run(self._observe())
        else:
            self._close()

    async def _observe(self) -> None:
        """Hear who only observes, now that the answer is out, and put the exchange on record."""
        try:
            await self._hearing.observe()
            if self._observed is not None:
                await self._observed.close()
                self._account.hear(self._observed.verdicts())
        finally:
            self._close()

    async def _answer(self, request: ModelRequest, hop: Hop) -> AsyncGenerator[Event]:
        """Ask the provider of a hop, or take what the cache has in its place, and screen the answer."""
        asked = await self._hops.request(request, hop)
        if isinstance(asked, Verdict):
            yield Blocked(asked)
            return
        request, engine = asked, self._hops.engine(request, hop)
        self._restoring.asked(request)
        conversation = self._hearing.conversation(request, engine, hop.target.address)
        screen = engine.output(conversation, whole=not request.stream)
        screening, found = Screening(screen), NOTHING_FOUND
        is_heard = request.operation.answers_in_words
        try:
            found = await self.caching.look_up(request, hop)
            answer = self._attempt(request, hop.target, found)
            async with aclosing(screened(answer, screening, request) if is_heard else answer) as events:
                async for event in events:
                    note_released(self._account.attempts[-1], event)
                    yield event
            if is_heard:
                await screen.tell()
            if screening.blocked is None and await self._hearing.allows():
                found.keep(self._pipeline.later.run)
        except TooManyTexts as error:
            raise UpstreamBroken("The provider's answer holds more texts than can be screened.") from error
        except UpstreamRefused as error:
            is_heard = True
            await screen_refusal(error, screen, self._pipeline.scrub)
            raise
        finally:
            found.end(withheld=screening.blocked is not None)
            if is_heard:
                self._account.answered(screen)
            self._observed = screen if is_heard and screen.observing else None

    async def _attempt(
        self, request: ModelRequest, target: Target, found: Lookup
    ) -> AsyncGenerator[ProviderEvent]:
        """Call the provider once, unless its answer was found, and note how it went."""
        provider = target.provider
        attempt = Attempt(
            number=len(self._account.attempts) + 1,
            operation=request.operation,
            provider=provider.slug,
            provider_kind=provider.kind,
            telemetry_name=provider.telemetry_name,
            model=self._pipeline.scrub(target.model),
            server_address=provider.server_address,
            server_port=provider.server_port,
            started_ns=time.time_ns(),
        )
        found.mark(attempt)
        self._account.attempts.append(attempt)
        span = begin_attempt(self._call.trace, attempt, request)
        try:
            answer = found.given() or provider.ask(request, target.model, attempt)
            async with aclosing(answer) as upstream:
                async for event in upstream:
                    note_event(attempt, event)
                    found.note(event)
                    yield event
        except HandrailError as error:
            attempt.error_type = error_word(error)
            raise
        finally:
            attempt.ended_ns = time.time_ns()
            attempt.cost_usd = Decimal() if span is None else self._pipeline.prices.cost(attempt)
            attempt.dropped_params = shown_names(attempt.dropped_params, self._pipeline.scrub)
            scrub_names(attempt, self._pipeline.scrub)
            if span is not None:
                end_attempt(span, attempt, stream=request.stream)

    def _close(self) -> None:
        """Put the exchange on record, end its trace, write its line."""
        record = self._on_record.end()
        self._pipeline.telling.tell(self._call.trace, record, self._pipeline.later.run)

"""The life of an exchange that is passed on: to one provider, once, and back piece by piece.

The counterpart of `app/pipeline.py` for what nobody here can read. No guardrail hears it, no config routes
or retries it, and the record holds who passed what on where and how it ended, marked as unscreened, but
nothing of either body: of these nobody knows what to hide. So it is allowed by name, per key, and where a
guardrail that acts applies to the key it is refused unless the key says otherwise: what is not screened is
not released.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.account import Account, Call
from app.crash import crashed
from app.domain.errors import HandrailError, NotAllowed, UnknownRoute, UpstreamRefused
from app.domain.events import Failed
from app.domain.exchange import Attempt, Outcome
from app.domain.ports import Provider
from app.domain.proxying import Passed, PassedHead
from app.on_record import OnRecord
from app.pipeline import Pipeline
from app.tracing import begin_passing, end_attempt


class Passing:
    """One exchange.

    Args:
        pipeline: whose policy, router and record it shares.
        call: the request; its body may be anything.
        passed: what is to be passed on.
    """

    def __init__(self, pipeline: Pipeline, call: Call, passed: Passed) -> None:
        self._pipeline = pipeline
        self._call = call
        self._passed = passed
        self._account = Account(call)
        self._on_record = OnRecord(pipeline.under_way, self._account)

    def abort(self, error: HandrailError) -> None:
        """Say why this exchange is about to be cancelled, where it is not the caller who left."""
        self._account.failed(error)

    def run(self) -> AsyncGenerator[PassedHead | bytes | Failed]:
        """Run the exchange; yield the head of the answer and its pieces, and `Failed` if it came to that."""
        return self._on_record.told(self._run())

    async def _run(self) -> AsyncGenerator[PassedHead | bytes | Failed]:
        try:
            self._on_record.admit()
            provider = self._allowed()
            await self._on_record.begin()
            async with aclosing(self._attempt(provider)) as answer:
                async for piece in answer:
                    if isinstance(piece, PassedHead):
                        self._account.passed(piece.status)
                        piece = self._on_record.open_ended(piece)  # noqa: PLW2901 (the head as it is told)
                    yield piece
            self._account.outcome = Outcome.OK
        except HandrailError as error:
            if isinstance(error, UpstreamRefused):
                error.message = self._pipeline.scrub(error.message)
            yield self._account.failed(error)
        except Exception:  # the edge of a request: a bug must not lose the exchange
            self._pipeline.log.error("exchange_crashed", exchange_id=self._call.exchange_id, exc_info=True)  # noqa: G201 (no logging.Logger)
            yield self._account.failed(crashed())
        finally:
            self._close()

    async def kept(self) -> HandrailError | None:
        """Wait until what has ended is on record, where records are strict; return why it is not."""
        return await self._on_record.kept()

    def _allowed(self) -> Provider:
        """Return the provider that is asked.

        Raises:
            CallerError: the key may not pass this on.
        """
        call, grant = self._call, self._call.caller.proxy
        if grant is None or not grant.allows(call.path):
            raise UnknownRoute("There is nothing at this path for your key (`keys.*.proxy.paths`).")
        heard_by = self._pipeline.policy.must_hear(call.caller, call.guardrails)
        if heard_by and not grant.unscreened:
            raise NotAllowed(
                f"This is passed on unread, but the guardrail {heard_by[0]!r} would have to hear it "
                "(`keys.*.proxy.unscreened`)."
            )
        return self._pipeline.router.only_provider(call.caller, call.wish)

    async def _attempt(self, provider: Provider) -> AsyncGenerator[PassedHead | bytes]:
        attempt = Attempt(
            number=1,
            operation=self._call.operation,
            provider=provider.slug,
            provider_kind=provider.kind,
            telemetry_name=provider.telemetry_name,
            model="",
            server_address=provider.server_address,
            server_port=provider.server_port,
            started_ns=time.time_ns(),
        )
        self._account.attempts.append(attempt)
        span = begin_passing(self._call.trace, attempt, self._call.method)
        try:
            async with aclosing(provider.pass_on(self._passed, attempt)) as answer:
                async for piece in answer:
                    attempt.first_event_ns = attempt.first_event_ns or time.time_ns()
                    yield piece
        except HandrailError as error:
            attempt.error_type = error.code or str(error.status)
            raise
        finally:
            attempt.ended_ns = time.time_ns()
            end_attempt(span, attempt, stream=False)

    def _close(self) -> None:
        self._account.ended_ns = time.time_ns()
        record = self._on_record.end()
        self._pipeline.telling.tell(self._call.trace, record, self._pipeline.later.run)

"""Repeating of one exchange: whether it is one that was before, and else what the next one may repeat.

What is repeated, and why that comes to the same, is in `app/repeats.py`.
"""

import time
from collections.abc import Iterator

import msgspec

from app.account import Account, Call
from app.cache.cache import Hit, Status
from app.caching import Caching
from app.domain.events import Event
from app.domain.exchange import Outcome
from app.footprint import footprint
from app.hop_requests import HopRequests
from app.repeats import LONGEST_BYTES, Asked, Known, Repeats, may_come_again
from app.routing.way import OneWay, Route
from guardrails import Vault


class Repeating:
    """That of one exchange.

    Args:
        repeats: of all exchanges.
        account: of this one.
        hops: knows its guardrails.
        caching: knows what the cache had for it.
    """

    def __init__(self, repeats: Repeats, account: Account, hops: HopRequests, caching: Caching) -> None:
        self._repeats = repeats
        self._account = account
        self._hops = hops
        self._caching = caching
        self._events: list[Event] = []

    @property
    def _call(self) -> Call:
        return self._account.call

    async def known(self) -> Known | None:
        """Return what is known of the request; then it is accounted for, but for what is released."""
        known = await self._repeats.find(self._call, self._caching.policy_version)
        if known is not None:
            self._recall(known)
        return known

    def note(self, event: Event) -> None:
        """Take what is released of an answer."""
        if self._may_be_kept:
            self._events.append(event)

    def keep(self, route: Route, vault: Vault) -> None:
        """Remember what became of the exchange, if it would become of the next one, too.

        Args:
            route: the way it took.
            vault: what its caller alone may see again.
        """
        hit, hop, request = self._caching.hit, route.hop, self._account.request
        if hit is None or hop is None or request is None or vault or not self._is_certain(route, hit):
            return
        account, attempt, events = self._account, self._account.attempts[-1], tuple(self._events)
        asked = Asked.of(self._call, self._caching.policy_version)
        held = (asked, hit.entry, hit.kept.bare, request, events, attempt, account.verdicts, account.metadata)
        known = Known(
            asked=asked,
            hit=hit,
            hop=hop,
            request=request,
            events=events,
            attempt=attempt,
            verdicts=account.verdicts,
            coverage=account.coverage,
            metadata=account.metadata,
            hides_model=account.hides_model,
            is_flagged=account.is_flagged,
            told=self._hops.told,
            size=footprint(held, LONGEST_BYTES),
        )
        self._repeats.keep(self._call, known)

    def _is_certain(self, route: Route, hit: Hit) -> bool:
        """Return whether the same request would end in the same way as long as the same answer is kept."""
        return all(self._reasons(route, hit))

    @property
    def _may_be_kept(self) -> bool:
        request = self._account.request
        is_whole = request is not None and not request.stream
        return is_whole and self._caching.hit is not None and may_come_again(self._call)

    def _reasons(self, route: Route, hit: Hit) -> Iterator[bool]:
        account, hop, engine = self._account, route.hop, self._hops.last_engine
        yield self._may_be_kept
        yield hit.status is Status.HIT
        yield account.outcome is Outcome.OK and len(account.attempts) == 1 and route.is_certain
        yield hop is not None and not hop.forward_headers
        yield engine is not None and engine.hears_texts_alone
        yield all(one.error is None for one in account.verdicts)

    def _recall(self, known: Known) -> None:
        account, now_ns = self._account, time.time_ns()
        account.request, account.metadata = known.request, known.metadata
        account.is_screened, account.hides_model = True, known.hides_model
        account.is_flagged = known.is_flagged
        account.coverage = msgspec.structs.replace(known.coverage)
        account.verdicts = tuple(
            msgspec.structs.replace(one, started_ns=now_ns, duration_ns=0) for one in known.verdicts
        )
        attempt = msgspec.structs.replace(
            known.attempt,
            span_id=self._call.trace.root.span_id,
            started_ns=now_ns,
            first_event_ns=now_ns,
            ended_ns=now_ns,
        )
        account.attempts.append(attempt)
        self._hops.told = known.told
        self._caching.hit, self._caching.status = known.hit, known.hit.status


def way_of(known: Known) -> Route:
    """Return the way that a repeated exchange has taken."""
    way = OneWay(known.hop)
    way.next()
    return way

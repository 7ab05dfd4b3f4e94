"""How an exchange gets on record: its place, its beginning and its end, and who waits for that.

    bounded   the end is handed over and nobody waits. What is under way for longer than a second is noted as
              begun, so that a crash cannot make a long exchange unheard of.
    strict    its beginning is kept before anything goes upstream, and all of it before the caller is told
              how it ended: before a whole answer, or before the last of a stream. Guardrails that only
              observe are waited for, too, since their verdicts are part of the record.

Which it is, `records` say. A caller who leaves is waited for by nobody: nothing more is told to him.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeVar

from app.account import Account
from app.domain.errors import HandrailError, Overloaded
from app.domain.events import Blocked, Failed
from app.domain.exchange import ExchangeRecord
from app.domain.ports import Records
from app.domain.proxying import PassedHead

_Told = TypeVar("_Told")

BEGUN_AFTER_S = 1.0
"""How long an exchange may be under way before it is noted as begun."""
_LOOK_EVERY_S = 0.25
_COMMIT_S = 10.0
"""How long somebody waits for the record before he is told that there is none. Its writer goes on trying."""


class UnderWay:
    """Exchanges that have been admitted and have not ended.

    Args:
        records: where they go.
        policy_version: of the configuration they run under.
    """

    def __init__(self, records: Records, policy_version: str) -> None:
        self.records = records
        self.policy_version = policy_version
        self._unknown: dict[OnRecord, float] = {}
        """Those whose beginning has not been noted, the oldest first, and since when they are under way."""

    def admit(self, exchange: "OnRecord", *, is_refused: bool) -> None:
        """Keep a place for one.

        Raises:
            Overloaded: there is none.
        """
        self.records.admit(is_refused=is_refused)
        if not self.records.is_strict:
            self._unknown[exchange] = time.monotonic()

    def leave(self, exchange: "OnRecord") -> None:
        """Note that one has ended, or that its beginning has been noted."""
        self._unknown.pop(exchange, None)

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Note those as begun that are under way for long, until the block ends."""
        task = asyncio.get_running_loop().create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def note(self, now: float) -> None:
        """Note those as begun that are under way for long at this moment, in `time.monotonic` seconds."""
        while self._unknown:
            exchange, since = next(iter(self._unknown.items()))
            if now - since < BEGUN_AFTER_S:
                return
            exchange.note_begun()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self.note(time.monotonic())


class OnRecord:
    """What one exchange does about its record.

    Args:
        under_way: all exchanges.
        account: of this one.
    """

    def __init__(self, under_way: UnderWay, account: Account) -> None:
        self._under_way = under_way
        self._account = account
        self._is_admitted = False
        self._committed: asyncio.Future[None] | None = None
        self.closing: asyncio.Task[None] | None = None
        """What will put it on record, if its answer does not wait for that."""

    def admit(self) -> None:
        """Keep a place for it.

        Raises:
            Overloaded: there is none.
        """
        self._under_way.admit(self, is_refused=self._account.error is not None)
        self._is_admitted = True

    def note_begun(self) -> asyncio.Future[None] | None:
        """Have noted that it has begun, and what is known of it."""
        self._under_way.leave(self)
        return self._under_way.records.begin(self._record())

    async def begin(self) -> None:
        """Let nothing go upstream before its beginning is on record, where that is promised.

        Raises:
            Overloaded: it cannot be put on record.
        """
        if self._under_way.records.is_strict:
            self._committed = self.note_begun()
            if (error := await self._failure()) is not None:
                raise error

    def end(self) -> ExchangeRecord:
        """Hand over what has become of it, and return that."""
        self._account.settle_trace()
        record = self._record()
        self._under_way.leave(self)
        if self._is_admitted:
            self._committed = self._under_way.records.take(record)
        return record

    def told(self, events: AsyncGenerator[_Told]) -> AsyncGenerator[_Told | Failed]:
        """Yield events, the last word only when the exchange is on record where that is promised.

        `events` puts it there when it ends; it is closed.
        """
        if not self._under_way.records.is_strict:
            return events
        return self._held(events)

    def open_ended(self, head: PassedHead) -> PassedHead:
        """Return the head of an answer without its length, where its end must wait for the record.

        Whoever knows the length takes the answer for complete before it is ended.
        """
        if not self._under_way.records.is_strict:
            return head
        return PassedHead(
            head.status,
            tuple((name, value) for name, value in head.headers if name.lower() != "content-length"),
        )

    async def kept(self) -> HandrailError | None:
        """Wait until what has ended is on record, where that is promised; return why it is not."""
        if not self._under_way.records.is_strict:
            return None
        if self.closing is not None:
            await asyncio.wait({self.closing})
        return await self._failure()

    async def _held(self, events: AsyncGenerator[_Told]) -> AsyncGenerator[_Told | Failed]:
        last: _Told | Failed | None = None
        async with aclosing(events) as released:
            async for event in released:
                if isinstance(event, Blocked | Failed):
                    last = event
                else:
                    yield event
        if (error := await self.kept()) is not None:
            last = Failed(error)
        if last is not None:
            yield last

    async def _failure(self) -> HandrailError | None:
        if self._committed is None:
            return None
        done, _ = await asyncio.wait({self._committed}, timeout=_COMMIT_S)
        if done:
            return None
        return Overloaded(
            "Handrail could not put this exchange on record, so it does not answer (`records.durability: "
            "strict`); try again.",
            code="records_unavailable",
        )

    def _record(self) -> ExchangeRecord:
        return self._account.record(self._under_way.policy_version)

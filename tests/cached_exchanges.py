"""Exchanges that use the cache, among fakes."""

import json
from typing import Any

from app.cache.cache import Cache
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.caching import Caches
from app.domain.events import Event
from app.domain.exchange import Caller
from app.routing.wish import Wish
from app.wire.openai.fold import Fold
from tests.caches import SECRET, Clock
from tests.fakes import FakeProvider
from tests.pipelines import Bench

SIMPLE = {"provider": "@fake", "cache": {"mode": "simple", "max_age": 60}}
ALICE, BOB = Caller(name="alice"), Caller(name="bob")


class Caching(Bench):
    """A pipeline with a cache, whose exchanges use it."""

    def __init__(self, provider: FakeProvider, *, shares: bool = False, **guardrails: dict[str, Any]) -> None:
        self.clock = Clock()
        self.store = MemoryStore(max_bytes=100_000, max_entries=100, clock=self.clock)
        cache = Cache(keys=Keys(SECRET), store=self.store, now_s=self.clock)
        super().__init__(provider, **guardrails)
        self.pipeline.caches = Caches(cache, shares=shares)

    async def ask(self, sent: bytes, *, config: dict[str, Any] | None = None, **fields: Any) -> list[Event]:
        wish = self.wish(SIMPLE if config is None else config)
        number = len(self.records.taken)
        return await self.run(sent, **{"wish": wish, "exchange_id": f"e-{number}"} | fields)

    def wish(self, config: dict[str, Any]) -> Wish:
        return Wish(config=json.dumps(config))

    @property
    def statuses(self) -> list[str | None]:
        return [record.cache_status for record in self.records.taken]


def folded(events: list[Event]) -> dict[str, Any]:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold.document()

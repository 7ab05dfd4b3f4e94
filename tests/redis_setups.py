"""What tests of stores in Redis share: one, and what it is made of."""

from redis.asyncio import Redis

from app.cache.redis import RedisStore
from app.cache.redis_link import RedisLink
from app.cache.sealing import Seal
from tests.caches import Clock
from tests.fakes import FakeLog


class Setup:
    """A store and what it is made of."""

    def __init__(
        self, client: Redis, prefix: str, *, seal: Seal | None = None, timeout_s: float = 2.0
    ) -> None:
        self.client, self.prefix = client, prefix
        self.clock, self.log = Clock(), FakeLog()
        self.noted: list[str] = []
        note = self.noted.append
        link = RedisLink(client, clock=self.clock, log=self.log, timeout_s=timeout_s, noted=note)
        self.store = RedisStore(link, prefix=prefix, seal=seal, noted=note)

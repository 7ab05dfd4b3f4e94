"""A store that several gateways share: Redis or Valkey.

In it lie, under `PREFIX` and a keyed hash, whole answers as providers gave them, before any guardrail saw
them, in clear unless there is a seal; no questions, no names of callers, no credentials. Redis itself
forgets them (`PX`); how much it may hold is its own `maxmemory` with `maxmemory-policy allkeys-lru`.
"""

from app.cache.ports import Holding, Noted, unnoted
from app.cache.redis_link import RedisLink
from app.cache.sealing import Seal

PREFIX = "handrail:answer:"
"""Of every key, unless configured otherwise."""


class RedisStore:
    """Keeps values in Redis.

    Args:
        link: to Redis. The store closes it.
        prefix: of every key.
        seal: encrypts values; None: they lie there in clear.
        noted: is told `unreadable`: a value is not ours.
    """

    def __init__(
        self, link: RedisLink, *, prefix: str = PREFIX, seal: Seal | None = None, noted: Noted = unnoted
    ) -> None:
        self._link = link
        self._prefix = prefix
        self._seal = seal
        self._noted = noted

    async def get(self, key: str) -> bytes | None:
        """See `Store`."""
        value = await self._link.ask(lambda redis: redis.get(self._prefix + key))
        if not isinstance(value, bytes):
            return None
        opened = value if self._seal is None else self._seal.open(key, value)
        if opened is None:
            self._noted("unreadable")
        return opened

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """See `Store`."""
        sealed = value if self._seal is None else self._seal.seal(key, value)
        ttl_ms = max(1, round(ttl_s * 1000))
        await self._link.ask(lambda redis: redis.set(self._prefix + key, sealed, px=ttl_ms))

    async def clear(self) -> bool:
        """See `Store`: all answers under the prefix, of all who share them."""
        return await self._link.sweep(self._prefix)

    def holding(self) -> Holding | None:
        """See `Store`: Redis knows."""
        return None

    async def close(self) -> None:
        """See `Store`."""
        await self._link.close()

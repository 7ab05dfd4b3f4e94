"""A store that several gateways share: Redis or Valkey.

In it lie, under `PREFIX` and a keyed hash, whole answers as providers gave them, before any guardrail saw
them, in clear unless there is a seal; no questions, no names of callers, no credentials. Redis itself
forgets them (`PX`); how much it may hold is its own `maxmemory` with `maxmemory-policy allkeys-lru`.

The cache never stands in the way. Every command has a bound in time and no second try; what goes wrong is a
miss. After `_FAILURES` in a row Redis is left alone for `_REST_S`, so that a Redis that hangs does not make
every exchange wait for it. One line in the log says that it is away, one that it is back.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.cache.ports import Noted, unnoted
from app.cache.sealing import Seal
from telemetry import Log

PREFIX = "handrail:answer:"
"""Of every key, unless configured otherwise."""
Word = Literal["failed", "resting", "unreadable"]
"""What `noted` is told: a command failed or took too long; Redis was left alone; a value is not ours."""
_FAILURES = 3
_REST_S = 10.0


class RedisStore:
    """Keeps values in Redis.

    Args:
        client: made by `connect`, or otherwise without retries of its own. The store closes it.
        clock: seconds that only grow.
        log: for what an operator must know. No line holds content, address or password.
        prefix: of every key.
        timeout_s: for one command, waiting for a connection included.
        seal: encrypts values; None: they lie there in clear.
        noted: is told each `Word`, for a counter.
    """

    def __init__(  # noqa: PLR0913 (what it needs of the world)
        self,
        client: Redis,
        *,
        clock: Callable[[], float],
        log: Log,
        prefix: str = PREFIX,
        timeout_s: float = 0.1,
        seal: Seal | None = None,
        noted: Noted = unnoted,
    ) -> None:
        self._client = client
        self._clock = clock
        self._log = log
        self._prefix = prefix
        self._timeout_s = timeout_s
        self._seal = seal
        self._noted = noted
        self._failures = 0
        self._rests_until_s = float("-inf")

    async def get(self, key: str) -> bytes | None:
        """See `Store`."""
        if self._rests():
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                value = await self._client.get(self._prefix + key)
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._note_failure(error)
            return None
        self._note_answer()
        if not isinstance(value, bytes):
            return None
        opened = value if self._seal is None else self._seal.open(key, value)
        if opened is None:
            self._noted("unreadable")
        return opened

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """See `Store`."""
        if self._rests():
            return
        sealed = value if self._seal is None else self._seal.seal(key, value)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._client.set(self._prefix + key, sealed, px=max(1, round(ttl_s * 1000)))
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._note_failure(error)
        else:
            self._note_answer()

    async def close(self) -> None:
        """See `Store`."""
        await self._client.aclose()

    def _rests(self) -> bool:
        """Return whether Redis is to be left alone now."""
        rests = self._clock() < self._rests_until_s
        if rests:
            self._noted("resting")
        return rests

    def _note_failure(self, error: Exception) -> None:
        self._noted("failed")
        self._failures += 1
        if self._failures >= _FAILURES:
            self._rests_until_s = self._clock() + _REST_S
        if self._failures == _FAILURES:
            self._log.warning("cache_redis_away", error=type(error).__name__)

    def _note_answer(self) -> None:
        if self._failures >= _FAILURES:
            self._log.info("cache_redis_back")
        self._failures = 0


def connect(url: str, *, max_connections: int = 64) -> Redis:
    """Return a client for a `RedisStore`; nothing is connected yet.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with user and password if any.
        max_connections: how many commands at once; more wait for their turn, within their bound in time. (The
            client's usual pool refuses them, and a crowd would look like a Redis that is away.)

    Raises:
        ValueError: it is no such URL.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=None,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )
    return Redis.from_pool(pool)

"""The way to a Redis or Valkey that answers in time or is left alone: the cache never stands in the way.

Every command has a bound in time and no second try; what goes wrong is nothing found. After some
failures in a row Redis is left alone for a while (`rest.py`).
One line in the log says that it is away, one that it is back. What lies in Redis is known to those who ask:
`app/cache/redis.py` (answers) and `app/cache/redis_index.py` (vectors), over one link.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.cache.ports import Noted, unnoted
from app.cache.rest import Rest
from telemetry import Log

_Said = TypeVar("_Said")
_AT_ONCE = 500
"""Keys that Redis looks at for one command of a sweep: less than a millisecond, in which it serves nobody."""


class RedisLink:
    """Asks Redis.

    Args:
        client: made by `connect`, or otherwise without retries of its own. The link closes it.
        clock: seconds that only grow.
        log: for what an operator must know. No line holds content, address or password.
        timeout_s: for one command, waiting for a connection included.
        noted: is told `failed` (a command failed or took too long) and `resting` (Redis was left alone).
    """

    def __init__(
        self,
        client: Redis,
        *,
        clock: Callable[[], float],
        log: Log,
        timeout_s: float = 0.1,
        noted: Noted = unnoted,
    ) -> None:
        self._client = client
        self._rest = Rest(clock)
        self._log = log
        self._timeout_s = timeout_s
        self._noted = noted

    async def ask(self, command: Callable[[Redis], Awaitable[_Said]]) -> _Said | None:
        """Return what Redis says to one command, None if it says nothing that could be had in time."""
        if self._rest.lasts:
            self._noted("resting")
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                said = await command(self._client)
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._note_failure(error)
            return None
        if self._rest.note_success():
            self._log.info("cache_redis_back")
        return said

    async def sweep(self, prefix: str) -> bool:
        """Delete all keys that begin so; return whether that was done, to the last one.

        A key that is there from the first command to the last is found (redis.io/docs/latest/commands/scan,
        2026-12).

        Args:
            prefix: a pattern of Redis's that stands for itself.
        """
        cursor = 0
        while True:
            scan = partial(_scanned, cursor=cursor, match=f"{prefix}*")
            said = await self.ask(scan)
            if said is None:
                return False
            cursor, keys = said
            if keys and await self.ask(partial(_unlinked, keys=keys)) is None:
                return False
            if cursor == 0:
                return True

    async def close(self) -> None:
        """Let go of all connections. Again does nothing."""
        await self._client.aclose()

    def _note_failure(self, error: Exception) -> None:
        self._noted("failed")
        if self._rest.note_failure():
            self._log.warning("cache_redis_away", error=type(error).__name__)


async def _scanned(redis: Redis, cursor: int, match: str) -> tuple[int, list[bytes | str]]:
    cursor, keys = await redis.scan(cursor, match=match, count=_AT_ONCE)
    return cursor, keys


async def _unlinked(redis: Redis, keys: list[bytes | str]) -> int:
    return await redis.unlink(*keys)


def connect(url: str, *, max_connections: int = 64) -> Redis:
    """Return a client for a `RedisLink`; nothing is connected yet.

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

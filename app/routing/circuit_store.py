"""Circuits in Redis or Valkey, which replicas share: the same counting as in memory, in one script.

What lies there, under `PREFIX`: for each circuit a hash of two counts and two times under a keyed hash of its
name (a caller's config is in that name, and keys may be in the config), and one sorted set of the open ones
by their ends. The clock is Redis's own, so that replicas need not agree on the time. Everything expires.

It answers or says that it is `Away`; what follows from that is `app/routing/replicas.py`'s business.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.routing.breaker import MAX_KEYS, Away, Breakers, MemoryBreakers, Tried
from app.routing.replicas import ReplicaBreakers
from app.secret import Secret
from telemetry import Log

PREFIX = "handrail:circuit:"
"""Of every key, unless configured otherwise."""
_OPEN = "open"
"""Name of the set. Names of circuits are longer."""
_PERSON = b"handrail/circuit"
_DIGEST_BYTES = 24
_REDIS_CLOCK = -1
_NEVER = -1
"""Stands for a threshold that there is not, and for a circuit that stays closed."""
_NOW = """
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
"""
_RECORD = f"""
{_NOW}
local said = {{}}
for i = 2, #KEYS do
  local at = (i - 2) * 6 + 1
  local name, failed, cooldown = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local threshold, share, least = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local known = redis.call('HMGET', KEYS[i], 'requests', 'failures', 'counted_until', 'open_until')
  local requests, failures = tonumber(known[1] or 0), tonumber(known[2] or 0)
  local counted_until, open_until = tonumber(known[3] or 0), tonumber(known[4] or 0)
  if now < open_until then
    said[i - 1] = open_until - now
  else
    if now >= counted_until then
      requests, failures, counted_until = 0, 0, now + cooldown
    end
    requests, failures = requests + 1, failures + failed
    said[i - 1] = {_NEVER}
    if failed == 1 and ((threshold >= 0 and failures >= threshold)
        or (share >= 0 and requests >= least and failures * 100 >= share * requests)) then
      open_until = now + cooldown
      redis.call('ZADD', KEYS[1], open_until, name)
      said[i - 1] = cooldown
    end
    redis.call('HSET', KEYS[i], 'requests', requests, 'failures', failures,
      'counted_until', counted_until, 'open_until', open_until)
    redis.call('PEXPIRE', KEYS[i], math.max(counted_until, open_until) - now)
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -{MAX_KEYS + 1})
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then redis.call('PEXPIRE', KEYS[1], last[2] - now) end
return said
"""
_OPENED = f"""
{_NOW}
local there = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES')
for i = 2, #there, 2 do there[i] = tonumber(there[i]) - now end
return there
"""


class CircuitStore:
    """The circuits of all replicas; a `SharedBreakers`.

    Args:
        client: made by `connect`. The store closes it.
        secret: keys the names, the same in all replicas; empty: whoever can read there may try whether a
            config that he guesses is in use.
        prefix: of every key.
        timeout_s: for one command.
        now_ms: a clock for tests; None: that of Redis.
    """

    def __init__(
        self,
        client: Redis,
        *,
        secret: bytes = b"",
        prefix: str = PREFIX,
        timeout_s: float = 1.0,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        self._client = client
        self._key = hashlib.blake2b(secret, digest_size=32, person=_PERSON).digest() if secret else b""
        self._prefix = prefix
        self._timeout_s = timeout_s
        self._now_ms = now_ms
        self._record = client.register_script(_RECORD)
        self._opened = client.register_script(_OPENED)

    def name(self, key: str) -> str:
        """See `SharedBreakers`."""
        text = key.encode(errors="surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=_DIGEST_BYTES, person=_PERSON).hexdigest()

    async def record(self, attempts: Sequence[Tried]) -> list[float | None]:
        """See `SharedBreakers`."""
        if not attempts:
            return []
        keys, args = [self._prefix + _OPEN], [self._now()]
        for key, breaker, failed in attempts:
            name = self.name(key)
            keys.append(self._prefix + name)
            threshold, share = breaker.failure_threshold, breaker.failure_percentage
            args += [
                name,
                int(failed),
                round(breaker.cooldown_s * 1000),
                _NEVER if threshold is None else threshold,
                _NEVER if share is None else share,
                breaker.minimum_requests,
            ]
        said = await self._asked(self._record, keys, args)
        return [None if one == _NEVER else one / 1000 for one in said]

    async def opened(self) -> dict[str, float]:
        """See `SharedBreakers`."""
        said = await self._asked(self._opened, [self._prefix + _OPEN], [self._now()])
        return {name.decode(): left / 1000 for name, left in zip(said[::2], said[1::2], strict=True)}

    async def close(self) -> None:
        """See `SharedBreakers`."""
        await self._client.aclose()

    def _now(self) -> Any:  # noqa: ANN401 (an argument of Redis)
        return _REDIS_CLOCK if self._now_ms is None else self._now_ms()

    async def _asked(self, script: Any, keys: list[str], args: list[Any]) -> list[Any]:  # noqa: ANN401 (redis)
        try:
            async with asyncio.timeout(self._timeout_s):
                said: list[Any] = await script(keys=keys, args=args)
        except (RedisError, OSError, TimeoutError) as error:
            raise Away(type(error).__name__) from error
        return said


def breakers_of(url: Secret | None, secret: Secret | None, log: Log) -> Breakers:
    """Return breakers that are shared by Redis, or those of this process where there is none.

    Args:
        url: of Redis.
        secret: keys what lies there.
        log: for what an operator must know.
    """
    memory = MemoryBreakers(time.monotonic)
    if url is None:
        return memory
    store = CircuitStore(connect(url.reveal()), secret=b"" if secret is None else secret.reveal().encode())
    return ReplicaBreakers(memory, store, time.monotonic, log)


def connect(url: str) -> Redis:
    """Return a client for a `CircuitStore`; nothing is connected yet.

    Raises:
        ValueError: it is no URL of Redis.
    """
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), decode_responses=False)

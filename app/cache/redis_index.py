"""Vectors that several gateways share, in Redis or Valkey: the counterpart of `app/cache/memory_index.py`.

Decision. A vector is of use only together with its answer, so it lies where the answers lie, goes when they
go, and replicas that share answers share meaning, after a restart as well. Compared is in this process, by
brute force and exactly (`app/cache/vectors.py`): questions are only ever compared within a group (one caller,
one namespace, one system prompt, one policy version...), and a group holds `MAX_IN_GROUP` at most, the one
nearest its end goes first. Weighed and left: Redis's own vector search, which is a module or Redis 8, and
which Valkey and Debian's Redis lack; PostgreSQL with pgvector, an extension that must be installed and, for
all who keep their record in SQLite, another server; both read vectors in clear, and a text can be recovered
from its vector. Here they lie sealed as answers do, bound to their group and name. Groups of many thousands
that are all asked the same in other words would change our mind.

In Redis, each under `PREFIX` and the group, which is a keyed hash: `:when`, a sorted set of names of answers
by the moment they end, on Redis's clock; `:what`, a hash of sealed vectors by name; `:state`, a token that
changes with the group. This process remembers the groups it has seen: a look-up asks for the token, and only
if that has changed for the names, and then for those vectors it does not know. All three expire with the last
of them. Redis may evict any of them at any time: then something is not found.
"""

import secrets
from collections import OrderedDict

import msgspec

from app.cache.ports import Noted, Place, unnoted
from app.cache.redis_link import RedisLink
from app.cache.sealing import Seal
from app.cache.vectors import Near, Vector, nearest

PREFIX = "handrail:meaning:"
"""Of every key, unless configured otherwise."""
MAX_IN_GROUP = 512
"""Vectors of one group: 3 MB with 1,536 coordinates, which a process that has just started reads once."""
_AT_ONCE = 64
"""Vectors asked for by one command, each of which has its bound in time."""
_TOKEN_BYTES = 8
_ADD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local when, what, state = KEYS[1], KEYS[2], KEYS[3]
local name, vector, ttl, most, token = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if redis.call('EXISTS', when) == 0 then redis.call('DEL', what) end
redis.call('ZADD', when, now + ttl, name)
redis.call('HSET', what, name, vector)
local gone = redis.call('ZRANGEBYSCORE', when, '-inf', now)
for _, one in ipairs(gone) do redis.call('ZREM', when, one) redis.call('HDEL', what, one) end
local over = redis.call('ZCARD', when) - most
if over > 0 then
  for _, one in ipairs(redis.call('ZRANGE', when, 0, over - 1)) do
    redis.call('ZREM', when, one)
    redis.call('HDEL', what, one)
  end
end
redis.call('SET', state, token)
local last = redis.call('ZRANGE', when, -1, -1, 'WITHSCORES')
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, math.max(1, (last[2] or now) - now)) end
return #gone + math.max(0, over)
"""
_FORGET = """
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], ARGV[2], 'XX', 'KEEPTTL')
return 1
"""


class _Group(msgspec.Struct):
    """What this process knows of a group."""

    token: bytes
    vectors: dict[str, Vector]


class RedisIndex:
    """Vectors in Redis; an `Index`.

    Args:
        link: to Redis; whoever made it closes it.
        seal: encrypts vectors.
        max_entries: vectors remembered in this process; the least recently used group goes first.
        max_in_group: vectors of one group, in Redis too.
        prefix: of every key.
        noted: is told `unreadable` (a vector is not ours) and `evicted`.
    """

    def __init__(  # noqa: PLR0913 (what it needs of the world)
        self,
        link: RedisLink,
        seal: Seal,
        *,
        max_entries: int = 10_000,
        max_in_group: int = MAX_IN_GROUP,
        prefix: str = PREFIX,
        noted: Noted = unnoted,
    ) -> None:
        self._link = link
        self._seal = seal
        self._max_entries = max_entries
        self._max_in_group = min(max_in_group, max_entries)
        self._prefix = prefix
        self._noted = noted
        self._groups: OrderedDict[str, _Group] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(group.vectors) for group in self._groups.values())

    async def find(self, place: Place, threshold: float) -> Near | None:
        """See `Index`."""
        group = await self._current(place.group)
        near = None if group is None else nearest(place.vector, group.vectors.items())
        return near if near is not None and near.cosine >= threshold else None

    async def add(self, place: Place, name: str, ttl_s: float) -> None:
        """See `Index`."""
        sealed = self._seal.seal(f"{place.group}:{name}", place.vector.packed())
        token = secrets.token_hex(_TOKEN_BYTES)
        args = (name, sealed, max(1, round(ttl_s * 1000)), self._max_in_group, token)
        gone = await self._link.ask(lambda redis: redis.eval(_ADD, 3, *self._keys(place.group), *args))
        for _ in range(gone if isinstance(gone, int) else 0):
            self._noted("evicted")

    async def forget(self, group: str, name: str) -> None:
        """See `Index`."""
        token = secrets.token_hex(_TOKEN_BYTES)
        known = self._groups.get(group)
        if known is not None:
            known.vectors.pop(name, None)
        await self._link.ask(lambda redis: redis.eval(_FORGET, 3, *self._keys(group), name, token))

    async def clear(self) -> bool:
        """See `Index`: all under the prefix, of all who share it."""
        self._groups.clear()
        return await self._link.sweep(self._prefix)

    def _keys(self, group: str) -> tuple[str, str, str]:
        """Return the three keys, which a cluster keeps in one place because of the braces."""
        start = f"{self._prefix}{{{group}}}"
        return f"{start}:when", f"{start}:what", f"{start}:state"

    async def _current(self, name: str) -> _Group | None:
        """Return the group as it is in Redis, None where there is none, or Redis is away."""
        when, what, state = self._keys(name)
        token = await self._link.ask(lambda redis: redis.get(state))
        known = self._groups.get(name)
        if not isinstance(token, bytes):
            return None
        if known is not None and known.token == token:
            self._groups.move_to_end(name)
            return known
        names = await self._link.ask(lambda redis: redis.zrange(when, 0, -1))
        if names is None:
            return None
        there = [one.decode() for one in names if isinstance(one, bytes)]
        vectors = {} if known is None else {one: known.vectors[one] for one in there if one in known.vectors}
        new = [one for one in there if one not in vectors]
        for start in range(0, len(new), _AT_ONCE):
            vectors |= await self._read(name, what, new[start : start + _AT_ONCE])
        group = self._groups[name] = _Group(token, vectors)
        self._groups.move_to_end(name)
        while len(self) > self._max_entries and len(self._groups) > 1:
            self._groups.popitem(last=False)
        return group

    async def _read(self, group: str, what: str, names: list[str]) -> dict[str, Vector]:
        """Return those of these vectors that are there and are ours."""
        found = await self._link.ask(lambda redis: redis.hmget(what, names))
        vectors: dict[str, Vector] = {}
        for name, sealed in zip(names, found or (), strict=False):
            if sealed is None:
                continue
            opened = self._seal.open(f"{group}:{name}", sealed) if isinstance(sealed, bytes) else None
            vector = None if opened is None else Vector.unpacked(opened)
            if vector is None:
                self._noted("unreadable")
            else:
                vectors[name] = vector
        return vectors

"""Requests that come again, byte for byte, and were answered from the cache before.

What such a request is answered follows from what is known: the same request on the same way, the same kept
answer, the same guardrails. So what they made of both is remembered, and the request is neither read nor
judged a second time; that takes more than half of what a hit costs. Everything else is as ever: the exchange
has its own ids, its row, its trace, its line and its verdicts, which took no time.

Remembered is only what cannot come out otherwise (`app/repeating.py`): a whole answer, found under its exact
key, at the first target of a config that leaves nothing to chance, under guardrails that look at texts alone.
These are functions of the text (`Check.find`). Not remembered: what waits for another service, looks at the
clock, at headers, at the conversation, or only observes; what gave out pseudonyms; streams, of which the
pieces are the cost. The kept answer itself stays where it is, and is looked up each time: when it is gone,
too old or another one, what is remembered about it is worth nothing and is forgotten.

The counterpart is `app/caching.py`, which knows requests by what they mean, not by their bytes.
"""

import hashlib
import os
from collections import OrderedDict
from typing import Any

import msgspec

from app.account import Call
from app.cache.cache import Cache, Hit
from app.cache.wish import CacheWish
from app.domain.content import Content
from app.domain.events import Event
from app.domain.exchange import Attempt, Caller
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.routing.way import Hop
from app.routing.wish import Wish
from guardrails import Coverage, Verdict
from guardrails.portkey.hook import Hook

PASSING_HEADERS = frozenset({b"traceparent", b"tracestate", b"x-portkey-trace-id"})
"""Headers that say which request it is (`app/api/identity.py`), and nothing of how it is answered."""
MAX_BYTES = 16 * 1024 * 1024
"""Of memory for all that is remembered."""
LONGEST_BYTES = 256 * 1024
"""Of memory for one request with its answer: of long ones few would fit. A longer body is not even hashed."""
_DIGEST_BYTES = 32


def may_come_again(call: Call) -> bool:
    """Return whether a request is of a kind that is remembered."""
    return call.operation is Operation.CHAT and len(call.body) <= LONGEST_BYTES


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says beside its body, read."""

    caller: Caller
    policy_version: str
    guardrails: tuple[str, ...]
    metadata: dict[str, Any] | None
    strict: bool
    wish: Wish
    cache: CacheWish
    content: Content

    @classmethod
    def of(cls, call: Call, policy_version: str) -> "Asked":
        """Return that of a call."""
        return cls(
            caller=call.caller,
            policy_version=policy_version,
            guardrails=call.guardrails,
            metadata=call.metadata,
            strict=call.strict,
            wish=call.wish,
            cache=call.cache,
            content=call.content,
        )


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an exchange, as far as the next one of its kind shares it."""

    asked: Asked
    hit: Hit
    """The kept answer it was given."""
    hop: Hop
    """The target in whose place."""
    request: ModelRequest
    events: tuple[Event, ...]
    """What was released."""
    attempt: Attempt
    verdicts: tuple[Verdict, ...]
    coverage: Coverage
    metadata: dict[str, Any] | None
    """As it goes on record."""
    hides_model: bool
    is_flagged: bool
    told: tuple[Hook, ...]
    """Guardrails that the caller is told about."""
    size: int
    """Bytes of memory that are counted for it."""


class Repeats:
    """What is remembered. Bounded by bytes; what was asked for longest ago goes first.

    Args:
        cache: where the answers lie; None: nothing is ever remembered.
        max_bytes: see `MAX_BYTES`.
    """

    def __init__(self, cache: Cache | None, *, max_bytes: int = MAX_BYTES) -> None:
        self._cache = cache
        self._max_bytes = max_bytes
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._secret = os.urandom(_DIGEST_BYTES)
        self.held_bytes = 0
        """Now counted."""

    def __len__(self) -> int:
        return len(self._known)

    async def find(self, call: Call, policy_version: str) -> Known | None:
        """Return what is known of a request; None: nothing, or nothing any more."""
        if self._cache is None or not self._known or not may_come_again(call):
            return None
        key = self._key(call)
        known = self._known.get(key)
        if known is None or known.asked != Asked.of(call, policy_version):
            return None
        if not await self._cache.still_holds(known.hit):
            self._forget(key)
            return None
        if key in self._known:
            self._known.move_to_end(key)
        return known

    def keep(self, call: Call, known: Known) -> None:
        """Remember what became of a request."""
        if self._cache is None or self._cache.forgotten.covers(known.hit.entry):
            return
        if known.size > min(LONGEST_BYTES, self._max_bytes):
            return
        key = self._key(call)
        self._forget(key)
        while self.held_bytes + known.size > self._max_bytes:
            self._forget(next(iter(self._known)))
        self._known[key] = known
        self.held_bytes += known.size

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
        self.held_bytes = 0

    def _forget(self, key: bytes) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            self.held_bytes -= known.size

    def _key(self, call: Call) -> bytes:
        """Return a keyed hash of all that came: who asks where, with which headers, for what."""
        head: list[bytes] = [call.caller.name.encode(), call.operation.encode(), call.path.encode()]
        for name, value in call.headers:
            if name not in PASSING_HEADERS:
                head += (name, value)
        found = hashlib.blake2b(key=self._secret, digest_size=_DIGEST_BYTES)
        found.update(msgspec.msgpack.encode(head))
        found.update(call.body)
        return found.digest()

"""The cache as the pipeline sees it: look an answer up, or keep the one that was got instead.

    found = await cache.lookup(question, rules)
    match found:
        case Hit():  found.entry.events() take the place of the provider's
        case Miss(): ask the provider; `await cache.store(found, document, exchange_id)` when the answer is
                     complete; `found.close()` in every case, whatever happened

Guardrails are not its affair: input was screened before, and what it gives is screened as any answer is.
Neither is permission: that callers share answers is said by an empty `Scope.caller`.
"""

import enum
import math
from collections.abc import Callable
from typing import Any

import msgspec

from app.cache.counts import Counts, Figures
from app.cache.entry import Entry, decode, encode, make_entry
from app.cache.forgotten import Forgotten
from app.cache.key import Keys, Scope
from app.cache.ports import Place, Store
from app.cache.question import LONGEST_MAX_AGE_S, Question, Rules
from app.cache.semantic import DEFAULT_THRESHOLD, SemanticIndex
from app.cache.single_flight import Flights, Lease


class Status(enum.StrEnum):
    """What became of a question: the words of `x-portkey-cache-status`."""

    HIT = "HIT"
    SEMANTIC_HIT = "SEMANTIC HIT"
    MISS = "MISS"
    SEMANTIC_MISS = "SEMANTIC MISS"
    REFRESH = "REFRESH"
    DISABLED = "DISABLED"


STATUSES = tuple(status.value for status in Status)


class Kept(msgspec.Struct, frozen=True):
    """What lies in the store, and how it was found. Everybody decodes his own document of it."""

    key: str
    bare: bytes
    similarity: float | None
    """Cosine of the question's likeness to the one that it answered; None: it is the same."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """There is an answer."""

    status: Status
    entry: Entry
    """The caller's own: nobody else holds this document."""
    age_s: float
    kept: Kept
    rules: Rules
    """By which it is one."""


_Found = tuple[Kept, Hit]


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """There is none."""

    status: Status
    key: str = ""
    scope: Scope | None = None
    rules: Rules = Rules()
    place: Place | None = None
    """Where the question stands among those compared by meaning."""
    lease: Lease[Kept] | None = None
    """Held by him who asks for others, too."""

    def part(self) -> None:
        """Let others ask for themselves at once: there is an answer, but it is not for sharing."""
        if self.lease is not None:
            self.lease.part()

    def close(self) -> None:
        """Let others go on; needed after everything but a `store`, harmless after that."""
        if self.lease is not None:
            self.lease.close()


DISABLED = Miss(status=Status.DISABLED)
"""For requests that no config lets use the cache; storing it keeps nothing."""


class Cache:
    """Gives answers again.

    Args:
        keys: makes keys.
        store: where answers lie.
        now_s: seconds since the epoch, to date answers.
        semantic: finds questions that mean the same; None: there is no embedder, and mode `semantic` is as
            `simple`.
        threshold: least cosine of a semantic hit, unless a request says another.
        max_entry_bytes: larger answers are not kept.
        wait_s: how long to wait for somebody who asks the same. Then one asks oneself.
        longest_age_s: no older answer is given, whatever a request says.
        counts: counts what happens; the store and the index may count with it.
    """

    def __init__(  # noqa: PLR0913 (what it needs of the world)
        self,
        *,
        keys: Keys,
        store: Store,
        now_s: Callable[[], float],
        semantic: SemanticIndex | None = None,
        threshold: float = DEFAULT_THRESHOLD,
        max_entry_bytes: int = 1024 * 1024,
        wait_s: float = 30.0,
        longest_age_s: float = LONGEST_MAX_AGE_S,
        counts: Counts | None = None,
    ) -> None:
        self._keys = keys
        self._store = store
        self._now_s = now_s
        self._semantic = semantic
        self._threshold = threshold
        self._max_entry_bytes = max_entry_bytes
        self._wait_s = wait_s
        self._longest_age_s = longest_age_s
        self.forgotten = Forgotten(store, None if semantic is None else semantic.index)
        self._counts = Counts(STATUSES) if counts is None else counts
        self._noted = self._counts.note
        self._flights: Flights[Kept] = Flights()

    async def lookup(self, question: Question, rules: Rules, wait_s: float = math.inf) -> Hit | Miss:
        """Return the answer that is kept, or that somebody is getting at this moment.

        Never raises for the sake of a store or an embedder. A `Miss` must be stored or closed.

        Args:
            question: what is asked.
            rules: how.
            wait_s: for somebody who asks the same, if that is less than the cache waits.
        """
        if rules.age_s > self._longest_age_s:
            rules = msgspec.structs.replace(rules, max_age_s=self._longest_age_s)
        found = DISABLED if rules.age_s <= 0 else await self._look(question, rules, wait_s)
        self._noted(found.status)
        return found

    async def still_holds(self, hit: Hit) -> bool:
        """Return whether a hit that was given before would be found again now, and count it if so."""
        bare = await self._store.get(hit.kept.key)
        is_fresh = self._now_s() - hit.entry.made_at_s < hit.rules.age_s
        holds = bare == hit.kept.bare and is_fresh and not self.forgotten.covers(hit.entry)
        if holds:
            self._noted(hit.status)
        return holds

    async def store(self, miss: Miss, document: dict[str, Any], exchange_id: str) -> bool:
        """Keep the answer that was got instead, if it may be kept, and give it to those who wait for it.

        Args:
            miss: what `lookup` returned.
            document: the answer as the provider gave it, folded; cut, blocked and failed ones are not kept.
            exchange_id: in which it was got.

        Returns:
            Whether it was kept.
        """
        if miss.scope is None:
            return False
        try:
            return await self._keep(miss, miss.scope, document, exchange_id)
        finally:
            miss.close()

    def figures(self) -> Figures:
        """Return what has happened so far, and what is held: for metrics."""
        return self._counts.figures(self._store.holding())

    async def close(self) -> None:
        """Let go of the store."""
        await self._store.close()

    async def _look(self, question: Question, rules: Rules, wait_s: float) -> Hit | Miss:
        scope = question.scope
        key = self._keys.exact(scope, question.document)
        is_semantic = rules.mode == "semantic" and self._semantic is not None
        missed = Status.SEMANTIC_MISS if is_semantic else Status.MISS
        if rules.refresh:
            place = await self._placed(question) if is_semantic else None
            return Miss(status=Status.REFRESH, key=key, scope=scope, rules=rules, place=place)
        lease = await self._flights.join((key, rules), min(wait_s, self._wait_s))
        if not isinstance(lease, Lease):
            shared = None if lease is None else self._hit(lease.answer, rules)
            return shared or Miss(status=missed, key=key, scope=scope, rules=rules)
        try:
            place = None
            found = self._found(key, await self._store.get(key), rules)
            if found is None and is_semantic:
                place = await self._placed(question)
                found = None if place is None else await self._similar(place, rules)
        except BaseException:
            lease.close()
            raise
        if found is None:
            return Miss(status=missed, key=key, scope=scope, rules=rules, place=place, lease=lease)
        value, hit = found
        lease.land(value)
        return hit

    async def _placed(self, question: Question) -> Place | None:
        if self._semantic is None:
            return None
        return await self._semantic.place(question.scope, question.document)

    async def _similar(self, place: Place, rules: Rules) -> _Found | None:
        """Return the answer to the most similar question, if it is similar and fresh enough."""
        threshold = self._threshold if rules.threshold is None else rules.threshold
        near = None if self._semantic is None else await self._semantic.index.find(place, threshold)
        if self._semantic is None or near is None:
            return None
        bare = await self._store.get(near.name)
        if bare is None:
            await self._semantic.index.forget(place.group, near.name)
        return self._found(near.name, bare, rules, near.cosine)

    def _found(
        self, key: str, bare: bytes | None, rules: Rules, similarity: float | None = None
    ) -> _Found | None:
        """Return what the store had under a key, with the hit that it is, if it is one."""
        if bare is None:
            return None
        value = Kept(key, bare, similarity)
        hit = self._hit(value, rules)
        return None if hit is None else (value, hit)

    def _hit(self, value: Kept, rules: Rules) -> Hit | None:
        """Return the hit of a value, None where it is none or too old."""
        entry = decode(value.key, value.bare)
        if entry is None:
            self._noted("unreadable")
            return None
        age_s = max(0.0, self._now_s() - entry.made_at_s)
        if age_s >= rules.age_s or self.forgotten.covers(entry):
            return None
        status = Status.HIT if value.similarity is None else Status.SEMANTIC_HIT
        return Hit(status=status, entry=entry, age_s=age_s, kept=value, rules=rules)

    async def _keep(self, miss: Miss, scope: Scope, document: dict[str, Any], exchange_id: str) -> bool:
        entry = make_entry(
            miss.key,
            document,
            provider=scope.provider,
            model=scope.model,
            exchange_id=exchange_id,
            made_at_s=self._now_s(),
        )
        value = None if entry is None else encode(entry)
        if entry is None or value is None or len(value) > self._max_entry_bytes:
            self._noted("not_kept")
            if miss.lease is not None:
                miss.lease.part()
            return False
        try:
            await self._store.put(miss.key, value, miss.rules.age_s)
        finally:
            if miss.lease is not None:
                miss.lease.land(Kept(miss.key, value, None))
        if self.forgotten.covers(entry):
            await self._store.put(miss.key, b"", 0.0)
            return False
        if self._semantic is not None and miss.place is not None:
            await self._semantic.index.add(miss.place, miss.key, miss.rules.age_s)
        self._noted("kept")
        return True

"""From the settings of the cache to the cache."""

import hashlib
import os
import time

from app.cache.cache import STATUSES, Cache
from app.cache.counts import Counts
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.cache.memory_index import MemoryIndex
from app.cache.ports import Embedder, Index, Store
from app.cache.question import LONGEST_MAX_AGE_S
from app.cache.redis import RedisStore
from app.cache.redis_index import RedisIndex
from app.cache.redis_link import RedisLink, connect
from app.cache.sealing import Seal
from app.cache.semantic import DEFAULT_THRESHOLD, SemanticIndex
from app.secret import Secret
from app.settings import CacheSettings
from telemetry import Log

_SECRET_BYTES = 32
_MAX_VECTORS = 10_000
"""Where no embedder says how many; then there are none."""
_DAY_S = 86_400.0
_PERSON = b"handrail/cache"
"""So that what is derived from a secret that has another use is not what that use makes of it."""


def build(
    settings: CacheSettings,
    fingerprint_key: Secret | None,
    embedder: Embedder | None,
    log: Log,
    retention_days: int | None = None,
) -> Cache | None:
    """Return the cache, None where nothing is to be kept. Nothing is connected yet.

    Args:
        settings: have been checked (`app/configuration/cache_rules.py`).
        fingerprint_key: of the gateway; a secret is derived from it where the cache has none of its own.
        embedder: turns questions into vectors; None: they are not compared by meaning.
        log: for a Redis that is away, and an embedder that fails.
        retention_days: how long exchanges are on record: answers do not outlive theirs.
    """
    if settings.store == "none":
        return None
    secret = _secret(settings.secret or fingerprint_key)
    keys, counts = Keys(secret), Counts(STATUSES)
    store, index = _places(settings, secret, log, counts)
    semantic = None
    chosen = settings.embedder
    if chosen is not None and embedder is not None:
        semantic = SemanticIndex(
            embedder,
            index,
            name=chosen.model,
            keys=keys,
            clock=time.monotonic,
            log=log,
            timeout_s=chosen.timeout_ms / 1000,
            noted=counts.note,
        )
    return Cache(
        keys=keys,
        store=store,
        now_s=time.time,
        semantic=semantic,
        max_entry_bytes=settings.max_entry_bytes,
        wait_s=settings.wait_ms / 1000,
        longest_age_s=LONGEST_MAX_AGE_S if retention_days is None else retention_days * _DAY_S,
        threshold=DEFAULT_THRESHOLD if chosen is None else chosen.threshold,
        counts=counts,
    )


def _places(settings: CacheSettings, secret: bytes, log: Log, counts: Counts) -> tuple[Store, Index]:
    """Return where answers lie, and where vectors do."""
    max_vectors = _MAX_VECTORS if settings.embedder is None else settings.embedder.max_entries
    if settings.store == "redis" and settings.url is not None:
        client = connect(settings.url.reveal())
        timeout_s, seal, noted = settings.timeout_ms / 1000, Seal(secret), counts.note
        link = RedisLink(client, clock=time.monotonic, log=log, timeout_s=timeout_s, noted=noted)
        return (
            RedisStore(link, seal=seal, noted=noted),
            RedisIndex(link, seal, max_entries=max_vectors, noted=noted),
        )
    store = MemoryStore(
        max_bytes=settings.max_bytes,
        max_entries=settings.max_entries,
        clock=time.monotonic,
        noted=counts.note,
    )
    return store, MemoryIndex(clock=time.monotonic, max_entries=max_vectors, noted=counts.note)


def _secret(configured: Secret | None) -> bytes:
    """Return a secret of this process, or the one that all who are configured alike derive."""
    if configured is None:
        return os.urandom(_SECRET_BYTES)
    return hashlib.blake2b(configured.reveal().encode(), digest_size=_SECRET_BYTES, person=_PERSON).digest()

"""From the settings of the cache to the cache."""

import hashlib
import os
import time

from app.cache.cache import Cache
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.cache.ports import Embedder, Store
from app.cache.redis import RedisStore, connect
from app.cache.sealing import Seal
from app.cache.semantic import DEFAULT_THRESHOLD, SemanticIndex
from app.settings import CacheSettings, Secret
from telemetry import Log

_SECRET_BYTES = 32
_PERSON = b"handrail/cache"
"""So that what is derived from a secret that has another use is not what that use makes of it."""


def build(
    settings: CacheSettings, fingerprint_key: Secret | None, embedder: Embedder | None, log: Log
) -> Cache | None:
    """Return the cache, None where nothing is to be kept. Nothing is connected yet.

    Args:
        settings: have been checked (`app/configuration/cache_rules.py`).
        fingerprint_key: of the gateway; a secret is derived from it where the cache has none of its own.
        embedder: turns questions into vectors; None: they are not compared by meaning.
        log: for a Redis that is away, and an embedder that fails.
    """
    if settings.store == "none":
        return None
    secret = _secret(settings.secret or fingerprint_key)
    keys = Keys(secret)
    semantic = None
    chosen = settings.embedder
    if chosen is not None and embedder is not None:
        semantic = SemanticIndex(
            embedder,
            name=chosen.model,
            keys=keys,
            clock=time.monotonic,
            log=log,
            max_entries=chosen.max_entries,
            timeout_s=chosen.timeout_ms / 1000,
        )
    return Cache(
        keys=keys,
        store=_store(settings, secret, log),
        now_s=time.time,
        semantic=semantic,
        max_entry_bytes=settings.max_entry_bytes,
        wait_s=settings.wait_ms / 1000,
        threshold=DEFAULT_THRESHOLD if chosen is None else chosen.threshold,
    )


def _store(settings: CacheSettings, secret: bytes, log: Log) -> Store:
    if settings.store == "redis" and settings.url is not None:
        return RedisStore(
            connect(settings.url.reveal()),
            clock=time.monotonic,
            log=log,
            timeout_s=settings.timeout_ms / 1000,
            seal=Seal(secret),
        )
    return MemoryStore(max_bytes=settings.max_bytes, max_entries=settings.max_entries, clock=time.monotonic)


def _secret(configured: Secret | None) -> bytes:
    """Return a secret of this process, or the one that all who are configured alike derive."""
    if configured is None:
        return os.urandom(_SECRET_BYTES)
    return hashlib.blake2b(configured.reveal().encode(), digest_size=_SECRET_BYTES, person=_PERSON).digest()

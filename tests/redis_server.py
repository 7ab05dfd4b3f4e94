"""The Redis that tests use: the one named by a variable, or the one on this machine."""

import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.cache.redis_link import connect

VARIABLE = "HANDRAIL_TEST_REDIS_URL"


def redis_url() -> str:
    """Return where the Redis for tests is."""
    return os.environ.get(VARIABLE, "redis://127.0.0.1:6379/0")


def redis_address() -> tuple[str, int]:
    """Return its host and port."""
    parts = urlsplit(redis_url())
    return parts.hostname or "127.0.0.1", parts.port or 6379


@contextlib.asynccontextmanager
async def redis_prefix() -> AsyncIterator[tuple[Redis, str]]:
    """Yield a client and a prefix that is nobody else's; its keys are deleted. Without Redis, skip."""
    client = connect(redis_url())
    prefix = f"handrail-test:{secrets.token_hex(6)}:"
    try:
        try:
            await client.ping()
        except (RedisError, OSError):
            pytest.skip(f"no Redis at 127.0.0.1:6379, and {VARIABLE} names none")
        yield client, prefix
        async for key in client.scan_iter(match=f"{prefix}*"):
            await client.delete(key)
    finally:
        await client.aclose()

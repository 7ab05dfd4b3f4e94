"""From settings to a cache: in memory, in Redis, and none."""

from collections.abc import Sequence

from app.cache.build import build
from app.cache.cache import Cache, Hit, Miss, Status
from app.cache.question import Rules
from app.cache.redis import PREFIX
from app.secret import Secret
from app.settings import CacheSettings, EmbedderSettings
from tests.cache_setups import ALIKE, ASKED, SEMANTIC, SIMPLE
from tests.caches import answer, asking
from tests.fakes import FakeLog
from tests.redis_server import redis_prefix, redis_url

KEY = Secret("of-all-replicas-of-this-gateway")
OTHER_KEY = Secret("of-some-other-gateway-with-redis")


async def embedder(text: str) -> Sequence[float]:
    return (1.0, 0.1 * len(text))


def made(settings: CacheSettings, key: Secret | None = KEY) -> Cache:
    cache = build(settings, key, embedder, FakeLog())
    assert cache is not None
    return cache


async def kept(cache: Cache, rules: Rules = SIMPLE) -> None:
    found = await cache.lookup(ASKED, rules)
    assert isinstance(found, Miss)
    assert await cache.store(found, answer(), "e-1")


def test_a_store_of_none_is_no_cache() -> None:
    assert build(CacheSettings(store="none"), None, None, FakeLog()) is None


async def test_in_memory_no_secret_is_needed_and_bounds_are_those_of_the_settings() -> None:
    cache = made(CacheSettings(max_entries=1), None)
    await kept(cache)
    assert isinstance(await cache.lookup(ASKED, SIMPLE), Hit)
    other = await cache.lookup(ALIKE, SIMPLE)
    assert isinstance(other, Miss)
    assert await cache.store(other, answer(), "e-2")
    gone = await cache.lookup(ASKED, SIMPLE)
    assert isinstance(gone, Miss)
    gone.close()
    small = made(CacheSettings(max_entry_bytes=10), None)
    found = await small.lookup(ASKED, SIMPLE)
    assert isinstance(found, Miss)
    assert not await small.store(found, answer(), "e-1")


async def test_meaning_counts_only_where_an_embedder_is_configured() -> None:
    chosen = EmbedderSettings(model="@openai/small", threshold=0.5)
    for settings, status in (
        (CacheSettings(embedder=chosen), Status.SEMANTIC_HIT),
        (CacheSettings(), Status.MISS),
    ):
        cache = made(settings)
        await kept(cache, SEMANTIC)
        found = await cache.lookup(ALIKE, SEMANTIC)
        assert found.status is status


async def test_replicas_share_what_lies_in_redis_and_nobody_else_can_read_it() -> None:
    async with redis_prefix() as (client, _):
        settings = CacheSettings(store="redis", url=Secret(redis_url()), timeout_ms=2_000)
        first, second, stranger = made(settings), made(settings), made(settings, OTHER_KEY)
        before = {key async for key in client.scan_iter(match=f"{PREFIX}*")}
        await kept(first)
        new = [key async for key in client.scan_iter(match=f"{PREFIX}*") if key not in before]
        try:
            assert isinstance(await second.lookup(ASKED, SIMPLE), Hit)
            assert isinstance(await stranger.lookup(ASKED, SIMPLE), Miss)
            value = await client.get(new[0])
            assert isinstance(value, bytes)
            for secret in (answer(), asking(), "team-a", "gpt-5.6", "openai"):
                assert not any(word.encode() in value + new[0] for word in _words(secret))
        finally:
            await client.delete(*new)
            for cache in (first, second, stranger):
                await cache.close()


def _words(secret: object) -> list[str]:
    """Return what would show that it is not encrypted."""
    return [secret] if isinstance(secret, str) else ["Paris", "capital of France", "chatcmpl", "content"]


async def test_no_answer_outlives_the_record_of_its_exchange() -> None:
    cache = build(CacheSettings(), KEY, None, FakeLog(), retention_days=2)
    assert cache is not None
    asked = Rules(max_age_s=30 * 86_400.0)
    await kept(cache, asked)
    hit = await cache.lookup(ASKED, asked)
    assert isinstance(hit, Hit)
    assert hit.rules.age_s == 2 * 86_400.0

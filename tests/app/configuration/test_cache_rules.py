import pytest

from app.configuration.cache_rules import cache_problems
from app.configuration.problems import InvalidConfiguration
from app.configuration.reader import Source, configure
from app.secret import Secret
from app.settings import CacheSettings, EmbedderSettings, Settings

LONG = Secret("x" * 16)
REDIS = Secret("redis://127.0.0.1:6379/0")
FORMATS = {"openai": "openai", "claude": "anthropic"}


def broken(cache: CacheSettings, fingerprint_key: Secret | None = None) -> dict[str, str]:
    return {one.path: one.message for one in cache_problems(cache, fingerprint_key, FORMATS)}


def test_a_cache_in_memory_needs_nothing() -> None:
    assert broken(CacheSettings()) == {}


def test_redis_needs_an_address_and_a_secret_that_all_replicas_have() -> None:
    assert set(broken(CacheSettings(store="redis"))) == {"cache.url", "cache.secret"}
    assert broken(CacheSettings(store="redis", url=REDIS, secret=LONG)) == {}
    assert broken(CacheSettings(store="redis", url=REDIS), LONG) == {}


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "http://redis", "redis://host:port", "", "redis://[::1"])
def test_an_address_is_one_of_redis(url: str) -> None:
    cache = CacheSettings(store="redis", url=Secret(url), secret=LONG)
    assert broken(cache) == {"cache.url": "must begin with redis://, rediss://, unix://"}


@pytest.mark.parametrize("url", ["rediss://user:secret@redis.example:6380/1", "unix:///run/redis.sock"])
def test_addresses_may_have_users_and_be_files(url: str) -> None:
    assert broken(CacheSettings(store="redis", url=Secret(url), secret=LONG)) == {}


def test_an_address_that_nobody_would_ask_is_a_mistake() -> None:
    assert set(broken(CacheSettings(url=REDIS))) == {"cache.url"}


def test_a_secret_must_not_be_guessable() -> None:
    assert broken(CacheSettings(secret=Secret("short"))) == {"cache.secret": "is shorter than 16 characters"}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("text-embedding-3-small", "must be @provider/model"),
        ("@openai", "must be @provider/model"),
        ("@opnai/small", "no provider is named opnai; there are: claude, openai"),
        ("@claude/small", "must be of a provider that has embeddings"),
    ],
)
def test_an_embedder_is_a_model_of_a_configured_provider(model: str, message: str) -> None:
    cache = CacheSettings(embedder=EmbedderSettings(model=model))
    assert broken(cache) == {"cache.embedder.model": message}
    assert broken(CacheSettings(embedder=EmbedderSettings(model="@openai/small"))) == {}


def test_one_redis_may_be_for_everything() -> None:
    text = "redis_url: redis://one\nfingerprint_key: of-sixteen-characters\ncache: {store: redis"
    assert configured(text + "}").cache.url == Secret("redis://one")
    assert configured(text + ", url: 'redis://two'}").cache.url == Secret("redis://two")
    in_memory = configured("redis_url: redis://one\nfingerprint_key: of-sixteen-characters")
    assert in_memory.cache.url is None


def test_the_redis_for_everything_has_an_address() -> None:
    with pytest.raises(InvalidConfiguration) as raised:
        configured("redis_url: localhost\nfingerprint_key: of-sixteen-characters")
    assert [one.path for one in raised.value.problems] == ["redis_url"]


def test_names_in_the_redis_for_everything_are_made_with_a_key() -> None:
    with pytest.raises(InvalidConfiguration) as raised:
        configured("redis_url: redis://one")
    (problem,) = raised.value.problems
    assert problem.path == "fingerprint_key"
    assert problem.message.startswith("is missing: what lies in Redis has names that are made with it")
    configured("redis_url: redis://one\ncache: {secret: of-sixteen-characters}")


def configured(text: str) -> Settings:
    return configure(Source("handrail.yaml", text), {}).settings

"""What must hold for the cache's settings."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from app.configuration.problems import Problem
from app.secret import Secret
from app.settings import CacheSettings

_SCHEMES = ("redis", "rediss", "unix")
_WITHOUT = "anthropic"
"""The format that has no embeddings."""
_MIN_SECRET = 16
"""Characters; less could be guessed, and with it whether a certain question was asked."""


def cache_problems(
    cache: CacheSettings, fingerprint_key: Secret | None, formats: Mapping[str, str | None]
) -> Iterator[Problem]:
    """Yield what is wrong with the cache.

    Args:
        cache: its settings.
        fingerprint_key: of the gateway, from which a secret can be derived.
        formats: what the configured providers speak, by name.
    """
    if cache.store == "redis":
        yield from _redis(cache, fingerprint_key)
    elif cache.url is not None:
        yield Problem("cache.url", "is for the store redis alone; write store: redis, or leave it out")
    if cache.secret is not None and len(cache.secret.reveal()) < _MIN_SECRET:
        yield Problem("cache.secret", f"is shorter than {_MIN_SECRET} characters")
    if cache.embedder is not None:
        yield from _embedder(cache.embedder.model, formats)


def _redis(cache: CacheSettings, fingerprint_key: Secret | None) -> Iterator[Problem]:
    if cache.url is None:
        yield Problem("cache.url", "is missing, and so is redis_url: where is Redis? redis://host:6379/0")
    else:
        yield from redis_problems("cache.url", cache.url)
    if cache.secret is None and fingerprint_key is None:
        yield Problem(
            "cache.secret",
            "is missing: what lies in Redis is encrypted, and all replicas must be able to read it; "
            "set it, or a fingerprint_key",
        )


def redis_problems(path: str, url: Secret) -> Iterator[Problem]:
    """Yield what is wrong with an address of Redis.

    Args:
        path: of the setting.
        url: the address.
    """
    if _scheme(url.reveal()) not in _SCHEMES:
        yield Problem(path, f"must begin with {', '.join(f'{one}://' for one in _SCHEMES)}")


def _scheme(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return parts.scheme


def _embedder(model: str, formats: Mapping[str, str | None]) -> Iterator[Problem]:
    slug, _, name = model.partition("/")
    if not slug.startswith("@") or not name.strip():
        yield Problem("cache.embedder.model", "must be @provider/model")
    elif slug[1:] not in formats:
        known = ", ".join(sorted(formats)) or "none"
        yield Problem("cache.embedder.model", f"no provider is named {slug[1:]}; there are: {known}")
    elif formats[slug[1:]] == _WITHOUT:
        yield Problem("cache.embedder.model", "must be of a provider that has embeddings")

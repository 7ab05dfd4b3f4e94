"""What must hold between settings, beyond the type of each."""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from app.catalogue.catalogue import Catalogue
from app.configuration.cache_rules import cache_problems, redis_problems
from app.configuration.host_patterns import unusable_host
from app.configuration.problems import InvalidConfiguration, Problem, joined
from app.configuration.provider_rules import provider_problems
from app.configuration.record_rules import encryption_problems
from app.domain.content import exceeds
from app.settings import KeySettings, ServerSettings, Settings
from guardrails.registry import is_remote

_MIN_FINGERPRINT_KEY = 16
"""Characters; less could be guessed, and with it every fingerprinted value of low entropy."""


def require(settings: Settings, guardrails: Collection[str], catalogue: Catalogue) -> None:
    """Make sure that the settings fit together.

    Args:
        settings: the whole file.
        guardrails: names of those that are configured.
        catalogue: which kinds of providers there are.

    Raises:
        InvalidConfiguration: with every rule that is broken.
    """
    if problems := tuple(_broken(settings, guardrails, catalogue)):
        raise InvalidConfiguration(problems)


def _broken(settings: Settings, guardrails: Collection[str], catalogue: Catalogue) -> Iterator[Problem]:
    yield from _exposed(settings.server, settings.keys)
    for slug, provider in settings.providers.items():
        yield from provider_problems(joined("providers", slug), provider, catalogue)
    yield from _keys(settings.keys, guardrails)
    yield from _configs_of_keys(settings)
    yield from _contents_of_keys(settings)
    yield from encryption_problems(settings.records.encryption)
    yield from _prices(settings.prices, settings.providers)
    yield from _asked_models(settings.guardrails, settings.providers)
    rows = {slug: catalogue.row(provider.kind) for slug, provider in settings.providers.items()}
    formats = {slug: None if row is None else row.format for slug, row in rows.items()}
    yield from cache_problems(settings.cache, settings.fingerprint_key, formats)
    if settings.redis_url is not None:
        yield from redis_problems("redis_url", settings.redis_url)
        if settings.fingerprint_key is None and settings.cache.secret is None:
            yield Problem(
                "fingerprint_key",
                "is missing: what lies in Redis has names that are made with it, so that nobody who can read "
                "there learns which configs are in use; all replicas need the same",
            )
    yield from _guests(settings, catalogue)
    key = settings.fingerprint_key
    if key is not None and len(key.reveal()) < _MIN_FINGERPRINT_KEY:
        yield Problem("fingerprint_key", f"is shorter than {_MIN_FINGERPRINT_KEY} characters")


def _exposed(server: ServerSettings, keys: Mapping[str, KeySettings]) -> Iterator[Problem]:
    """Yield the problem of a service that other machines can reach and that asks nobody for a key."""
    if not keys and not _is_loopback(server.host):
        yield Problem(
            "server.host",
            "is open to other machines, and no keys are configured, so anybody could use your providers: "
            "add a key (handrail keys new NAME) or listen on 127.0.0.1",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _keys(keys: Mapping[str, KeySettings], guardrails: Collection[str]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    known = ", ".join(sorted(guardrails)) or "none"
    for name, key in keys.items():
        path = joined("keys", name)
        first = owners.setdefault(key.hash, name)
        if first != name:
            yield Problem(
                joined(path, "hash"), f"is the hash of {first}, too: each caller needs a key of its own"
            )
        for i, guardrail in enumerate(key.guardrails):
            if guardrail not in guardrails:
                place = joined(joined(path, "guardrails"), i)
                yield Problem(place, f"no guardrail is named {guardrail}; there are: {known}")


def _asked_models(guardrails: Mapping[str, Mapping[str, Any]], slugs: Collection[str]) -> Iterator[Problem]:
    """Yield the problem of a remote check that would ask a provider that there is not."""
    known = ", ".join(sorted(slugs)) or "none"
    for name, entry in guardrails.items():
        for i, item in enumerate(entry.get("checks", ())):
            for kind, config in ({} if isinstance(item, str) else item).items():
                model = config.get("model") if isinstance(config, dict) and is_remote(kind) else None
                slug = model[1:].partition("/")[0] if isinstance(model, str) and model[:1] == "@" else None
                if slug is not None and slug not in slugs:
                    path = joined(joined(joined("guardrails", name), "checks"), i)
                    message = f"no provider is named {slug}; there are: {known}"
                    yield Problem(joined(joined(path, kind), "model"), message)


def _guests(settings: Settings, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with what callers may bring: addresses and keys of their own."""
    hosts = settings.custom_hosts
    for i, entry in enumerate(hosts.allow):
        path = joined(joined("custom_hosts", "allow"), i)
        if (why := unusable_host(entry)) is not None:
            yield Problem(path, why)
        elif entry.partition(":")[0] == "*" and hosts.allow_private:
            yield Problem(path, "with allow_private, opens all that Handrail reaches to callers: name hosts")
    for i, kind in enumerate(settings.caller_keys.allow):
        if kind != "*" and catalogue.row(kind) is None:
            message = f"is no kind of provider; there are {', '.join(catalogue.kinds())}"
            yield Problem(joined(joined("caller_keys", "allow"), i), message)


def _prices(prices: Iterable[str], slugs: Collection[str]) -> Iterator[Problem]:
    """Yield the problem of a price that no call would ever have."""
    known = ", ".join(sorted(slugs)) or "none"
    for name in prices:
        slug, separator, model = name.partition("/")
        if not name.startswith("@"):
            continue
        if not separator or not model:
            yield Problem(joined("prices", name), "must be @slug/ and a model, which may be *")
        elif "*" not in slug and slug[1:] not in slugs:
            yield Problem(joined("prices", name), f"no provider is named {slug[1:]}; there are: {known}")


def _contents_of_keys(settings: Settings) -> Iterator[Problem]:
    """Yield the problem of a key that would have more on record than the gateway puts there."""
    most = settings.records.content
    for name, key in settings.keys.items():
        if key.content is not None and exceeds(key.content, most):
            place = joined(joined("keys", name), "content")
            yield Problem(place, f"is more than records.content, {most}: a key can only lower it")


def _configs_of_keys(settings: Settings) -> Iterator[Problem]:
    known = ", ".join(settings.configs) or "none"
    for name, key in settings.keys.items():
        if key.config is not None and key.config not in settings.configs:
            place = joined(joined("keys", name), "config")
            yield Problem(place, f"no config is named {key.config}; there are: {known}")

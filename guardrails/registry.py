"""Which kinds of checks there are: ours by name, others' by entry point.

A package that brings checks of its own names what builds them in its metadata:

    [project.entry-points."handrail.checks"]
    ticket = "acme_checks:build"

`build(config, path)` gets what stands under the kind's name and where that is; it returns a check of any of
the ports in `guardrails/check.py`, whose `kind` is that name, or raises a `ConfigError`. Those that ask
another service stand in the group `handrail.remote_checks`, and get the `Services` of the host as well.
Nothing of a package is imported before a configuration asks for one of its checks, and none can take the name
of one of ours. What it must keep is in `guardrails/conformance`.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from guardrails.check import AnyCheck
from guardrails.checks import (
    canary,
    counts,
    encoded,
    json_form,
    language,
    length,
    metadata,
    models,
    regex,
    request_types,
    system_leak,
    tools,
    unicode,
    words,
)
from guardrails.checks.injection import check as injection
from guardrails.checks.pii import check as pii
from guardrails.checks.secrets import check as secrets
from guardrails.checks.source_code import check as source_code
from guardrails.checks.urls import check as urls
from guardrails.decoding import ConfigError, known_to
from guardrails.portkey.ids import PORTKEY_CHECKS, PORTKEY_REMOTE_CHECKS
from guardrails.remote import (
    azure_content_safety,
    bedrock_guardrail,
    classifier,
    judge,
    moderation,
    presidio,
    webhook,
)
from guardrails.remote.chat_guard import check as chat_guard
from guardrails.remote.service import Services

GROUP = "handrail.checks"
REMOTE_GROUP = "handrail.remote_checks"

_CHECKS: Mapping[str, Callable[[object, str], AnyCheck]] = MappingProxyType(
    {
        "canary": canary.build,
        "code": source_code.build,
        "counts": counts.build,
        "encoded": encoded.build,
        "injection": injection.build,
        "json": json_form.build,
        "language": language.build,
        "length": length.build,
        "metadata": metadata.build,
        "models": models.build,
        "pii": pii.build,
        "regex": regex.build,
        "request_types": request_types.build,
        "secrets": secrets.build,
        "system_leak": system_leak.build,
        "tools": tools.build,
        "unicode": unicode.build,
        "urls": urls.build,
        "words": words.build,
        **PORTKEY_CHECKS,
    }
)
"""By kind: what builds a check from its configuration and the path of that."""

GUESSES = frozenset({"injection"})
"""Kinds that tell by the look of a text what no look tells for sure: a guardrail that has no others watches
(`mode: monitor`) unless its entry says what else."""

_REMOTE_CHECKS: Mapping[str, Callable[[object, str, Services], AnyCheck]] = MappingProxyType(
    {
        "azure_content_safety": azure_content_safety.build,
        "bedrock_guardrail": bedrock_guardrail.build,
        "chat_guard": chat_guard.build,
        "classifier": classifier.build,
        "judge": judge.build,
        "moderation": moderation.build,
        "presidio": presidio.build,
        "webhook": webhook.build,
        **PORTKEY_REMOTE_CHECKS,
    }
)
"""By kind: what builds a remote check, which asks by these services. Its configuration extends
`RemoteSettings`."""


def known_checks() -> tuple[str, ...]:
    """Return the kinds of checks that a guardrail may ask for, in alphabetical order."""
    others = (*entry_points(group=GROUP), *entry_points(group=REMOTE_GROUP))
    return tuple(sorted({*_CHECKS, *_REMOTE_CHECKS, *(other.name for other in others)}))


def is_remote(kind: str) -> bool:
    """Return whether checks of this kind ask another service."""
    return kind in _REMOTE_CHECKS or (
        kind not in _CHECKS and _entry_point(kind, REMOTE_GROUP, kind) is not None
    )


def build_check(kind: str, config: object, path: str, services: Services | None) -> AnyCheck:
    """Build a check.

    Args:
        kind: its name in the configuration.
        config: what stands under it.
        path: where that is.
        services: of the host, if it has any.

    Raises:
        ConfigError: there is no such kind, its configuration does not fit, it asks another service where
            there are none, or the package that brings it is broken.
    """
    if kind in _CHECKS:
        return _CHECKS[kind](config, path)
    if kind in _REMOTE_CHECKS:
        return _REMOTE_CHECKS[kind](config, path, _required(services, path))
    if (other := _entry_point(kind, GROUP, path)) is not None:
        return _foreign(other, path, config, path)
    if (other := _entry_point(kind, REMOTE_GROUP, path)) is not None:
        return _foreign(other, path, config, path, _required(services, path))
    raise ConfigError(path, f"there is no such check; {known_to(kind, known_checks())}")


def _required(services: Services | None, path: str) -> Services:
    if services is None:
        raise ConfigError(
            path, "asks another service, and there are none here; give Checks the services of the host"
        )
    return services


def _entry_point(kind: str, group: str, path: str) -> EntryPoint | None:
    found = tuple(entry_points(group=group, name=kind))
    if len({_package(one) for one in found}) > 1:
        packages = ", ".join(sorted(map(_package, found)))
        raise ConfigError(path, f"several packages bring a check of this name: {packages}")
    return found[0] if found else None


def _foreign(entry: EntryPoint, path: str, *arguments: object) -> AnyCheck:
    """Build a check of another package, which may do anything but pass for one of ours."""
    try:
        built = entry.load()(*arguments)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            path, f"the package {_package(entry)}, which brings it, failed: {type(error).__name__}"
        ) from error
    if not isinstance(built, AnyCheck):
        raise ConfigError(path, f"what the package {_package(entry)} builds is no check")
    if built.kind != entry.name:
        raise ConfigError(
            path, f"what the package {_package(entry)} builds calls itself {built.kind!r}, not {entry.name!r}"
        )
    return built


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.module

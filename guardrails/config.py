r"""How configuration becomes guardrails: the keys of one entry under `guardrails:` in `handrail.yaml`.

    privacy:
      on: [input, output]
      checks: [{pii: {entities: [email, card]}}, {regex: {pattern: 'EMP-\d{6}'}}]
      action: redact

Each check knows its own keys, and `guardrails/registry.py` which checks there are. A mistake is a
`ConfigError` that says where it is. Whoever builds several guardrails gives them one `Checks`, so that what
they have in common is asked once; and with it the `Services` that remote checks need.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from guardrails.check import (
    AnyCheck,
    ExchangeCheck,
    OneSided,
    RemoteCheck,
    RemoteExchangeCheck,
    is_redactable,
)
from guardrails.decoding import ConfigError, decode, together
from guardrails.guardrail import Guardrail, irreversible_check
from guardrails.names import Names
from guardrails.registry import GUESSES, build_check, is_remote, known_checks
from guardrails.remote.service import Services
from guardrails.scope import EVERYTHING, AppliesTo, Scope
from guardrails.verdict import Action, Mode, OnError, Side

__all__ = ["Checks", "ConfigError", "guardrail", "known_checks"]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry under `guardrails:`."""

    checks: tuple[dict[str, object] | str, ...]
    """Each a mapping of one kind to its configuration, null for none needed; or the kind alone."""
    action: Action
    on: tuple[Side, ...] = (Side.INPUT, Side.OUTPUT)
    mode: Mode | None = None
    """Null: `enforce`, but `monitor` where all checks are guesses (`guardrails/registry.py`)."""
    on_error: OnError = OnError.BLOCK
    timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 1_000
    default: bool = True
    during: bool = False
    """Whether its remote checks are asked beside the provider."""
    reversible: bool = False
    applies_to: dict[str, object] = {}
    """See `guardrails/scope.py`."""
    parts: Literal["new", "all"] = "all"
    """Whether texts of earlier turns are heard again with every request."""


class Checks:
    """The checks of one configuration: equal entries are one check, which a panel asks once.

    Entries are equal if their kind and keys are; a default that one spells out makes it another check. Made
    for one configuration and dropped with it, so that nothing is shared between two of them.

    Args:
        services: what remote checks ask by; without, a configuration can have none of them.
    """

    def __init__(self, services: Services | None = None) -> None:
        self._services = services
        self._built: dict[tuple[str, bytes], AnyCheck] = {}

    @property
    def has_services(self) -> bool:
        """Whether checks that ask other services can be had."""
        return self._services is not None

    def check(self, item: Mapping[str, object], path: str, timeout_ms: int = 1_000) -> AnyCheck:
        """Return the check of an item such as `{pii: {entities: [email]}}`.

        Args:
            item: one kind and its configuration.
            path: where it stands.
            timeout_ms: of the guardrail; a remote check that says nothing else has it.

        Raises:
            ConfigError: it is no check, or its configuration does not fit.
        """
        if len(item) != 1:
            raise ConfigError(
                path, f"a check is a mapping of one kind to its configuration, this has {len(item)} keys"
            )
        kind, given = next(iter(item.items()))
        config = {} if given is None else given
        if isinstance(config, Mapping) and is_remote(kind):
            config = {"timeout_ms": timeout_ms, **config}
        # Built before it is looked up: only what fits has one JSON text, and mistakes want their own path.
        built = build_check(kind, config, f"{path}.{kind}", self._services)
        return self._built.setdefault((kind, msgspec.json.encode(config, order="sorted")), built)


def guardrail(
    name: str, spec: Mapping[str, object], path: str | None = None, *, checks: Checks | None = None
) -> Guardrail:
    """Build a guardrail.

    Args:
        name: what keys, requests, rows and spans call it.
        spec: the entry as YAML or JSON gives it.
        path: where the entry stands, for errors; `guardrails.<name>` unless given.
        checks: of the configuration it belongs to; without, it shares its checks with no other guardrail.

    Raises:
        ConfigError: with a path such as `guardrails.privacy.checks[0].pii.entities[2]`, and with whatever
            else is wrong with the entry and its checks.
    """
    path = path or f"guardrails.{name}"
    known = Checks() if checks is None else checks
    try:
        entry = decode(_Entry, spec, path)
    except ConfigError as error:
        raise together([error, *_built(spec.get("checks"), path, known)[1]]) from error
    asked, mistakes = _built(entry.checks, path, known, entry.timeout_ms)
    if not entry.on:
        mistakes.append(ConfigError(f"{path}.on", "give input, output or both"))
    if not entry.checks:
        mistakes.append(ConfigError(f"{path}.checks", "give at least one check"))
    if mistakes:
        raise together(mistakes)
    applies_to = decode(AppliesTo, entry.applies_to, f"{path}.applies_to")
    scope = _scope(entry, applies_to, path)
    _require_all_heard(asked, entry.on, scope, path)
    if entry.action is Action.REDACT:
        _require_redactable(asked, path)
    built = Guardrail(
        name=name,
        on=frozenset(entry.on),
        checks=asked,
        action=entry.action,
        mode=_mode(entry, asked),
        on_error=entry.on_error,
        timeout_s=entry.timeout_ms / 1_000,
        scope=scope,
        models=None if applies_to.models is None else Names(applies_to.models),
        default=entry.default,
        during=entry.during,
        reversible=entry.reversible,
    )
    if entry.during:
        _require_deferrable(built, path)
    if built.reversible:
        _require_restorable(built, path)
    return built


def _built(
    items: object, path: str, known: Checks, timeout_ms: int = 1_000
) -> tuple[tuple[AnyCheck, ...], list[ConfigError]]:
    """Return the checks of these items, and what is wrong with those that are none."""
    built: list[AnyCheck] = []
    mistakes: list[ConfigError] = []
    for index, item in enumerate(items if isinstance(items, list | tuple) else ()):
        entry = {item: None} if isinstance(item, str) else item
        if isinstance(entry, Mapping):
            try:
                built.append(known.check(entry, f"{path}.checks[{index}]", timeout_ms))
            except ConfigError as error:
                mistakes.append(error)
    return tuple(built), mistakes


def _require_all_heard(asked: tuple[AnyCheck, ...], on: tuple[Side, ...], scope: Scope, path: str) -> None:
    for index, check in enumerate(asked):
        require_heard(check, on, scope, f"{path}.checks[{index}].{check.kind}")


def require_heard(check: AnyCheck, on: tuple[Side, ...], scope: Scope, path: str) -> None:
    """Make sure that a check hears something on these sides and in this scope.

    Raises:
        ConfigError: it does not.
    """
    if isinstance(check, OneSided) and not check.sides.issuperset(on):
        sides = ", ".join(sorted(check.sides))
        raise ConfigError(path, f"makes sense on one side only; set `on: [{sides}]` in its guardrail")
    if not isinstance(check, ExchangeCheck | RemoteExchangeCheck):
        return
    if scope != EVERYTHING:
        raise ConfigError(
            path, "is about the exchange as a whole; give it a guardrail without roles and parts"
        )
    if Side.INPUT not in on and check.reads == {"request"}:
        raise ConfigError(path, "is about requests; let the guardrail be on input")


def _scope(entry: _Entry, applies_to: AppliesTo, path: str) -> Scope:
    empty = applies_to.empty_key()
    if empty is not None:
        raise ConfigError(f"{path}.applies_to.{empty}", "says nothing; leave it out for all of them")
    scope = applies_to.scope(only_new=entry.parts == "new")
    if Side.INPUT not in entry.on and scope.roles is not None and "assistant" not in scope.roles:
        raise ConfigError(f"{path}.applies_to.roles", "an answer is the assistant's; add it, or be on input")
    return scope


def _mode(entry: _Entry, checks: tuple[AnyCheck, ...]) -> Mode:
    if entry.mode is not None:
        return entry.mode
    return Mode.MONITOR if all(check.kind in GUESSES for check in checks) else Mode.ENFORCE


def _require_deferrable(built: Guardrail, path: str) -> None:
    path = f"{path}.during"
    if Side.INPUT not in built.on:
        raise ConfigError(path, "is about requests; let the guardrail be on input")
    if built.action is Action.REDACT:
        raise ConfigError(path, "what is sent already cannot be redacted; use the action block or flag")
    if not any(isinstance(check, RemoteCheck) for check in built.checks):
        raise ConfigError(path, "none of its checks asks another service; leave it out")


def _require_redactable(checks: tuple[AnyCheck, ...], path: str) -> None:
    for index, check in enumerate(checks):
        if not is_redactable(check):
            raise ConfigError(
                f"{path}.checks[{index}].{check.kind}",
                "finds no characters to redact; use the action block or flag",
            )


def _require_restorable(guardrail: Guardrail, path: str) -> None:
    if guardrail.action is not Action.REDACT:
        raise ConfigError(
            f"{path}.reversible", "only what is redacted can be restored; use the action redact"
        )
    if Side.INPUT not in guardrail.on:
        raise ConfigError(
            f"{path}.reversible", "what is redacted in a request is restored in its answer; add input to `on`"
        )
    if guardrail.scope != EVERYTHING:
        raise ConfigError(
            f"{path}.reversible",
            "what is restored comes back with the next turn, in any text; hear all roles and parts",
        )
    place = irreversible_check(guardrail)
    if place is not None:
        raise ConfigError(
            f"{path}.checks[{place}].{guardrail.checks[place].kind}",
            "is never restored; give it to a guardrail that is not reversible",
        )

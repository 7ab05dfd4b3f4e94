"""Portkey's checks of requests: `modelWhitelist`, `modelRules`, `allowedRequestTypes` and so on.

A model that is asked for with its provider (`@openai/gpt-4o`) is listed under either name.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError, decode
from guardrails.verdict import Side

_Names = tuple[str, ...]
_ALLOWED, _BLOCKED = "supported_endpoints", "blocked_endpoints"
"""Metadata that says which types are allowed where the configuration does not."""


class ModelWhitelistConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The models there are; with `not`, those there are not."""

    models: _Names
    inverted: bool = msgspec.field(default=False, name="not")


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Models by metadata: of each key, by its value; else the defaults."""

    defaults: _Names = ()
    metadata: Mapping[str, Mapping[str, _Names]] = {}


class ModelRulesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As `ModelWhitelistConfig`, by metadata."""

    rules: Rules
    inverted: bool = msgspec.field(default=False, name="not")


class AllowedRequestTypesConfig(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """Types as Portkey names them, in a list or separated by commas; none given: all, or as metadata says."""

    allowed_types: _Names | str = ()
    blocked_types: _Names | str = ()


class RequiredMetadataKeysConfig(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """Keys that must be there, whatever they hold."""

    metadata_keys: _Names
    operator: Literal["all", "any", "none"] = "all"


class RequestVerdict:
    """A check that gives a verdict on what a request is.

    Args:
        name: of Portkey's function: `modelWhitelist`.
        place: what it is about: `model`.
        holds: returns the verdict.
    """

    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self, name: str, place: str, holds: Callable[[Conversation], bool]) -> None:
        self.kind = f"default.{name}"
        self._name = name
        self._place = place
        self._holds = holds

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return a remark if it does not hold of this request; answers are not its affair."""
        if subject.side is not Side.INPUT or self._holds(subject.conversation):
            return []
        return [Remark(self._name, self._place)]


def model_whitelist(config: object, path: str) -> RequestVerdict:
    """Build `default.modelWhitelist`."""
    given = decode(ModelWhitelistConfig, config, path)
    if not given.models:
        raise ConfigError(f"{path}.models", "give at least one model")
    models = frozenset(given.models)
    return RequestVerdict(
        "modelWhitelist", "model", lambda asked: _listed(asked, models) is not given.inverted
    )


def model_rules(config: object, path: str) -> RequestVerdict:
    """Build `default.modelRules`. Where no rule says anything, no model is allowed, whatever `not` says."""
    given = decode(ModelRulesConfig, config, path)

    def holds(asked: Conversation) -> bool:
        models = frozenset(
            model
            for key, lists in given.rules.metadata.items()
            for model in lists.get(asked.metadata.get(key, ""), ())
        ) or frozenset(given.rules.defaults)
        return bool(models) and _listed(asked, models) is not given.inverted

    return RequestVerdict("modelRules", "model", holds)


def allowed_request_types(config: object, path: str) -> RequestVerdict:
    """Build `default.allowedRequestTypes`: what is blocked is, else what is listed is allowed."""
    given = decode(AllowedRequestTypesConfig, config, path)
    allowed, blocked = _names(given.allowed_types), _names(given.blocked_types)
    if both := allowed & blocked:
        raise ConfigError(f"{path}.blockedTypes", f"{min(both)} is both allowed and blocked")

    def holds(asked: Conversation) -> bool:
        may, must_not = allowed, blocked
        if not may and not must_not:
            may, must_not = (_names(asked.metadata.get(key, "")) for key in (_ALLOWED, _BLOCKED))
        return asked.request_type not in must_not and (not may or asked.request_type in may)

    return RequestVerdict("allowedRequestTypes", "", holds)


def required_metadata_keys(config: object, path: str) -> RequestVerdict:
    """Build `default.requiredMetadataKeys`: all, any or none of the keys are there."""
    given = decode(RequiredMetadataKeysConfig, config, path)
    if not given.metadata_keys:
        raise ConfigError(f"{path}.metadataKeys", "give at least one key")

    def holds(asked: Conversation) -> bool:
        there = [key in asked.metadata for key in given.metadata_keys]
        if given.operator == "none":
            return not any(there)
        return all(there) if given.operator == "all" else any(there)

    return RequestVerdict("requiredMetadataKeys", "metadata", holds)


def _listed(asked: Conversation, models: frozenset[str]) -> bool:
    bare = asked.model.partition("/")[2] if asked.model.startswith("@") else asked.model
    return not models.isdisjoint({asked.model, bare})


def _names(given: _Names | str) -> frozenset[str]:
    listed = given.split(",") if isinstance(given, str) else given
    return frozenset(name.strip() for name in listed if name.strip())

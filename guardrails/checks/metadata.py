"""The `metadata` check: what a caller must say about a request, and what it must not.

Names are those of the caller's metadata, to the letter. A key whose value is empty is not given.
"""

from collections.abc import Mapping, Sequence

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.decoding import ConfigError, decode
from guardrails.names import Names


class MetadataConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """At least one is given."""

    all: tuple[str, ...] = ()
    """Keys that must be there, each of them."""
    any: tuple[str, ...] = ()
    """Of these at least one."""
    none: tuple[str, ...] = ()
    """None of these."""
    values: Mapping[str, tuple[str, ...]] = {}
    """What the value of a key may be, where it is given: patterns, `*` for any characters."""


class MetadataCheck:
    """Finds that a request lacks metadata, or has some that it must not have."""

    kind = "metadata"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self, config: MetadataConfig) -> None:
        self._config = config
        self._values = {key: Names(patterns) for key, patterns in config.values.items()}

    def examine(self, subject: Subject) -> Sequence[Remark]:
        """Return one remark a key, and one where none of several is there."""
        given = {key: value for key, value in subject.conversation.metadata.items() if value}
        config = self._config
        remarks = [Remark("missing", _path(key)) for key in config.all if key not in given]
        if config.any and given.keys().isdisjoint(config.any):
            remarks.append(Remark("missing", "metadata"))
        remarks += [Remark("forbidden", _path(key)) for key in config.none if key in given]
        remarks += [
            Remark("not_allowed", _path(key))
            for key, allowed in self._values.items()
            if key in given and not allowed.match(given[key])
        ]
        return remarks


def build(config: object, path: str) -> MetadataCheck:
    """Build the check from its configuration."""
    decoded = decode(MetadataConfig, config, path)
    if not (decoded.all or decoded.any or decoded.none or decoded.values):
        raise ConfigError(path, "give all, any, none or values")
    return MetadataCheck(decoded)


def _path(key: str) -> str:
    return f"metadata.{key}"

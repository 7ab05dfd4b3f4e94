"""What models can do, found by patterns of their names.

Every pattern that fits a model says something about it; where two say something of the same field, the one
with more letters wins (of two with as many, the one for some providers only), and a user's pattern wins over
all of the package's. Case makes no difference, nor does `4.7` for `4-7`: vendors and those who resell their
models write versions either way.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.catalogue.problem import CatalogueError, decoded, joined
from app.catalogue.row import FormatName
from app.domain.abilities import Abilities

_MAX_CACHED = 4096
"""Names of models come from callers, so they are not remembered without end."""
_POINT = re.compile(r"(?<=[0-9])\.(?=[0-9*])")
"""The point of a version; others part a vendor from a model (Bedrock's `deepseek.v3`)."""


class _Scope(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a pattern holds."""

    kinds: tuple[str, ...] = ()
    formats: tuple[FormatName, ...] = ()


class _Rule(msgspec.Struct, frozen=True):
    """One pattern and what it says."""

    pattern: re.Pattern[str]
    rank: tuple[bool, int, bool]
    """Whether a user wrote it, its letters, and whether it holds for some providers only."""
    scope: _Scope
    fields: dict[str, Any]

    def fits(self, kind: str, format_name: str, names: tuple[str, ...]) -> bool:
        """Whether it says something about this model."""
        scope = self.scope
        if (scope.kinds and kind not in scope.kinds) or (scope.formats and format_name not in scope.formats):
            return False
        return any(self.pattern.fullmatch(name) for name in names)


class Capabilities:
    """What models can do; made by `load`."""

    def __init__(self, rules: tuple[_Rule, ...]) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: rule.rank))
        self._cached: dict[tuple[str, str, str], Abilities] = {}

    @classmethod
    def load(cls, packaged: Mapping[str, Any], own: Mapping[str, Any]) -> "Capabilities":
        """Read the package's groups of patterns and the user's patterns.

        Args:
            packaged: by name of a group: `match`, a list of patterns, and what they say.
            own: by pattern: what it says.

        Raises:
            CatalogueError: something in them is wrong.
        """
        rules = [
            _rule(pattern, _without(group, "match"), joined("models", name), is_own=False)
            for name, group in packaged.items()
            for pattern in group["match"]
        ]
        rules += [
            _rule(pattern, fields, joined("models", pattern), is_own=True) for pattern, fields in own.items()
        ]
        return cls(tuple(rules))

    def of(self, kind: str, format_name: str, model: str) -> Abilities:
        """Return what a model can do.

        Args:
            kind: of the provider that serves it.
            format_name: the format that provider speaks.
            model: as the provider calls it; what stands before the last `/` is nobody's name but a place.
        """
        key = (kind, format_name, model)
        found = self._cached.get(key)
        if found is None:
            if len(self._cached) >= _MAX_CACHED:
                self._cached.clear()
            found = self._cached[key] = self._found(*key)
        return found

    def _found(self, kind: str, format_name: str, model: str) -> Abilities:
        lowered = _plain(model)
        names = (lowered, lowered.rpartition("/")[2])
        fields: dict[str, Any] = {}
        for rule in self._rules:
            if rule.fits(kind, format_name, names):
                fields |= rule.fields
        return msgspec.convert(fields, Abilities)


def _plain(name: str) -> str:
    """Return a name as it is compared: OpenRouter writes `claude-opus-4.7`, Anthropic `claude-opus-4-7`."""
    return _POINT.sub("-", name.lower())


def _without(fields: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key not in keys}


def _rule(pattern: str, fields: object, path: str, *, is_own: bool) -> _Rule:
    if not isinstance(fields, Mapping):
        raise CatalogueError(path, "expected a mapping with what such models can do")
    scope = decoded(_Scope, {key: fields[key] for key in ("kinds", "formats") if key in fields}, path)
    said = _without(fields, "kinds", "formats")
    decoded(Abilities, said, path)
    letters = len(pattern.replace("*", ""))
    expression = ".*".join(re.escape(piece) for piece in _plain(pattern).split("*"))
    rank = (is_own, letters, bool(scope.kinds or scope.formats))
    return _Rule(re.compile(expression, re.DOTALL), rank, scope, said)

"""The catalogue: what kinds of provider there are and what their models can do.

Two files of this package hold what is known: `providers.yaml` and `models.yaml`. `handrail.yaml` is put on
top, so whoever meets a provider or a model nobody has heard of needs no new version of Handrail. Mappings are
merged, lists of what is missing add up, everything else is replaced. The other way, rows as Python, was
rejected: it could not be overridden by the same words it is written in.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec
import yaml

from app.catalogue.capabilities import Capabilities
from app.catalogue.problem import CatalogueError, decoded, joined
from app.catalogue.row import Row
from app.domain.abilities import Abilities

_PACKAGE = "app.catalogue"
_ADDED = frozenset({"drop", "message_drop"})
"""Lists that add up: what a kind is like does not learn more by being told what else it lacks."""
_OWN = frozenset({"aliases", "key_env", "telemetry_name", "pricing_name"})
"""What a row that is `like` another does not get from it: a key sent to somebody else is a key lost."""


class Catalogue:
    """Kinds of provider and their models; made by `load`.

    Args:
        rows: by kind.
        capabilities: of models.
    """

    def __init__(self, rows: Mapping[str, Row], capabilities: Capabilities) -> None:
        self._rows = dict(rows)
        self._by_name = {alias: row for row in rows.values() for alias in row.aliases} | self._rows
        self._capabilities = capabilities

    @classmethod
    def load(
        cls,
        rows: Mapping[str, Mapping[str, Any]] | None = None,
        models: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> "Catalogue":
        """Read the package's files and put the user's own on top.

        Args:
            rows: fields of rows by kind; of a kind that is known they override, else they make a new one,
                based on that named by `like` if there is one.
            models: fields of `Abilities` by pattern of the model's name (`*` stands for anything), with
                `kinds` or `formats` where they hold for some providers only.

        Raises:
            CatalogueError: something in them is wrong; its path begins with `catalogue` or `models`.
        """
        found = _built(_read("providers.yaml"), rows or {})
        return cls(found, Capabilities.load(_read("models.yaml"), models or {}))

    def row(self, kind: str) -> Row | None:
        """Return the row of this name or alias."""
        return self._by_name.get(kind)

    def kind_of(self, name: str) -> str | None:
        """Return the kind of this name or alias."""
        row = self._by_name.get(name)
        return None if row is None else row.kind

    def kinds(self) -> tuple[str, ...]:
        """Return the names of all rows, without aliases."""
        return tuple(sorted(self._rows))

    def abilities(self, kind: str, model: str) -> Abilities:
        """Return what a model can do.

        Args:
            kind: of the provider that serves it.
            model: as that provider calls it.
        """
        row = self._by_name.get(kind)
        return self._capabilities.of(row.kind if row else kind, row.format if row else "openai", model)


def _read(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(files(_PACKAGE).joinpath(name).read_bytes(), loader)  # noqa: S506 (a safe one)
    return found


def _built(packaged: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Row]:
    """Return all rows."""
    trees: dict[str, dict[str, Any]] = {}
    names: dict[str, str] = {}
    for kind, tree in packaged.items():
        trees[kind] = _based(kind, tree, trees, names)
        names |= dict.fromkeys((kind, *trees[kind].get("aliases", ())), kind)
    for name, tree in own.items():
        path = joined("catalogue", name)
        if not isinstance(tree, Mapping):
            raise CatalogueError(path, "expected a mapping with the fields of a kind of provider")
        kind = names.get(name, name)
        before = trees.get(kind)
        trees[kind] = _based(kind, tree, trees, names) if before is None else _merged(before, tree)
        decoded(Row, trees[kind], path)
        names[kind] = kind
    return {
        kind: msgspec.structs.replace(decoded(Row, tree, joined("catalogue", kind)), kind=kind)
        for kind, tree in trees.items()
    }


def _based(
    kind: str, tree: Mapping[str, Any], trees: Mapping[str, dict[str, Any]], names: Mapping[str, str]
) -> dict[str, Any]:
    """Return the tree on top of the one it is `like`."""
    fields = {key: value for key, value in tree.items() if key != "like"}
    if (like := tree.get("like")) is None:
        return fields
    model = trees.get(names.get(like, "")) if isinstance(like, str) else None
    if model is None:
        raise CatalogueError(f"{joined('catalogue', kind)}.like", "names no kind of provider")
    inherited = {key: value for key, value in model.items() if key not in _OWN}
    return _merged(inherited, fields)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(old, value)
        elif key in _ADDED and isinstance(old, list) and isinstance(value, list):
            merged[key] = list(dict.fromkeys([*old, *value]))
        else:
            merged[key] = value
    return merged

"""The routing configs of `handrail.yaml`, read when the service starts."""

from collections.abc import Collection, Mapping
from typing import Any

from app.routing.config import Guard
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known, read_config
from app.routing.tree import Leaf, Tree, leaves, prepare


def saved_configs(
    configs: Mapping[str, Mapping[str, Any]], known: Known, guardrails: Collection[str]
) -> dict[str, Tree]:
    """Return the trees of all saved configs.

    Args:
        configs: by name, as they stand in the file.
        known: providers they may name.
        guardrails: names of those they may add.

    Raises:
        ConfigError: the first thing that is wrong; its path begins with `configs`.
    """
    trees: dict[str, Tree] = {}
    for name, document in configs.items():
        tree = prepare(read_config(dict(document), path=f"configs.{name}", known=known))
        for leaf in leaves(tree):
            require_named_guardrails(leaf, guardrails)
        trees[name] = tree
    return trees


def require_named_guardrails(leaf: Leaf, known: Collection[str] | None = None) -> None:
    """Make sure that every guardrail on the way to a target is a name, of one that is configured.

    Args:
        leaf: the target.
        known: those that are; None: that is asked later, when they are selected.

    Raises:
        ConfigError: one is not; what nobody checks must not seem checked.
    """
    for node in leaf.guards:
        for name in node.guards.__struct_fields__:
            for guard in getattr(node.guards, name):
                _require_named(guard, known, f"{node.path}.{name}")


def _require_named(guard: Guard, known: Collection[str] | None, path: str) -> None:
    if not isinstance(guard, str):
        raise ConfigError(path, "guardrails are named here, and written in `guardrails` of the configuration")
    if known is not None and guard not in known:
        there = ", ".join(known) or "none are configured"
        raise ConfigError(path, f"no guardrail is named {guard[:64]!r}; there are: {there}")

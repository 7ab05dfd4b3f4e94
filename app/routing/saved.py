"""The routing configs of `handrail.yaml`, read when the service starts."""

from collections.abc import Mapping
from typing import Any

from app.routing.config_error import ConfigError
from app.routing.config_reader import Known, read_config
from app.routing.hooks import HookReader
from app.routing.tree import Leaf, Tree, leaves, prepare


def saved_configs(
    configs: Mapping[str, Mapping[str, Any]], known: Known, hooks: HookReader
) -> dict[str, Tree]:
    """Return the trees of all saved configs.

    Args:
        configs: by name, as they stand in the file.
        known: providers they may name.
        hooks: reads their guardrails.

    Raises:
        ConfigError: the first thing that is wrong; its path begins with `configs`.
    """
    trees: dict[str, Tree] = {}
    for name, document in configs.items():
        tree = prepare(read_config(dict(document), path=f"configs.{name}", known=known), hooks)
        for leaf in leaves(tree):
            _refuse_account(leaf)
        trees[name] = tree
    return trees


def _refuse_account(leaf: Leaf) -> None:
    """Raise if a target says things about an account that belong to a provider."""
    if leaf.credentials.cloud:
        name = next(iter(leaf.credentials.cloud))
        raise ConfigError(f"{leaf.path}.{name}", "is a setting of a provider; write one, and name it here")
    brings = leaf.credentials.api_key is not None or leaf.credentials.custom_host is not None
    if brings and leaf.provider is None:
        raise ConfigError(leaf.path, "has a key or an address, but names no provider that they are for")

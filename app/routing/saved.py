"""The routing configs of `handrail.yaml`, read when the service starts."""

from collections.abc import Mapping
from typing import Any

from app.routing.config_reader import Known, read_config
from app.routing.hooks import HookReader
from app.routing.tree import Tree, prepare


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
    return {
        name: prepare(read_config(dict(document), path=f"configs.{name}", known=known), hooks)
        for name, document in configs.items()
    }

"""The routing configs of `handrail.yaml`, read when the service starts.

Their nodes have the paths that they would have in a config that is sent, `config.targets[1]`, for callers are
told these (Portkey's option index); errors, which are for whoever wrote the file, say where they stand there.
"""

from collections.abc import Mapping
from typing import Any

from app.routing.config_error import ConfigError
from app.routing.config_reader import Known, read_config
from app.routing.hooks import HookReader
from app.routing.tree import Leaf, Tree, leaves, prepare

_ROOT = "config"
_GUARDRAILS = frozenset(
    {"input_guardrails", "output_guardrails", "before_request_hooks", "after_request_hooks"}
    | {"input_mutators", "output_mutators"}
)


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
        try:
            tree = prepare(read_config(dict(document), path=_ROOT, known=known), hooks)
            for leaf in leaves(tree):
                _refuse_account(leaf)
        except ConfigError as error:
            path = f"configs.{name}{error.path.removeprefix(_ROOT)}"
            raise ConfigError(path, error.message) from error
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


def brings_guardrails(config: object) -> bool:
    """Return whether a config, or any of several, has guardrails of its own somewhere in it."""
    if isinstance(config, Mapping):
        return any(
            (key in _GUARDRAILS and bool(value)) or brings_guardrails(value) for key, value in config.items()
        )
    return isinstance(config, list | tuple) and any(map(brings_guardrails, config))

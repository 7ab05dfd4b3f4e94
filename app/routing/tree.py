"""A config made ready to plan with: what each target inherits is worked out once, not for every request.

From a node to those below it:

- `override_params` and `default_params` add up, the deeper value of a parameter wins; `drop_params` add up.
- `retry`, `cache`, `cb_config`, `request_timeout`, `custom_host`, `forward_headers` and
  `strict_open_ai_compliance` hold until a deeper node gives its own, which replaces the whole.
- Guardrails add up: a target has its own and those of all nodes above. In Portkey a target with one of its
  own loses the others; nobody who writes a guardrail at the top means that.
- Provider, keys, weight and name are a node's own.
"""

from itertools import accumulate
from typing import Literal, TypeAlias

import msgspec

from app.routing.conditions import Asked, asked
from app.routing.config import (
    Breaker,
    Cache,
    Config,
    Credentials,
    Guards,
    Mode,
    ProviderName,
    Retry,
    Sticky,
)
from app.routing.config_reader import split_model
from app.routing.hooks import ConfigHooks, HookReader, NodeGuards
from app.routing.params import Params, ordered

__all__ = ["Branch", "Leaf", "NodeGuards", "Params", "Tree", "leaves", "prepare"]

_NO_RETRY = Retry(0)
_NO_GUARDS = Guards()
_DRAWN = (Mode.LOADBALANCE, Mode.LEAST_LATENCY)


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A target with all that it says and inherits."""

    path: str
    """`config.targets[1]`; Portkey's option index."""
    provider: ProviderName | None
    """None: as the request says."""
    model: str | None
    """As the provider calls it; None: as the request says."""
    credentials: Credentials
    params: Params
    guards: tuple[NodeGuards, ...]
    """From the root down; nodes without any are left out."""
    retry: Retry
    request_timeout_s: float | None
    cache: Cache | None
    breaker: Breaker | None
    strict: bool | None
    forward_headers: tuple[str, ...]
    is_certain: Literal[True] = True
    """As `Branch.is_certain`."""


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A node that chooses."""

    path: str
    mode: Mode
    children: tuple["Tree", ...]
    weights: tuple[float, ...]
    """Of the children."""
    bounds: tuple[float, ...]
    """Sums of the weights up to each child, it included."""
    on_status_codes: frozenset[int] | None
    sticky: Sticky | None
    rules: tuple[tuple[Asked, int], ...]
    """Conditions, and the index of the child that each leads to."""
    default: int | None
    is_watched: bool
    """Whether a breaker may be open below."""
    is_certain: bool
    """Whether the request alone decides which target below is asked first."""


Tree: TypeAlias = Leaf | Branch


def prepare(config: Config, hooks: HookReader | None = None) -> Tree:
    """Return the tree of a config.

    Args:
        config: its root.
        hooks: reads its guardrails; without, as one that knows no services and no configured guardrails.

    Raises:
        ConfigError: a guardrail of it cannot be used.
    """
    reader = HookReader() if hooks is None else hooks
    return _prepared(_merged(config, Config(path="")), (), reader.of_config())


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    """Return the targets of a tree, in order."""
    if isinstance(tree, Leaf):
        return (tree,)
    return tuple(leaf for child in tree.children for leaf in leaves(child))


def _prepared(config: Config, above: tuple[NodeGuards, ...], hooks: ConfigHooks) -> Tree:
    """Return the tree below a node that has been merged with its parents."""
    guards = above
    if config.guards != _NO_GUARDS:
        guards = (*above, hooks.of_node(config.path, config.guards))
    strategy = config.strategy
    if strategy is None:
        return _leaf(config, guards)
    children = tuple(_prepared(_merged(target, config), guards, hooks) for target in config.targets)
    weights = tuple(target.weight for target in config.targets)
    index = {target.name: number for number, target in enumerate(config.targets)}
    return Branch(
        path=config.path,
        mode=strategy.mode,
        children=children,
        weights=weights,
        bounds=tuple(accumulate(weights)),
        on_status_codes=strategy.on_status_codes,
        sticky=strategy.sticky,
        rules=tuple((asked(condition.query), index[condition.then]) for condition in strategy.conditions),
        default=None if strategy.default is None else index[strategy.default],
        is_watched=any(_is_watched(child) for child in children),
        is_certain=_is_certain(strategy.mode, children),
    )


def _merged(config: Config, above: Config) -> Config:
    """Return a node with what it inherits."""
    own, host = config.credentials, above.credentials.custom_host
    return msgspec.structs.replace(
        config,
        credentials=msgspec.structs.replace(own, custom_host=own.custom_host or host),
        override_params={**above.override_params, **config.override_params},
        default_params={**above.default_params, **config.default_params},
        drop_params=above.drop_params + config.drop_params,
        retry=config.retry or above.retry,
        request_timeout_s=config.request_timeout_s or above.request_timeout_s,
        cache=config.cache or above.cache,
        breaker=config.breaker or above.breaker,
        strict=above.strict if config.strict is None else config.strict,
        forward_headers=above.forward_headers if config.forward_headers is None else config.forward_headers,
    )


def _leaf(config: Config, guards: tuple[NodeGuards, ...]) -> Leaf:
    override = dict(config.override_params)
    slug, model = None, override.pop("model", None)
    if model is not None:
        slug, model = split_model(model)
    return Leaf(
        path=config.path,
        provider=config.provider if slug is None else ProviderName(slug, is_slug=True),
        model=model,
        credentials=config.credentials,
        params=Params(override, config.default_params, ordered(config.drop_params)),
        guards=guards,
        retry=config.retry or _NO_RETRY,
        request_timeout_s=config.request_timeout_s,
        cache=config.cache,
        breaker=config.breaker,
        strict=config.strict,
        forward_headers=config.forward_headers or (),
    )


def _is_certain(mode: Mode, children: tuple[Tree, ...]) -> bool:
    # Where circuits open, a fallback begins with whichever target is well.
    is_settled = mode not in _DRAWN and not any(map(_is_watched, children))
    return is_settled and all(child.is_certain for child in children)


def _is_watched(tree: Tree) -> bool:
    return tree.breaker is not None if isinstance(tree, Leaf) else tree.is_watched

"""From a request to the targets it is tried at, one after another.

Which config holds is decided here: the one a caller sends or names, else the one of its key, else none, and
then the model's name says it all. What a plan then yields is turned into providers that are configured: a
caller chooses among these, never an address or a key of its own.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from app.domain.chat import ChatRequest
from app.domain.errors import InvalidRequest
from app.domain.exchange import Caller
from app.domain.ports import Provider
from app.routing.breaker import MemoryBreakers
from app.routing.conditions import Facts
from app.routing.config import Credentials
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known, split_model
from app.routing.health import Latencies, MemoryHealth
from app.routing.hooks import HookReader
from app.routing.planner import Step, steps
from app.routing.prepared import PreparedConfigs
from app.routing.resolve import Routes, Target
from app.routing.retry import RandomSource
from app.routing.tree import Leaf, Tree, leaves
from app.routing.way import CONFIG_HEADER, Hop, OneWay, PlannedWay, Route

_NO_CREDENTIALS = Credentials()


class Wish(msgspec.Struct, frozen=True):
    """What a caller says about routing, by header."""

    config: str | None = None
    """JSON, or the name of a saved config (`x-portkey-config`)."""
    provider: str | None = None
    """Name of a provider (`x-portkey-provider`, `x-portkey-virtual-key`)."""


NO_WISH = Wish()


class Router:
    """Finds the way of each request.

    Args:
        routes: providers by model and name.
        providers: all that are configured.
        saved: prepared configs by name.
        random: for weights and jitter.
        breakers: circuits of this process.
        latencies: of this process.
        guardrails: names of those that configs of callers may name; None: that is asked when they are
            selected.
    """

    def __init__(  # noqa: PLR0913 (what a way depends on)
        self,
        routes: Routes,
        providers: tuple[Provider, ...],
        saved: Mapping[str, Tree],
        random: RandomSource,
        breakers: MemoryBreakers,
        latencies: Latencies,
        guardrails: Collection[str] | None = None,
    ) -> None:
        self._routes = routes
        self._providers = {provider.slug: provider for provider in providers}
        self._kinds: dict[str, Provider | None] = {}
        for provider in providers:
            self._kinds[provider.kind] = None if provider.kind in self._kinds else provider
        self._saved = saved
        known = Known(frozenset(self._providers), frozenset(self._kinds))
        self._sent = PreparedConfigs(known, HookReader(named=guardrails))
        self._random = random
        self._breakers = breakers
        self._latencies = latencies

    def route(
        self, request: ChatRequest, caller: Caller, wish: Wish, metadata: Mapping[str, Any], path: str
    ) -> Route:
        """Return the way of a request.

        Args:
            request: as it came.
            caller: whose key may bind a config.
            wish: what the caller says by header.
            metadata: the caller's.
            path: of the request's URL.

        Raises:
            InvalidRequest: the config cannot be used; `param` is the header.
            UnknownModel: without a config, no provider serves the model.
        """
        tree, scope, is_callers = self._tree(caller, wish)
        if tree is None:
            return OneWay(Hop(target=self._named(wish, request.model)))
        facts = Facts(metadata=metadata, params=request.document, pathname=path)
        health = MemoryHealth(self._breakers, self._latencies, scope)

        def hop_of(step: Step) -> Hop:
            leaf = step.leaf
            return Hop(
                target=self._target(leaf, request.model),
                params=leaf.params,
                guards=leaf.guards,
                is_callers=is_callers,
                wait_s=step.wait_s,
                timeout_s=leaf.request_timeout_s,
                strict=leaf.strict,
                cache=leaf.cache,
                path=leaf.path,
                attempt=step.attempt,
            )

        return PlannedWay(steps(tree, facts, self._random, health), health, hop_of)

    def _tree(self, caller: Caller, wish: Wish) -> tuple[Tree | None, str, bool]:
        """Return the config that holds, whose circuits it has, and whether the caller wrote it."""
        if wish.config is None:
            bound = caller.config
            return (None, "", False) if bound is None else (self._saved[bound], f"saved\n{bound}", False)
        if caller.config is not None:
            raise _refused(f"Your gateway key is bound to the config {caller.config!r}; send no other.")
        if not wish.config.lstrip().startswith("{"):
            tree = self._saved.get(wish.config)
            if tree is None:
                known = ", ".join(self._saved) or "none are configured"
                raise _refused(f"No config is named {wish.config[:64]!r}; there are: {known}.")
            return tree, f"saved\n{wish.config}", False
        return self._sent_tree(wish.config), f"{caller.name}\n{wish.config}", True

    def _sent_tree(self, text: str) -> Tree:
        try:
            tree = self._sent.tree(text)
        except ConfigError as error:
            raise _refused(str(error)) from None
        for leaf in leaves(tree):
            if leaf.credentials != _NO_CREDENTIALS:
                raise _refused(
                    f"{leaf.path} brings a key or an address of its own, which is not allowed here: "
                    "name a configured provider."
                )
        return tree

    def _named(self, wish: Wish, model: str) -> Target:
        if wish.provider is None:
            return self._routes.resolve(model)
        return self._routes.resolve(f"@{self._provider(wish.provider).slug}/{split_model(model)[1]}")

    def _target(self, leaf: Leaf, model: str) -> Target:
        name = leaf.model or model
        if leaf.provider is None:
            return self._routes.resolve(name)
        return Target(self._provider(leaf.provider.name), split_model(name)[1])

    def _provider(self, name: str) -> Provider:
        """Return the provider of this name, else the only one of this kind."""
        name = name.removeprefix("@")
        provider = self._providers.get(name) or self._kinds.get(name)
        if provider is None:
            known = ", ".join(self._providers) or "none is configured"
            raise _refused(f"No provider is named {name[:64]!r}; there are: {known}.")
        return provider


def _refused(message: str) -> InvalidRequest:
    return InvalidRequest(message, param=CONFIG_HEADER, code="invalid_config")

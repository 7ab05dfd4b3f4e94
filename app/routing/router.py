"""From a request to the targets it is tried at, one after another.

Which config holds is decided here: the one a caller sends or names, else the one of its key, else none, and
then the model's name says it all. What a plan then yields is turned into providers by `Targets`.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from app.domain.exchange import Caller
from app.domain.model_request import ModelRequest
from app.domain.ports import Provider
from app.routing.breaker import Breakers
from app.routing.conditions import Facts
from app.routing.config_error import ConfigError
from app.routing.health import Latencies, MemoryHealth
from app.routing.hooks import HookReader
from app.routing.planner import Step, steps
from app.routing.prepared import Prepared, PreparedConfigs
from app.routing.retry import RandomSource
from app.routing.sent_guardrails import SentGuardrails
from app.routing.targets import Targets, refused
from app.routing.tree import Tree
from app.routing.way import Hop, OneWay, PlannedWay, Route
from app.routing.wish import Wish


class Router:
    """Finds the way of each request.

    Args:
        targets: finds providers.
        saved: prepared configs by name.
        random: for weights and jitter.
        breakers: circuits of this process, or of all replicas.
        latencies: of this process.
        guardrails: names of those that configs of callers may name; None: that is asked when they are
            selected.
        scrub: takes secrets and personal data out; an id of a caller's guardrail that it would change is
            refused.
    """

    def __init__(  # noqa: PLR0913 (what a way depends on)
        self,
        targets: Targets,
        saved: Mapping[str, Tree],
        random: RandomSource,
        breakers: Breakers,
        latencies: Latencies,
        guardrails: Collection[str] | None = None,
        scrub: Callable[[str], str] = str,
    ) -> None:
        self._targets = targets
        self._saved = saved
        hooks = HookReader(named=guardrails, scrub=scrub)
        self._sent = PreparedConfigs(targets.known, hooks, targets.require)
        self._guardrails = SentGuardrails(hooks)
        self._random = random
        self._breakers = breakers
        self._latencies = latencies

    def route(
        self, request: ModelRequest, caller: Caller, wish: Wish, metadata: Mapping[str, Any], path: str
    ) -> Route:
        """Return the way of a request.

        Args:
            request: as it came.
            caller: whose key may bind a config.
            wish: what the caller says by header.
            metadata: the caller's.
            path: of the request's URL.

        Raises:
            InvalidRequest: the config or a guardrail cannot be used; `param` is the header.
            UnknownModel: without a config, no provider serves the model.
        """
        sent = self._guardrails.of(wish)
        tree, scope, is_callers = self._tree(caller, wish)
        if tree is None:
            return OneWay(
                Hop(
                    target=self._targets.asked(wish, request.model),
                    guards=sent,
                    timeout_s=wish.timeout_s,
                    forward_headers=wish.forward_headers,
                )
            )
        facts = Facts(metadata=metadata, params=request.document, pathname=path)
        health = MemoryHealth(self._breakers, self._latencies, scope)

        def hop_of(step: Step) -> Hop:
            leaf = step.leaf
            target = self._targets.at(leaf, wish, request.model, is_callers=is_callers)
            return Hop(
                target=target,
                params=leaf.params,
                guards=sent + leaf.guards,
                is_callers=is_callers,
                wait_s=step.wait_s,
                timeout_s=wish.timeout_s or leaf.request_timeout_s,
                strict=leaf.strict,
                cache=None if target.is_brought else leaf.cache,
                forward_headers=leaf.forward_headers + wish.forward_headers,
                path=leaf.path,
                attempt=step.attempt,
            )

        return PlannedWay(
            steps(tree, facts, self._random, health), health, hop_of, is_certain=tree.is_certain
        )

    def only_provider(self, caller: Caller, wish: Wish) -> Provider:
        """Return the provider of a request that no config routes: the one that is named, or all there is.

        Raises:
            InvalidRequest: there is none, a config would have to choose, or guardrails to hear it.
        """
        self._guardrails.require_none(wish)
        if wish.config is not None or caller.config is not None:
            raise refused("Configs route nothing that is passed on: name a provider (x-portkey-provider).")
        return self._targets.only(wish)

    def _tree(self, caller: Caller, wish: Wish) -> tuple[Tree | None, str, bool]:
        """Return the config that holds, whose circuits it has, and whether the caller wrote it."""
        if wish.config is None:
            bound = caller.config
            return (None, "", False) if bound is None else (self._saved[bound], f"saved\n{bound}", False)
        if caller.config is not None:
            raise refused(f"Your gateway key is bound to the config {caller.config!r}; send no other.")
        tree = self._saved.get(wish.config)
        if tree is not None:
            return tree, f"saved\n{wish.config}", False
        if not wish.config.lstrip().startswith("{"):
            known = ", ".join(self._saved) or "none are configured"
            raise refused(f"No config is named {wish.config[:64]!r}; there are: {known}.")
        sent = self._sent_config(wish, wish.config)
        return sent.tree, f"{caller.name}\n{sent.name}", True

    def _sent_config(self, wish: Wish, text: str) -> Prepared:
        try:
            sent = self._sent.config(text)
        except ConfigError as error:
            raise refused(str(error)) from None
        for leaf in sent.bringing:
            self._targets.brought(leaf, wish, is_callers=True)
        return sent

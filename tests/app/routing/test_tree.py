"""What targets inherit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.config import Cache, Mode, ProviderName, Retry
from app.routing.config_reader import read_config
from app.routing.params import Params
from app.routing.tree import Branch, Leaf, leaves, prepare
from app.secret import Secret
from tests.routing_configs import CONDITIONAL, FULL

HOOK = {"id": "default.contains", "parameters": {"words": ["x"]}}


def _only(config: dict[str, Any]) -> Leaf:
    (leaf,) = leaves(prepare(read_config(config)))
    return leaf


def _chain(*nodes: dict[str, Any]) -> dict[str, Any]:
    """Return a config in which each node is the single target of the one before."""
    config = nodes[-1]
    for node in reversed(nodes[:-1]):
        config = {**node, "strategy": {"mode": "single"}, "targets": [config]}
    return config


def test_a_config_without_targets_is_its_own_target() -> None:
    leaf = prepare(read_config({"provider": "openai"}))
    assert isinstance(leaf, Leaf)
    assert leaf.path == "config"
    assert (leaf.retry, leaf.forward_headers, leaf.guards) == (Retry(0), (), ())


def test_a_whole_config_is_inherited_by_its_rules() -> None:
    claude, own, virtual = leaves(prepare(read_config(FULL)))
    assert claude.provider == ProviderName("claude", is_slug=True)
    assert claude.model == "claude-sonnet-4-5"
    assert claude.params == Params({"temperature": None})
    assert own.retry == Retry(0)
    assert own.params == Params({"temperature": None}, {"top_p": 1}, (("user",),))
    assert virtual.retry == Retry(5, frozenset(), use_retry_after=True)
    assert virtual.cache == Cache(mode="semantic", max_age_s=60.0, threshold=0.9, namespace="a")
    assert all(leaf.breaker is not None and leaf.breaker.failure_threshold == 3 for leaf in (claude, virtual))
    assert [[node.path for node in leaf.guards] for leaf in (claude, own)] == [["config"], ["config"]]


def test_rules_point_at_children_by_name() -> None:
    branch = prepare(read_config(CONDITIONAL))
    assert isinstance(branch, Branch)
    assert branch.mode is Mode.CONDITIONAL
    assert [index for _, index in branch.rules] == [0]
    assert branch.default == 1


def test_guardrails_add_up_from_the_root_and_know_their_nodes() -> None:
    leaf = _only(
        _chain(
            {"input_guardrails": ["a"]},
            {},
            {"after_request_hooks": [{"id": "b", "checks": [HOOK]}], "input_guardrails": ["c"]},
        )
    )
    assert [node.path for node in leaf.guards] == ["config", "config.targets[0].targets[0]"]
    assert [node.names for node in leaf.guards] == [("a",), ("c",)]
    assert [hook.id for hook in leaf.guards[1].hooks] == ["b"]


def test_keys_are_not_inherited_but_the_host_is() -> None:
    leaf = _only(_chain({"api_key": "k", "aws_region": "r", "custom_host": "http://h", "provider": "@a"}, {}))
    assert leaf.credentials.api_key is None
    assert leaf.credentials.cloud == {}
    assert leaf.credentials.custom_host == "http://h"
    assert leaf.provider is None
    assert _only(_chain({}, {"api_key": "k"})).credentials.api_key == Secret("k")


@pytest.mark.parametrize(
    ("nodes", "provider", "model"),
    [
        ([{"override_params": {"model": "@a/m/n"}}, {}], ProviderName("a", is_slug=True), "m/n"),
        (
            [{"override_params": {"model": "@a/m"}}, {"override_params": {"model": "x"}, "provider": "@b"}],
            ProviderName("b", is_slug=True),
            "x",
        ),
        (
            [{"override_params": {"model": "@a/m"}}, {"provider": "openai"}],
            ProviderName("a", is_slug=True),
            "m",
        ),
        ([{}, {"provider": "openai"}], ProviderName("openai", is_slug=False), None),
    ],
)
def test_a_model_with_a_slug_names_the_provider(
    nodes: list[dict[str, Any]], provider: ProviderName, model: str | None
) -> None:
    leaf = _only(_chain(*nodes))
    assert (leaf.provider, leaf.model) == (provider, model)
    assert "model" not in leaf.params.override


def test_a_flag_that_is_off_is_inherited_too() -> None:
    assert _only(_chain({"strict_open_ai_compliance": False}, {})).strict is False
    assert (
        _only(_chain({"strict_open_ai_compliance": False}, {"strict_open_ai_compliance": True})).strict
        is True
    )
    assert _only(_chain({}, {})).strict is None


VALUES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3) | st.none())
NODES = st.fixed_dictionaries(
    {},
    optional={
        "override_params": VALUES,
        "default_params": VALUES,
        "drop_params": st.lists(st.sampled_from("xyz"), max_size=2),
        "retry": st.fixed_dictionaries({"attempts": st.integers(0, 5)}),
        "cache": st.fixed_dictionaries({"mode": st.sampled_from(["simple", "semantic"])}),
        "request_timeout": st.integers(1, 9),
        "forward_headers": st.lists(st.sampled_from(["x-a", "x-b"]), max_size=2),
        "strict_open_ai_compliance": st.booleans(),
        "custom_host": st.sampled_from(["http://a", "http://b"]),
        "cb_config": st.fixed_dictionaries({"failure_threshold": st.integers(1, 9)}),
        "input_guardrails": st.lists(st.sampled_from(["g", "h"]), max_size=2),
    },
)


@given(st.lists(NODES, min_size=1, max_size=5))
def test_a_target_is_what_is_laid_over_one_another_from_the_root(nodes: list[dict[str, Any]]) -> None:
    leaf = _only(_chain(*nodes))

    def nearest(key: str, otherwise: Any) -> Any:
        return next((node[key] for node in reversed(nodes) if key in node), otherwise)

    def laid(key: str) -> dict[str, Any]:
        return {name: value for node in nodes for name, value in node.get(key, {}).items()}

    assert leaf.params.override == laid("override_params")
    assert leaf.params.default == laid("default_params")
    dropped = {(name,) for node in nodes for name in node.get("drop_params", ())}
    assert leaf.params.drop == tuple(sorted(dropped))
    assert leaf.retry.attempts == nearest("retry", {"attempts": 0})["attempts"]
    assert (leaf.cache.mode if leaf.cache else None) == nearest("cache", {"mode": None})["mode"]
    timeout_ms = nearest("request_timeout", None)
    assert leaf.request_timeout_s == (None if timeout_ms is None else timeout_ms / 1_000)
    assert leaf.forward_headers == tuple(nearest("forward_headers", ()))
    assert leaf.strict == nearest("strict_open_ai_compliance", None)
    assert leaf.credentials.custom_host == nearest("custom_host", None)
    threshold = nearest("cb_config", {"failure_threshold": None})["failure_threshold"]
    assert (leaf.breaker.failure_threshold if leaf.breaker else None) == threshold
    paths = [
        "config" + ".targets[0]" * depth for depth, node in enumerate(nodes) if node.get("input_guardrails")
    ]
    assert [node.path for node in leaf.guards] == paths


@pytest.mark.parametrize(
    ("strategy", "more", "is_certain"),
    [
        ({"mode": "single"}, {}, True),
        ({"mode": "fallback"}, {}, True),
        ({"mode": "loadbalance"}, {}, False),
        (
            {"mode": "fallback"},
            {"strategy": {"mode": "loadbalance"}, "targets": [{"provider": "openai"}]},
            False,
        ),
        ({"mode": "fallback", "cb_config": {"failure_threshold": 2}}, {}, False),
    ],
    ids=["single", "fallback", "drawn", "drawn below", "watched"],
)
def test_a_tree_is_certain_where_nothing_is_drawn_and_no_circuit_opens(
    strategy: dict[str, Any], more: dict[str, Any], is_certain: bool
) -> None:
    target = more or {"provider": "openai"}
    assert prepare(read_config({"strategy": strategy, "targets": [target]})).is_certain is is_certain
    assert prepare(read_config({"provider": "openai"})).is_certain

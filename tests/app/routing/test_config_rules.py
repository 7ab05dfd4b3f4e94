"""Mistakes in routing configs, each refused where it stands."""

import copy
from typing import Any

import pytest

from app.routing.config_error import ConfigError
from app.routing.config_reader import read_config
from tests.routing_configs import CONDITIONAL


def _with(path: str, value: Any, of: dict[str, Any] = CONDITIONAL) -> dict[str, Any]:
    """Return a copy with another value at `a.0.b`."""
    document: Any = copy.deepcopy(of)
    *way, last = path.split(".")
    place = document
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[last] = value
    return dict(document)


WRONG: list[tuple[Any, str, str]] = [
    (None, "config", "expected an object, got null"),
    ("pc-prod", "config", "expected an object, got a string"),
    ({"retries": {}}, "config.retries", "is no key; did you mean retry"),
    ({"wombat": 1}, "config.wombat", "is no key; none is like it"),
    ({"options": []}, "config.options", "targets"),
    ({"mode": "fallback"}, "config.mode", "strategy"),
    ({"retry": {"attempts": 1}, "Retry": 1}, "config.Retry", "is no key"),
    ({"api_key": "a", "apiKey": "a"}, "config.apiKey", "given twice"),
    ({"targets": []}, "config.targets", "is empty"),
    ({"targets": {}}, "config.targets", "expected an array"),
    ({"targets": [{}, {}]}, "config.targets", "need a strategy"),
    ({"passthrough": True, "provider": "@a"}, "config.provider", "contradicts passthrough"),
    ({"passthrough": True, "virtual_key": "a"}, "config.virtual_key", "contradicts passthrough"),
    ({"drop_params": ["tools[x]"]}, "config.drop_params[0]", "is no path"),
    ({"strategy": {"mode": "fallback"}}, "config.strategy", "needs targets"),
    ({"strategy": {}, "targets": [{}]}, "config.strategy", "needs a mode"),
    ({"strategy": {"mode": "random"}, "targets": [{}]}, "config.strategy.mode", "'random' is unknown"),
    ({"strategy": {"mode": 1}, "targets": [{}]}, "config.strategy.mode", "got a number"),
    ({"strategy": {"mode": "loadbalance"}, "targets": [{"weight": 0}]}, "config.targets", "weights are zero"),
    (
        {"strategy": {"mode": "loadbalance"}, "targets": [{}, {"weight": -1}]},
        "config.targets[1].weight",
        "of at least 0",
    ),
    ({"weight": True}, "config.weight", "got a boolean"),
    ({"weight": float("nan")}, "config.weight", "of at least 0"),
    ({"weight": 10**400}, "config.weight", "of at least 0"),
    ({"request_timeout": 0}, "config.request_timeout", "above 0"),
    ({"retry": {}}, "config.retry", "needs attempts"),
    ({"retry": {"attempts": 1.5}}, "config.retry.attempts", "whole"),
    ({"retry": {"attempts": -1}}, "config.retry.attempts", "at least 0"),
    ({"retry": {"attempts": 1, "on_status_codes": [429, "x"]}}, "config.retry.on_status_codes[1]", "429"),
    ({"retry": {"attempts": 1, "on_status_codes": [99]}}, "config.retry.on_status_codes[0]", "429"),
    (
        {"retry": {"attempts": 1, "use_retry_after_header": "yes"}},
        "config.retry.use_retry_after_header",
        "true",
    ),
    ({"cache": {}}, "config.cache", "needs a mode"),
    ({"cache": {"mode": "fast"}}, "config.cache.mode", "simple, semantic"),
    ({"cache": {"mode": "simple", "max_age": 0}}, "config.cache.max_age", "above 0"),
    ({"cb_config": {}}, "config.cb_config", "needs failure_threshold"),
    (
        {"cb_config": {"failure_threshold_percentage": 101}},
        "config.cb_config.failure_threshold_percentage",
        "100",
    ),
    ({"provider": ""}, "config.provider", "blank"),
    ({"provider": "@"}, "config.provider", "names no provider"),
    ({"provider": "@a", "virtual_key": "b"}, "config.virtual_key", "another provider"),
    ({"provider": "@a", "override_params": {"model": "@b/m"}}, "config.provider", "another provider"),
    ({"override_params": {"model": "@b/"}}, "config.override_params.model", "names no model"),
    ({"override_params": {"model": None}}, "config.override_params.model", "expected a string"),
    ({"override_params": []}, "config.override_params", "expected an object"),
    ({"drop_params": ["n", "messages"]}, "config.drop_params[1]", "cannot be dropped"),
    ({"input_guardrails": [1]}, "config.input_guardrails[0]", "expected an object"),
    ({"input_guardrails": ["a"] * 65}, "config.input_guardrails", "at most 64"),
    ({"before_request_hooks": ["a"]}, "config.before_request_hooks[0]", "expected an object"),
    ({"forward_headers": ["a b"]}, "config.forward_headers[0]", "no name"),
    ({"forward_headers": ["X-Portkey-Forward-Headers"]}, "config.forward_headers[0]", "itself"),
    ({"aws_region": [1]}, "config.aws_region", "expected a string"),
    ({"custom_host": "h" * 5_000}, "config.custom_host", "longer"),
    (_with("strategy.default", "best"), "config.strategy.default", "there are good, cheap"),
    (_with("strategy.conditions", []), "config.strategy.conditions", "at least one"),
    (_with("strategy.conditions.0.then", "best"), "config.strategy.conditions[0].then", "there are good"),
    (_with("strategy.conditions.0.then", None), "config.strategy.conditions[0]", "needs then"),
    (_with("strategy.conditions.0.query", None), "config.strategy.conditions[0]", "needs a query"),
    (_with("strategy.conditions.0.thn", 1), "config.strategy.conditions[0].thn", "did you mean then"),
    (
        _with("strategy.conditions.0.query", {"metadata.a": {"$eqq": 1}}),
        "config.strategy.conditions[0].query.metadata.a.$eqq",
        "did you mean",
    ),
    (_with("targets.1.name", "good"), "config.targets[1].name", "another target"),
    (
        {"strategy": {"mode": "loadbalance", "sticky_session": {}}, "targets": [{}]},
        "config.strategy.sticky_session",
        "names nothing",
    ),
    (
        {"strategy": {"mode": "loadbalance", "sticky_session": {"hash_fields": ["user"]}}, "targets": [{}]},
        "config.strategy.sticky_session.hash_fields[0]",
        "names no place",
    ),
    ({5: 1}, "config.5", "a key is a string"),
]


@pytest.mark.parametrize(("document", "path", "message"), WRONG)
def test_a_mistake_is_refused_where_it_stands(document: Any, path: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(document)
    assert caught.value.path == path

"""Routing configs: what is read, what is refused, and that every refusal says where."""

import copy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.routing.conditions import Operand
from app.routing.config import Breaker, Cache, Config, Mode, ProviderName, Retry, Sticky
from app.routing.config_error import ConfigError, item, member
from app.routing.config_fields import MAX_ITEMS
from app.routing.config_reader import MAX_DEPTH, MAX_NODES, Known, read_config, split_model
from app.secret import Secret
from tests.routing_configs import CONDITIONAL, FULL


def test_everything_that_a_node_can_say_is_read() -> None:
    config = read_config(FULL)
    assert config.strategy is not None
    assert config.strategy.mode is Mode.FALLBACK
    assert config.strategy.on_status_codes == frozenset({429, 500})
    assert config.breaker == Breaker(failure_threshold=3, cooldown_s=30.0)
    assert config.retry == Retry(5, frozenset(), use_retry_after=True)
    assert config.cache == Cache(mode="semantic", max_age_s=60.0, threshold=0.9, namespace="a")
    assert config.override_params == {"temperature": None}
    assert config.guards.input_guardrails == tuple(FULL["input_guardrails"])
    claude, own, virtual = config.targets
    assert [target.path for target in config.targets] == [f"config.targets[{index}]" for index in range(3)]
    assert (claude.provider, claude.weight) == (ProviderName("claude", is_slug=True), 0.5)
    assert own.provider == ProviderName("openai", is_slug=False)
    assert own.credentials.api_key == Secret("sk-1")
    assert own.credentials.custom_host == "http://h/v1"
    assert own.credentials.cloud == {
        "aws_region": Secret("us-east-1"),
        "vertex_service_account_json": Secret('{"type": "service_account"}'),
    }
    assert own.forward_headers == ("x-team",)
    assert (own.request_timeout_s, own.strict, own.name) == (1.5, False, "own")
    assert (own.default_params, own.drop_params) == ({"top_p": 1}, (("user",),))
    assert virtual.provider == ProviderName("openai-prod", is_slug=True)
    assert virtual.cache is None


def test_keys_may_be_written_in_camel_case_as_portkey_reads_them() -> None:
    config = read_config(
        {"strategy": {"mode": "fallback", "onStatusCodes": [429]}, "targets": [{"requestTimeout": 10}]}
    )
    assert config.strategy is not None
    assert config.strategy.on_status_codes == frozenset({429})
    assert config.targets[0].request_timeout_s == 0.01


@pytest.mark.parametrize("key", ["use_retry_after_header", "use_retry_after_headers", "useRetryAfterHeader"])
def test_both_spellings_of_the_retry_after_flag_are_read(key: str) -> None:
    assert read_config({"retry": {"attempts": 1, key: True}}).retry == Retry(1, use_retry_after=True)


def test_a_breaker_of_the_node_goes_before_that_of_its_strategy() -> None:
    strategy = {"mode": "single", "cb_config": {"failure_threshold": 1}}
    own = {
        "failure_threshold_percentage": 20,
        "minimum_requests": 4,
        "cooldown_interval": 60_000,
        "failure_status_codes": [401],
    }
    assert read_config({"strategy": strategy, "cb_config": own, "targets": [{}]}).breaker == Breaker(
        failure_percentage=20.0,
        minimum_requests=4,
        cooldown_s=60.0,
        failure_status_codes=frozenset({401}),
    )


def test_a_load_balance_may_be_sticky() -> None:
    fields = ["metadata.user_id", "params.user"]
    sticky = Sticky((Operand("metadata", "user_id"), Operand("params", "user")), 60.0)
    cases: list[tuple[dict[str, Any], Sticky | None]] = [
        ({"sticky": {"enabled": True, "hash_fields": fields, "ttl": 60}}, sticky),
        ({"sticky_session": {"hash_fields": fields, "ttl": 60}}, sticky),
        ({"sticky": {"enabled": False, "hash_fields": fields}}, None),
        ({"sticky": {"hash_fields": fields}}, None),
        ({"sticky_session": {"enabled": False}}, None),
    ]
    for keys, meant in cases:
        strategy: dict[str, Any] = {"mode": "loadbalance", **keys}
        config = read_config({"strategy": strategy, "targets": [{}]})
        assert config.strategy is not None
        assert config.strategy.sticky == meant


def test_a_single_strategy_without_targets_is_the_target_itself() -> None:
    config = read_config({"strategy": {"mode": "single"}, "provider": "openai"})
    assert config.strategy is None
    assert config.provider == ProviderName("openai", is_slug=False)


def test_a_target_alone_needs_no_strategy() -> None:
    config = read_config({"targets": [{"provider": "@openai"}]})
    assert config.strategy is not None
    assert config.strategy.mode is Mode.SINGLE


def test_a_passthrough_target_leaves_the_provider_to_the_request() -> None:
    assert read_config({"passthrough": True}).provider is None
    assert read_config({"passthrough": False, "provider": "@a"}).provider is not None


def test_a_model_with_a_slug_is_split_at_the_first_slash() -> None:
    assert split_model("@house/meta-llama/Llama") == ("house", "meta-llama/Llama")
    assert split_model("meta-llama/Llama") == (None, "meta-llama/Llama")


def test_a_secret_does_not_show() -> None:
    config = read_config({"provider": "openai", "api_key": "sk-1", "aws_secret_access_key": "topmost"})
    assert "sk-1" not in repr(config)
    assert "topmost" not in repr(config)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"provider": "@claud"}, "config.provider"),
        ({"provider": "claud"}, "config.provider"),
        ({"virtual_key": "anthropic"}, "config.virtual_key"),
        ({"override_params": {"model": "@claud/m"}}, "config.override_params.model"),
    ],
)
def test_a_provider_that_there_is_not_is_refused(document: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError, match=r"no provider is named .* there are claude") as caught:
        read_config(document, known=Known(["claude"], ["anthropic"]))
    assert caught.value.path == path


def test_a_provider_may_be_named_by_its_kind_where_a_caller_brings_a_key() -> None:
    known = Known(["claude"], ["anthropic"])
    for name in ("claude", "anthropic", "@claude"):
        assert read_config({"provider": name, "api_key": "k"}, known=known).provider is not None


def test_a_model_that_targets_inherit_contradicts_another_provider_of_theirs() -> None:
    document = {
        "strategy": {"mode": "single"},
        "override_params": {"model": "@a/m"},
        "targets": [{"virtual_key": "b"}],
    }
    with pytest.raises(ConfigError, match="another provider") as caught:
        read_config(document)
    assert caught.value.path == "config.targets[0].virtual_key"


def _nested(levels: int) -> dict[str, Any]:
    config: dict[str, Any] = {"provider": "openai"}
    for _ in range(levels - 1):
        config = {"strategy": {"mode": "single"}, "targets": [config]}
    return config


def test_targets_nest_so_deep_and_no_deeper() -> None:
    read_config(_nested(MAX_DEPTH))
    with pytest.raises(ConfigError, match=r"\.targets: nests deeper than 8"):
        read_config(_nested(MAX_DEPTH + 1))


def test_there_are_so_many_targets_and_no_more() -> None:
    ten = {"strategy": {"mode": "fallback"}, "targets": [{}] * 24}
    read_config({"strategy": {"mode": "fallback"}, "targets": [{}] * (MAX_NODES - 1)})
    with pytest.raises(ConfigError, match="at most 256"):
        read_config({"strategy": {"mode": "fallback"}, "targets": [ten] * 24})
    with pytest.raises(ConfigError, match=f"at most {MAX_ITEMS}"):
        read_config({"drop_params": ["n"] * (MAX_ITEMS + 1)})


def test_what_is_kept_as_it_came_nests_so_deep_and_no_deeper() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ConfigError, match="deeper than 32") as caught:
        read_config({"override_params": {"a": value}})
    assert caught.value.path == "config.override_params"


def test_a_long_key_is_cut_in_the_error() -> None:
    with pytest.raises(ConfigError) as caught:
        read_config({"k" * 1_000_000: 1})
    assert len(str(caught.value)) < 200


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-1, 600)
    | st.floats()
    | st.sampled_from(
        ["", "@a/m", "openai", "fallback", "single", "loadbalance", "conditional", "simple", "\ud800", "one"]
    )
)
NAMES = st.sampled_from(
    "strategy mode targets provider virtual_key api_key weight override_params model retry attempts cache "
    "name on_status_codes conditions query then default input_guardrails cb_config failure_threshold "
    "$or metadata.a aws_region drop_params forward_headers request_timeout requestTimeout hash_fields".split()
) | st.text(max_size=3)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300)
@given(JSON)
@example({"weight": float("inf")})
def test_any_json_is_a_config_or_an_error_with_a_path_that_is_there(document: Any) -> None:
    _check(document)


@settings(max_examples=300)
@given(st.data())
def test_a_good_config_with_anything_put_into_it_is_read_or_refused_with_a_path(data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from([FULL, CONDITIONAL])))
    place = data.draw(st.sampled_from(list(_containers(document))))
    key = data.draw(NAMES) if isinstance(place, dict) else data.draw(st.integers(0, len(place) - 1))
    place[key] = data.draw(JSON)
    _check(document)


def _check(document: Any) -> None:
    before = copy.deepcopy(document)
    try:
        config = read_config(document)
    except ConfigError as error:
        assert error.path in set(_paths(document, "config"))  # noqa: PT017 (both ends are fine)
    else:
        assert isinstance(config, Config)
    assert repr(document) == repr(before)


def _containers(value: Any) -> Any:
    if isinstance(value, dict | list) and value:
        yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


def _paths(value: Any, path: str) -> Any:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, member(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, item(path, index))

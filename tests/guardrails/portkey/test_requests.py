"""What a request is, as Portkey judges it."""

from typing import Any

import pytest

from guardrails.check import Remark
from guardrails.config import ConfigError
from guardrails.conversation import Conversation
from guardrails.portkey.requests import (
    allowed_request_types,
    model_rules,
    model_whitelist,
    required_metadata_keys,
)
from tests.guardrails.portkey.subjects import answered, asked, verdict


def of(model: str = "gpt-4o", **metadata: str) -> Any:
    return asked("text", conversation=Conversation(model, metadata=metadata))


@pytest.mark.parametrize(
    ("model", "listed"),
    [("gpt-4o", True), ("@openai/gpt-4o", True), ("gpt-4o-mini", False), ("@x/y/gpt-4o", False), ("", False)],
)
def test_a_model_is_listed_with_or_without_its_provider(model: str, listed: bool) -> None:
    assert verdict(model_whitelist({"models": ["gpt-4o"]}, "p"), of(model)) is listed
    assert verdict(model_whitelist({"models": ["gpt-4o"], "not": True}, "p"), of(model)) is not listed


def test_a_model_may_be_listed_with_its_provider_alone() -> None:
    only = model_whitelist({"models": ["@openai/gpt-4o"]}, "p")
    assert verdict(only, of("@openai/gpt-4o"))
    assert not verdict(only, of("@azure/gpt-4o"))
    assert only.examine(of("o1")) == [Remark("modelWhitelist", "model")]


RULES = {"defaults": ["small"], "metadata": {"tier": {"gold": ["large"], "none": []}, "team": {"a": ["b"]}}}


@pytest.mark.parametrize(
    ("model", "metadata", "holds"),
    [
        ("small", {}, True),
        ("large", {}, False),
        ("large", {"tier": "gold"}, True),
        ("small", {"tier": "gold"}, False),
        ("small", {"tier": "none"}, True),
        ("b", {"tier": "gold", "team": "a"}, True),
    ],
)
def test_metadata_says_which_models_there_are(model: str, metadata: dict[str, str], holds: bool) -> None:
    assert verdict(model_rules({"rules": RULES}, "p"), of(model, **metadata)) is holds
    assert verdict(model_rules({"rules": RULES, "not": True}, "p"), of(model, **metadata)) is not holds


def test_without_any_rule_that_applies_no_model_is_allowed() -> None:
    for inverted in (False, True):
        assert not verdict(model_rules({"rules": {}, "not": inverted}, "p"), of())


@pytest.mark.parametrize(
    ("config", "metadata", "holds"),
    [
        ({}, {}, True),
        ({"allowedTypes": ["chatComplete"]}, {}, True),
        ({"allowedTypes": "embed, complete"}, {}, False),
        ({"blockedTypes": ["chatComplete"]}, {}, False),
        ({"allowedTypes": ["chatComplete"], "blockedTypes": ["embed"]}, {}, True),
        ({}, {"supported_endpoints": "embed"}, False),
        ({}, {"blocked_endpoints": "embed, chatComplete"}, False),
        ({}, {"supported_endpoints": "chatComplete", "blocked_endpoints": "chatComplete"}, False),
        ({"allowedTypes": ["chatComplete"]}, {"blocked_endpoints": "chatComplete"}, True),
    ],
)
def test_types_of_requests_are_allowed(
    config: dict[str, object], metadata: dict[str, str], holds: bool
) -> None:
    assert verdict(allowed_request_types(config, "p"), of(**metadata)) is holds


@pytest.mark.parametrize(
    ("operator", "metadata", "holds"),
    [
        ("all", {"a": "", "b": "1"}, True),
        ("all", {"a": "1"}, False),
        ("any", {"b": "1"}, True),
        ("any", {}, False),
        ("none", {}, True),
        ("none", {"a": "1"}, False),
    ],
)
def test_metadata_has_keys(operator: str, metadata: dict[str, str], holds: bool) -> None:
    check = required_metadata_keys({"metadataKeys": ["a", "b"], "operator": operator}, "p")
    assert verdict(check, of(**metadata)) is holds


def test_answers_are_not_their_affair() -> None:
    assert verdict(model_whitelist({"models": ["gpt-4o"]}, "p"), answered("text"))


@pytest.mark.parametrize(
    ("build", "config", "path"),
    [
        (model_whitelist, {"models": []}, "p.models"),
        (model_rules, {}, "p"),
        (allowed_request_types, {"allowedTypes": "a", "blockedTypes": ["a"]}, "p.blockedTypes"),
        (required_metadata_keys, {"metadataKeys": []}, "p.metadataKeys"),
        (required_metadata_keys, {"metadataKeys": ["a"], "operator": "some"}, "p.operator"),
    ],
)
def test_a_mistake_is_named_when_it_is_loaded(build: Any, config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as raised:
        build(config, "p")
    assert raised.value.path == path

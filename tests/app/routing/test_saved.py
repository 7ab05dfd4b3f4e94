from typing import Any

import pytest

from app.routing.config_error import ConfigError
from app.routing.config_reader import Known
from app.routing.hooks import HookReader
from app.routing.saved import saved_configs
from app.routing.tree import Leaf, leaves

KNOWN = Known({"a", "b"}, {"openai"})


def saved(**config: Any) -> None:
    saved_configs({"prod": config}, KNOWN, HookReader(named=("privacy",)))


def test_every_config_becomes_a_tree_under_its_name() -> None:
    configs: dict[str, Any] = {"one": {"provider": "@a"}, "two": {"provider": "@b", "retry": {"attempts": 2}}}
    trees = saved_configs(configs, KNOWN, HookReader(named=()))
    assert isinstance(trees["one"], Leaf)
    assert leaves(trees["two"])[0].retry.attempts == 2


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"provider": "@nobody"}, "configs.prod"),
        ({"strategy": {"mode": "fallback"}, "targets": []}, "configs.prod"),
        ({"provider": "@a", "input_guardrails": ["nobody"]}, "configs.prod.input_guardrails"),
        (
            {"provider": "@a", "output_guardrails": [{"default.regexMatch": {}}]},
            "configs.prod.output_guardrails",
        ),
        ({"provider": "openai", "aws_region": "us-east-1"}, "configs.prod.aws_region"),
        ({"api_key": "sk-hunter2"}, "configs.prod"),
        ({"custom_host": "http://a.example"}, "configs.prod"),
        (
            {"strategy": {"mode": "single"}, "targets": [{"provider": "@a", "input_guardrails": ["x"]}]},
            "configs.prod.targets[0].input_guardrails",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_its_path(config: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        saved(**config)
    assert caught.value.path.startswith(path)


def test_guardrails_that_are_configured_may_be_named() -> None:
    saved(provider="@a", input_guardrails=["privacy"], output_guardrails=["privacy"])

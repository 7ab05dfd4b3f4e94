"""Configs as text, read once."""

import pytest

from app.routing import prepared
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known
from app.routing.prepared import PreparedConfigs
from app.routing.tree import Leaf


def test_the_same_text_is_the_same_config() -> None:
    configs = PreparedConfigs()
    config = configs.config('{"provider": "openai"}')
    assert isinstance(config.tree, Leaf)
    assert configs.config('{"provider": "openai"}') is config
    assert PreparedConfigs().config('{"provider": "openai"}').name == config.name
    assert configs.config('{"provider":  "openai"}').name != config.name


def test_targets_that_bring_nothing_are_looked_for_once_and_the_others_each_time() -> None:
    looked_for: list[Leaf] = []
    configs = PreparedConfigs(require=looked_for.append)
    text = '{"strategy": {"mode": "fallback"}, "targets": [{"provider": "a"}, {"api_key": "k"}]}'
    for _ in range(2):
        (bringing,) = configs.config(text).bringing
        assert bringing.path == "config.targets[1]"
    assert [leaf.path for leaf in looked_for] == ["config.targets[0]"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "pc-prod", '{"weight": NaN}', '{"weight": 1, "weight": 2}', "[" * 100_000, "\ud800"],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PreparedConfigs().config(text)
    assert caught.value.path == "config"
    assert str(caught.value).startswith("config: The text ")


def test_providers_that_there_are_not_are_refused() -> None:
    with pytest.raises(ConfigError, match="no provider is named"):
        PreparedConfigs(Known(["claude"])).config('{"provider": "@openai"}')


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MAX_KEPT", 2)
    configs = PreparedConfigs()
    kept = [configs.config(f'{{"weight": {number}}}') for number in range(3)]
    assert configs.config('{"weight": 2}') is kept[2]
    assert configs.config('{"weight": 0}') is not kept[0]

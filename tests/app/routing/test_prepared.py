"""Configs as text, read once."""

import pytest

from app.routing import prepared
from app.routing.config_error import ConfigError
from app.routing.config_reader import Known
from app.routing.prepared import PreparedConfigs
from app.routing.tree import Leaf


def test_the_same_text_is_the_same_tree() -> None:
    configs = PreparedConfigs()
    tree = configs.tree('{"provider": "openai"}')
    assert isinstance(tree, Leaf)
    assert configs.tree('{"provider": "openai"}') is tree


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "pc-prod", '{"weight": NaN}', '{"weight": 1, "weight": 2}', "[" * 100_000, "\ud800"],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PreparedConfigs().tree(text)
    assert caught.value.path == "config"


def test_providers_that_there_are_not_are_refused() -> None:
    with pytest.raises(ConfigError, match="no provider is named"):
        PreparedConfigs(Known(["claude"])).tree('{"provider": "@openai"}')


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MAX_KEPT", 2)
    configs = PreparedConfigs()
    trees = [configs.tree(f'{{"weight": {number}}}') for number in range(3)]
    assert configs.tree('{"weight": 2}') is trees[2]
    assert configs.tree('{"weight": 0}') is not trees[0]

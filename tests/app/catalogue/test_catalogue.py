"""Rows of the package, with a user's own on top."""

from typing import Any

import pytest

from app.catalogue.catalogue import Catalogue
from app.catalogue.problem import CatalogueError


def test_the_packaged_catalogue_knows_openai() -> None:
    row = Catalogue.load().row("openai")
    assert row is not None
    assert (row.kind, row.format, row.base_url) == ("openai", "openai", "https://api.openai.com/v1")


PORTKEYS = """
    openai azure-openai azure-ai anthropic google vertex-ai bedrock mistral-ai groq ollama cohere
    together-ai openrouter deepseek x-ai perplexity-ai fireworks-ai anyscale deepinfra huggingface
    github cerebras sambanova nebius hyperbolic lambda lepton kluster-ai nscale ncompass novita-ai
    siliconflow featherless-ai inference-net predibase workers-ai cortex dashscope moonshot zhipu
    z-ai lingyi krutrim upstage reka-ai ai21 triton monsterapi deepbricks lemonfox-ai 302ai cometapi
    matterai nextbit modal iointelligence aibadgr ovhcloud portkey
"""
"""Provider ids of Portkey's gateway 1.15 whose API is for chats.

Not here: those for images, vectors or vector stores alone, palm, which is no more, and sagemaker, replicate,
oracle and bytez, whose APIs are their own.
"""


@pytest.mark.parametrize("name", PORTKEYS.split())
def test_a_provider_goes_by_portkeys_name_for_it(name: str) -> None:
    assert Catalogue.load().row(name) is not None


def test_nobody_knows_an_unknown_kind() -> None:
    assert Catalogue.load().row("nobody") is None


def test_a_users_row_overrides_fields_and_keeps_the_rest() -> None:
    row = Catalogue.load({"openai": {"dialect": {"drop": ["n"]}}}).row("openai")
    assert row is not None
    assert row.dialect.drop == ("n",)
    assert row.base_url == "https://api.openai.com/v1"


def test_a_new_row_is_like_another_but_for_its_names_and_keys() -> None:
    own = {"house": {"like": "openai", "base_url": "https://llm.house/v1"}}
    row = Catalogue.load(own).row("house")
    assert row is not None
    assert (row.kind, row.base_url) == ("house", "https://llm.house/v1")
    assert (row.key_env, row.aliases, row.telemetry_name) == ((), (), None)


def test_a_new_row_may_be_like_another_new_one() -> None:
    own = {
        "house": {"base_url": "https://{region}.house/{region}/v1", "dialect": {"rename": {"seed": "s"}}},
        "hut": {"like": "house", "dialect": {"rename": {"user": "u"}}},
    }
    row = Catalogue.load(own).row("hut")
    assert row is not None
    assert row.dialect.rename == {"seed": "s", "user": "u"}
    assert row.placeholders == ("region",)


def test_a_pattern_says_what_a_model_can_do() -> None:
    catalogue = Catalogue.load(models={"mine-*": {"refused": ["temperature"], "kinds": ["openai"]}})
    assert catalogue.abilities("openai", "mine-1").refused == ("temperature",)
    assert catalogue.abilities("house", "mine-1").refused == ()


@pytest.mark.parametrize(
    ("own", "path"),
    [
        ({"dialekt": {}}, "catalogue.house.dialekt"),
        ({"dialect": {"dropp": []}}, "catalogue.house.dialect.dropp"),
        ({"dialect": {"drop": [1]}}, "catalogue.house.dialect.drop[0]"),
        ({"like": "nobody"}, "catalogue.house.like"),
        ({"like": 7}, "catalogue.house.like"),
        ({"images": "some"}, "catalogue.house.images"),
        (7, "catalogue.house"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(own: Any, path: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load({"house": own})
    assert caught.value.path == path


def test_what_is_missing_adds_up_along_likeness() -> None:
    kin = Catalogue.load(
        {"old": {"dialect": {"drop": ["a", "b"]}}, "new": {"like": "old", "dialect": {"drop": ["b", "c"]}}}
    )
    row = kin.row("new")
    assert row is not None
    assert row.dialect.drop == ("a", "b", "c")

from typing import Any

import pytest

from app.catalogue.catalogue import Catalogue
from app.configuration.surroundings import keyless, placed, providers_from
from app.secret import Secret
from app.settings import ProviderSettings, Settings

CATALOGUE = Catalogue.load(
    {
        "one": {
            "base_url": "https://one.example.org",
            "key_env": ["ONE_TOKEN", "ONE_API_KEY", "UNO_API_KEY"],
        },
        "wide": {"base_url": "https://{region}.example.org", "key_env": ["WIDE_API_KEY"]},
        "amazon": {"base_url": "https://{region}.example.org", "credentials": "aws"},
    }
)


def test_every_key_in_the_environment_makes_a_provider_of_its_kind() -> None:
    assert providers_from({"ONE_API_KEY": "1", "OPENAI_API_KEY": "2", "OTHER_API_KEY": "3"}, CATALOGUE) == {
        "openai": ProviderSettings(kind="openai", api_key=Secret("2")),
        "one": ProviderSettings(kind="one", api_key=Secret("1")),
    }


def test_one_key_makes_one_provider() -> None:
    everything = Catalogue.load()
    for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "COHERE_API_KEY", "MISTRAL_API_KEY", "GROQ_API_KEY"):
        assert len(providers_from({name: "k"}, everything)) == 1


def test_a_second_name_of_a_key_counts_where_the_first_is_empty() -> None:
    found = providers_from({"ONE_API_KEY": "", "UNO_API_KEY": "u"}, CATALOGUE)
    assert found == {"one": ProviderSettings(kind="one", api_key=Secret("u"))}


def test_a_token_that_may_be_for_something_else_makes_none() -> None:
    assert providers_from({"ONE_TOKEN": "1"}, CATALOGUE) == {}


def test_a_provider_whose_address_is_not_known_is_not_made() -> None:
    assert providers_from({"WIDE_API_KEY": "1"}, CATALOGUE) == {}


def test_openais_base_url_makes_a_provider_with_or_without_a_key() -> None:
    url = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    assert providers_from(url, CATALOGUE) == {
        "openai": ProviderSettings(kind="openai", base_url="http://127.0.0.1:1/v1")
    }
    both = providers_from({**url, "OPENAI_API_KEY": "k", "ONE_API_KEY": "1"}, CATALOGUE)
    assert list(both) == ["openai", "one"]
    assert both["openai"].api_key == Secret("k")


def test_the_region_is_that_of_the_environment_where_none_is_configured() -> None:
    environ = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}
    amazon = ProviderSettings(kind="amazon")
    assert placed(amazon, environ, CATALOGUE).region == "eu-west-1"
    assert placed(amazon, {"AWS_DEFAULT_REGION": "us-east-1"}, CATALOGUE).region == "us-east-1"
    assert placed(amazon, {}, CATALOGUE).region is None
    own = ProviderSettings(kind="amazon", region="sa-east-1")
    assert placed(own, environ, CATALOGUE) == own
    assert placed(ProviderSettings(kind="one"), environ, CATALOGUE).region is None


def test_a_key_is_that_of_the_environment_where_none_is_configured() -> None:
    environ = {"UNO_API_KEY": "u"}
    assert placed(ProviderSettings(kind="one"), environ, CATALOGUE).api_key == Secret("u")
    own = ProviderSettings(kind="one", api_key=Secret("mine"))
    assert placed(own, environ, CATALOGUE) == own


@pytest.mark.parametrize(
    "fields", [{"base_url": "http://elsewhere"}, {"headers": {"authorization": Secret("x")}}]
)
def test_a_key_of_the_environment_goes_nowhere_else(fields: dict[str, Any]) -> None:
    provider = ProviderSettings(kind="one", **fields)
    assert placed(provider, {"ONE_API_KEY": "1"}, CATALOGUE) == provider


def test_a_forgotten_key_is_noted() -> None:
    settings = Settings(
        providers={
            "a": ProviderSettings(kind="one"),
            "b": ProviderSettings(kind="one", api_key=Secret("k")),
            "c": ProviderSettings(kind="one", base_url="http://127.0.0.1"),
        }
    )
    (note,) = keyless(settings, CATALOGUE)
    assert note.startswith("the provider a has no api_key, and ONE_TOKEN or ONE_API_KEY")

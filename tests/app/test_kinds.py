import pytest
import yaml

from app.catalogue.catalogue import Catalogue
from app.configuration.provider_rules import provider_problems
from app.kinds import describe_kind, list_kinds
from app.secret import Secret
from app.settings import ProviderSettings

CATALOGUE = Catalogue.load()


def test_every_kind_is_listed_with_its_address() -> None:
    lines = list(list_kinds(CATALOGUE))
    assert len(lines) == len(CATALOGUE.kinds())
    assert any(
        line.startswith("anthropic ") and line.endswith("https://api.anthropic.com/v1") for line in lines
    )


@pytest.mark.parametrize("kind", CATALOGUE.kinds())
def test_the_example_of_each_kind_is_a_provider(kind: str) -> None:
    lines = list(describe_kind(kind, CATALOGUE))
    fields = yaml.safe_load("\n".join(lines[lines.index("providers:") :]))["providers"]["mine"]
    fields = {name: "http://127.0.0.1" if name == "base_url" else value for name, value in fields.items()}
    fields = {name: "place" if value == "..." else value for name, value in fields.items()}
    if "api_key" in fields:
        fields["api_key"] = Secret("k")
    settings = ProviderSettings(**fields)
    assert list(provider_problems("p", settings, CATALOGUE)) == []


def test_a_kind_says_what_it_needs() -> None:
    said = "\n".join(describe_kind("azure", CATALOGUE))
    assert "also called  azure" in said
    assert "api_key, or entra" in said
    assert "resource" in said


def test_what_is_no_kind_says_nothing() -> None:
    assert list(describe_kind("magic", CATALOGUE)) == []

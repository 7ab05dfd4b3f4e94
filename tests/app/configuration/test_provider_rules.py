from typing import Any

import pytest

from app.catalogue.catalogue import Catalogue
from app.configuration.provider_rules import provider_problems
from app.secret import Secret
from app.settings import AwsSettings, EntraSettings, GoogleSettings, ProviderSettings

CATALOGUE = Catalogue.load(
    {
        "house": {"base_url": "http://127.0.0.1:1/v1"},
        "nowhere": {},
        "wide": {"base_url": "https://{region}.example.org/v1"},
        "amazon": {"base_url": "https://{region}.example.org", "credentials": "aws", "format": "bedrock"},
        "google-cloud": {"credentials": "google", "format": "gemini"},
        "microsoft": {
            "base_url": "https://{resource}.example.org",
            "credentials": "azure",
            "format": "azure",
        },
    }
)


def provider(kind: str = "house", **fields: Any) -> ProviderSettings:
    return ProviderSettings(kind=kind, **fields)


def broken(settings: ProviderSettings) -> dict[str, str]:
    """Return the rules that are broken, by path."""
    return {problem.path: problem.message for problem in provider_problems("p", settings, CATALOGUE)}


@pytest.mark.parametrize(
    "url", ["https://api.example.org/v1", "http://127.0.0.1:8080", "http://[::1]:1/v1?api-version=2"]
)
def test_a_base_url_is_an_http_url(url: str) -> None:
    assert broken(provider(base_url=url)) == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.org/v1",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
        "http:///v1",
        "https://user:hunter2@example.org/v1",
        "https://example.org/v1#part",
        "https://example.org:99999/v1",
        "https://example.org:port/v1",
        "https://example.org/v 1",
        "https://exämple.org/v1",
        "https://example.org/v1\n",
    ],
)
def test_any_other_base_url_is_refused_and_not_repeated(url: str) -> None:
    said = broken(provider(base_url=url))
    assert set(said) == {"p.base_url"}
    assert "hunter2" not in str(said)


@pytest.mark.parametrize("value", ["", " sk", "sk\n", "sk\r\nx: y", "schlüssel", "sk\x00"])
def test_a_key_or_header_that_http_cannot_carry_is_refused_and_not_repeated(value: str) -> None:
    said = broken(provider(api_key=Secret(value), headers={"x-a": Secret(value)}))
    assert set(said) == {"p.api_key", "p.headers.x-a"}
    assert not value or value not in str(said)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "a\n", "Host", "Content-Length"])
def test_a_header_that_is_none_or_is_ours_is_refused(name: str) -> None:
    assert len(broken(provider(headers={name: Secret("x")}))) == 1


def test_headers_may_hold_what_headers_hold() -> None:
    assert broken(provider(headers={"OpenAI-Organization": Secret('org 1; a="b"')})) == {}


def test_a_kind_nobody_knows_is_answered_with_the_nearest() -> None:
    assert broken(provider("hause")) == {"p.kind": "is no kind of provider; did you mean house?"}
    assert "there are" in broken(provider("qqqqqqqq"))["p.kind"]


@pytest.mark.parametrize(
    "settings",
    [
        provider("amazon", region="us-east-1", aws=AwsSettings(profile="x")),
        provider("wide", region="eu"),
        provider("wide", base_url="http://127.0.0.1/v1"),
        provider("google-cloud", project="p", google=GoogleSettings()),
        provider("google-cloud", location="eu"),
        provider("microsoft", resource="r", entra=EntraSettings(), api_version="2024-10-21"),
        provider("nowhere", base_url="http://127.0.0.1/v1"),
    ],
)
def test_a_provider_may_say_what_its_kind_has(settings: ProviderSettings) -> None:
    assert broken(settings) == {}


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (provider("nowhere"), "p.base_url"),
        (provider("wide"), "p.region"),
        (provider("amazon"), "p.region"),
        (provider("microsoft"), "p.resource"),
        (provider(region="us-east-1"), "p.region"),
        (provider(project="p"), "p.project"),
        (provider(resource="r"), "p.resource"),
        (provider(api_version="1"), "p.api_version"),
        (provider(aws=AwsSettings()), "p.aws"),
        (provider(entra=EntraSettings()), "p.entra"),
        (provider(google=GoogleSettings()), "p.google"),
        (provider("microsoft", resource="r", aws=AwsSettings()), "p.aws"),
    ],
)
def test_what_its_kind_has_not_or_lacks_is_named(settings: ProviderSettings, path: str) -> None:
    assert set(broken(settings)) == {path}


def test_a_variable_in_a_shells_way_is_no_key() -> None:
    assert broken(provider(api_key=Secret("$MY_KEY"))) == {"p.api_key": 'did you mean "${MY_KEY}"?'}

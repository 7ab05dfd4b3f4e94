from typing import Any

import pytest

from app.configuration.problems import InvalidConfiguration
from app.configuration.rules import require
from app.settings import KeySettings, ProviderSettings, Secret, ServerSettings, Settings

HASH = "sha256:" + "a" * 64
KEYS = {"team": KeySettings(hash=HASH)}


def broken(settings: Settings, *guardrails: str) -> dict[str, str]:
    """Return the rules that are broken, by path."""
    try:
        require(settings, guardrails)
    except InvalidConfiguration as error:
        return {problem.path: problem.message for problem in error.problems}
    return {}


def with_provider(**fields: Any) -> Settings:
    return Settings(providers={"p": ProviderSettings(kind="openai", **fields)})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost", "::1", "[::1]"])
def test_on_loopback_no_keys_are_needed(host: str) -> None:
    assert broken(Settings(server=ServerSettings(host=host))) == {}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "", "127.0.0.1.nip.io", "0"])
def test_anywhere_else_keys_are_needed(host: str) -> None:
    server = ServerSettings(host=host)
    assert "handrail keys new" in broken(Settings(server=server))["server.host"]
    assert broken(Settings(server=server, keys=KEYS)) == {}


def test_a_key_may_only_bind_guardrails_that_exist() -> None:
    settings = Settings(keys={"team": KeySettings(hash=HASH, guardrails=("a", "b", "c"))})
    assert broken(settings, "a", "c") == {
        "keys.team.guardrails[1]": "no guardrail is named b; there are: a, c"
    }
    assert broken(settings, "a", "b", "c") == {}


def test_two_callers_cannot_have_one_key() -> None:
    settings = Settings(keys={"a": KeySettings(hash=HASH), "b": KeySettings(hash=HASH)})
    assert broken(settings) == {"keys.b.hash": "is the hash of a, too: each caller needs a key of its own"}


@pytest.mark.parametrize(
    "url", ["https://api.example.org/v1", "http://127.0.0.1:8080", "http://[::1]:1/v1?api-version=2"]
)
def test_a_base_url_is_an_http_url(url: str) -> None:
    assert broken(with_provider(base_url=url)) == {}


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
    said = broken(with_provider(base_url=url))
    assert set(said) == {"providers.p.base_url"}
    assert "hunter2" not in str(said)


@pytest.mark.parametrize("value", ["", " sk", "sk\n", "sk\r\nx: y", "schlüssel", "sk\x00"])
def test_a_key_or_header_that_http_cannot_carry_is_refused_and_not_repeated(value: str) -> None:
    said = broken(with_provider(api_key=Secret(value), headers={"x-a": Secret(value)}))
    assert set(said) == {"providers.p.api_key", "providers.p.headers.x-a"}
    assert not value or value not in str(said)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "a\n", "Host", "Content-Length"])
def test_a_header_that_is_none_or_is_ours_is_refused(name: str) -> None:
    assert len(broken(with_provider(headers={name: Secret("x")}))) == 1


def test_headers_may_hold_what_headers_hold() -> None:
    assert broken(with_provider(headers={"OpenAI-Organization": Secret('org 1; a="b"')})) == {}


def test_a_fingerprint_key_must_not_be_guessable() -> None:
    assert set(broken(Settings(fingerprint_key=Secret("short")))) == {"fingerprint_key"}
    assert broken(Settings(fingerprint_key=Secret("x" * 16))) == {}

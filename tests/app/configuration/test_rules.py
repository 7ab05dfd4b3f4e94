import pytest

from app.caller_settings import CallerKeySettings, CustomHostSettings
from app.catalogue.catalogue import Catalogue
from app.configuration.problems import InvalidConfiguration, joined
from app.configuration.rules import require
from app.record_settings import RecordsSettings
from app.secret import Secret
from app.settings import KeySettings, PriceSettings, ProviderSettings, ServerSettings, Settings

HASH = "sha256:" + "a" * 64
KEYS = {"team": KeySettings(hash=HASH)}


def broken(settings: Settings, *guardrails: str) -> dict[str, str]:
    """Return the rules that are broken, by path."""
    try:
        require(settings, guardrails, Catalogue.load())
    except InvalidConfiguration as error:
        return {problem.path: problem.message for problem in error.problems}
    return {}


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


def test_a_key_may_have_less_on_record_than_the_gateway_and_not_more() -> None:
    other = HASH[:-1] + "b"
    keys = {"more": KeySettings(hash=HASH, content="full"), "less": KeySettings(hash=other, content="none")}
    assert broken(Settings(keys=keys)) == {
        "keys.more.content": "is more than records.content, redacted: a key can only lower it"
    }
    assert broken(Settings(keys=keys, records=RecordsSettings(content="full"))) == {}


def test_two_callers_cannot_have_one_key() -> None:
    settings = Settings(keys={"a": KeySettings(hash=HASH), "b": KeySettings(hash=HASH)})
    assert broken(settings) == {"keys.b.hash": "is the hash of a, too: each caller needs a key of its own"}


def test_a_fingerprint_key_must_not_be_guessable() -> None:
    assert set(broken(Settings(fingerprint_key=Secret("short")))) == {"fingerprint_key"}
    assert broken(Settings(fingerprint_key=Secret("x" * 16))) == {}


def test_what_is_wrong_with_a_provider_is_said_with_its_path() -> None:
    assert set(broken(Settings(providers={"p": ProviderSettings(kind="opnai")}))) == {"providers.p.kind"}


def test_a_model_that_a_check_asks_is_of_a_provider_that_exists() -> None:
    checks = [
        {"judge": {"model": "@p/m"}},
        {"judge": {"model": "@q/m"}},
        {"chat_guard": {"model": "@q"}},
        {"judge": {"model": "org/m", "url": "http://guard"}},
        {"regex": {"pattern": "a", "model": "@q/m"}},
        {"moderation": None},
    ]
    settings = Settings(
        providers={"p": ProviderSettings(kind="openai")}, guardrails={"g": {"checks": checks}}
    )
    assert broken(settings) == {
        "guardrails.g.checks[1].judge.model": "no provider is named q; there are: p",
        "guardrails.g.checks[2].chat_guard.model": "no provider is named q; there are: p",
    }


def test_a_price_is_of_a_provider_that_exists() -> None:
    names = ("gpt-4o", "gpt-*", "@p/*", "@p/gpt-4o", "@*/gpt-4o", "@q/gpt-4o", "@p", "@p/")
    settings = Settings(
        providers={"p": ProviderSettings(kind="openai")},
        prices={name: PriceSettings(input=1, output=2) for name in names},
    )
    assert broken(settings) == {
        joined("prices", "@q/gpt-4o"): "no provider is named q; there are: p",
        joined("prices", "@p"): "must be @slug/ and a model, which may be *",
        joined("prices", "@p/"): "must be @slug/ and a model, which may be *",
    }


def test_a_key_may_only_bind_a_config_that_exists() -> None:
    key = {"team": KeySettings(hash=HASH, config="prod")}
    assert broken(Settings(keys=key)) == {"keys.team.config": "no config is named prod; there are: none"}
    assert broken(Settings(keys=key, configs={"prod": {"provider": "@a"}})) == {}


def test_what_callers_may_bring_must_be_possible() -> None:
    settings = Settings(
        custom_hosts=CustomHostSettings(allow=("vllm:8000", "a b", "*"), allow_private=True),
        caller_keys=CallerKeySettings(allow=("openai", "mistral-ai", "*", "nobody")),
    )
    problems = broken(settings)
    assert set(problems) == {"custom_hosts.allow[1]", "custom_hosts.allow[2]", "caller_keys.allow[3]"}
    assert "name hosts" in problems["custom_hosts.allow[2]"]
    assert broken(Settings(custom_hosts=CustomHostSettings(allow=("*", "*.a.example")))) == {}

from typing import Any

import pytest

from app.configuration.conversion import Conversion
from app.secret import Secret
from app.settings import PriceSettings, ProviderSettings, ServerSettings, Settings


def problems_of(values: Any, *from_environment: str) -> dict[str, str]:
    """Return what is wrong, by path."""
    conversion = Conversion(frozenset(from_environment))
    assert conversion.struct(values, Settings) is None
    return {problem.path: problem.message for problem in conversion.problems}


def settings_of(values: Any, *from_environment: str) -> Settings:
    conversion = Conversion(frozenset(from_environment))
    converted = conversion.struct(values, Settings)
    assert conversion.problems == []
    assert isinstance(converted, Settings)
    return converted


def test_nothing_gives_the_defaults() -> None:
    assert settings_of({}) == Settings()


def test_a_section_whose_lines_are_comments_gives_its_defaults() -> None:
    assert settings_of({"server": None, "providers": None}) == Settings()


def test_values_become_typed() -> None:
    provider = {"kind": "openai", "api_key": "sk", "headers": {"x-team": "a"}, "models": ["m"]}
    settings = settings_of({"server": {"port": 1}, "providers": {"p": provider}})
    assert settings.server == ServerSettings(port=1)
    assert settings.providers["p"] == ProviderSettings(
        kind="openai", api_key=Secret("sk"), headers={"x-team": Secret("a")}, models=("m",)
    )


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert problems_of(
        {
            "server": {"port": 70_000, "hots": "x"},
            "providers": {
                "a b": {"kind": "openai"},
                "c": {"kind": 8, "api_key": 7, "models": ["m", 1]},
                "d": {},
            },
            "keys": {"k": {"hash": "md5:x"}},
            "log": [],
            "recrods": {},
        }
    ) == {
        "server.port": "expected int <= 65535",
        "server.hots": "is no setting; did you mean host?",
        "providers.a b": "expected a name of at most 64 letters, digits, dots, dashes and underscores",
        "providers.c.kind": "expected str, got int",
        "providers.c.api_key": "expected a string, got a number; put it in quotes",
        "providers.c.models[1]": "expected str, got int",
        "providers.d.kind": "is missing",
        "keys.k.hash": "expected sha256: and 64 hex digits, as `handrail keys new` prints it",
        "log": "expected a mapping, got a list",
        "recrods": "is no setting; did you mean records?",
    }


def test_a_setting_nobody_knows_is_answered_with_those_there_are() -> None:
    assert problems_of({"zzz": 1}) == {
        "zzz": "is no setting; there are cache, caller_keys, catalogue, configs, custom_hosts, "
        "fingerprint_key, guardrails, images, keys, log, metrics, models, prices, providers, records, "
        "redis_url, server, traces"
    }


@pytest.mark.parametrize("text", ["8080", "1"])
def test_a_number_from_the_environment_may_be_text(text: str) -> None:
    assert settings_of({"server": {"port": text}}, "server.port").server.port == int(text)
    assert "server.port" in problems_of({"server": {"port": text}})


def test_what_came_from_the_environment_is_never_shown() -> None:
    said = problems_of(
        {
            "log": {"level": "hunter2"},
            "providers": {"a": {"kind": "openai", "unsupported": "hunter2"}},
            "server": {"port": "hunter2"},
        },
        *("log.level", "providers.a.unsupported", "server.port"),
    )
    assert "hunter2" not in str(said)
    assert set(said) == {"log.level", "providers.a.unsupported", "server.port"}


def test_prices_are_kept_in_their_order() -> None:
    prices = {"@p/b*": {"input": 3, "output": 0.25, "cached": 0}, "a": {"input": 1, "output": 2.5}}
    settings = settings_of({"prices": prices})
    assert list(settings.prices.items()) == [
        ("@p/b*", PriceSettings(input=3, output=0.25, cached=0)),
        ("a", PriceSettings(input=1, output=2.5)),
    ]


@pytest.mark.parametrize("price", [-0.1, 1e7, float("nan"), float("inf"), "1", None, True])
def test_a_price_is_a_number_of_dollars(price: Any) -> None:
    assert "prices.m.input" in problems_of({"prices": {"m": {"input": price, "output": 1}}})


@pytest.mark.parametrize("name", ["", "a model", "m" * 400])
def test_a_price_has_the_name_of_a_model(name: str) -> None:
    assert len(problems_of({"prices": {name: {"input": 1, "output": 1}}})) == 1

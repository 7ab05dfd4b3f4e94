import json
from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from app.domain.exchange import ANONYMOUS, Caller
from app.domain.model_request import ModelRequest
from app.domain.ports import Provider
from app.routing.resolve import Routes
from app.routing.way import Hop
from app.routing.wish import Wish
from app.secret import Secret
from tests.fakes import FakeProvider, router_of

KEY, HOST = Secret("sk-hunter2"), "http://mine.example/v1"


class Other(FakeProvider):
    slug = "other"
    kind = "anthropic"


class FakeGuests:
    """Takes keys for openai and groq, and any address; remembers what was made of what."""

    takes_hosts = True

    def __init__(self) -> None:
        self.made: list[tuple[str, str, Secret | None, str | None]] = []

    def takes_key(self, kind: str) -> bool:
        return kind in {"openai", "groq"}

    def callers(self, kind: str, key: Secret | None, host: str | None) -> Provider:
        if host is None and not self.takes_key(kind):
            raise InvalidRequest("no keys", param="api_key")
        return self._make("caller", kind, key, host)

    def operators(self, name: str, key: Secret | None, host: str | None) -> Provider:
        return self._make("operator", name, key, host)

    def _make(self, whose: str, name: str, key: Secret | None, host: str | None) -> Provider:
        self.made.append((whose, name, key, host))
        guest = FakeProvider()
        guest.slug = name
        return guest


FAKE, OTHER = FakeProvider(), Other()
SAVED: dict[str, Any] = {
    "retries": {"retry": {"attempts": 1}},
    "fixed": {"provider": "@fake"},
    "moved": {"provider": "@fake", "custom_host": "http://other.internal/v1", "api_key": "sk-own"},
}


@pytest.fixture
def guests() -> FakeGuests:
    return FakeGuests()


def first(guests: FakeGuests | None, wish: Wish, model: str = "m", caller: Caller = ANONYMOUS) -> Hop:
    router = router_of(
        FAKE, OTHER, routes=Routes((FAKE, OTHER), {"fake": ("first", "second")}), guests=guests, **SAVED
    )
    hop = router.route(ModelRequest({"model": model}, model), caller, wish, {}, "/").next()
    assert hop is not None
    return hop


def sent(config: dict[str, Any], **more: Any) -> Wish:
    return Wish(config=json.dumps(config), **more)


def test_a_callers_key_goes_with_the_kind_it_names(guests: FakeGuests) -> None:
    hop = first(guests, Wish(provider="groq", key=KEY), "llama")
    assert (hop.target.address, guests.made) == ("@groq/llama", [("caller", "groq", KEY, None)])


@pytest.mark.parametrize(
    "wish",
    [
        Wish(provider="@fake", key=KEY),
        Wish(provider="fake", key=KEY),
        Wish(key=KEY),
        Wish(provider="openai"),
        Wish(config="fixed", key=KEY),
    ],
)
def test_a_configured_provider_is_asked_with_its_own_key(guests: FakeGuests, wish: Wish) -> None:
    assert first(guests, wish, "@fake/m" if wish.provider is None else "m").target.provider is FAKE
    assert guests.made == []


@pytest.mark.parametrize(
    ("wish", "model"),
    [
        (Wish(provider="@other"), "@fake/m"),
        (Wish(provider="anthropic"), "@fake/m"),
        (Wish(provider="@fake"), "@cf/meta/llama"),
        (Wish(provider="openai", key=KEY), "@fake/m"),
        (Wish(provider="openai", custom_host=HOST), "@other/m"),
        (sent({"retry": {"attempts": 1}}, provider="@other"), "@fake/m"),
    ],
)
def test_a_model_of_another_provider_contradicts_the_one_that_is_named(
    guests: FakeGuests, wish: Wish, model: str
) -> None:
    with pytest.raises(InvalidRequest, match="names two providers") as caught:
        first(guests, wish, model)
    assert (caught.value.status, caught.value.param) == (400, "model")
    assert f"'@{model[1:].partition('/')[0]}'" in caught.value.message


@pytest.mark.parametrize("name", ["@other", "other", "anthropic"])
def test_a_model_may_name_the_same_provider_again(name: str) -> None:
    target = first(None, Wish(provider=name), "@other/@cf/meta/llama").target
    assert (target.provider, target.model) == (OTHER, "@cf/meta/llama")


def test_a_config_says_who_is_asked_whatever_provider_a_model_has_in_its_name() -> None:
    target = first(None, Wish(config="fixed"), "@other/m").target
    assert (target.provider, target.model) == (FAKE, "m")


def test_a_key_that_is_not_taken_is_left_aside(guests: FakeGuests) -> None:
    assert first(guests, Wish(provider="anthropic", key=KEY)).target.provider is OTHER
    assert first(None, Wish(provider="openai", key=KEY)).target.provider is FAKE


def test_an_address_never_gets_what_is_the_operators(guests: FakeGuests) -> None:
    first(guests, Wish(provider="openai", custom_host=HOST))
    first(guests, sent({"provider": "openai", "custom_host": HOST}))
    first(guests, Wish(provider="openai", custom_host=HOST, key=KEY))
    assert guests.made[0] == ("caller", "openai", None, HOST)
    assert set(guests.made) == {("caller", "openai", None, HOST), ("caller", "openai", KEY, HOST)}


@pytest.mark.parametrize(
    "wish",
    [
        Wish(custom_host=HOST),
        Wish(provider="@fake", custom_host=HOST),
        Wish(provider="fake", custom_host=HOST),
        Wish(config="fixed", custom_host=HOST),
        sent({"provider": "@fake"}, custom_host=HOST),
    ],
)
def test_an_address_does_not_go_with_a_configured_provider(guests: FakeGuests, wish: Wish) -> None:
    with pytest.raises(InvalidRequest) as caught:
        first(guests, wish, "@fake/m")
    assert (caught.value.param, guests.made) == ("x-portkey-custom-host", [])


@pytest.mark.parametrize(
    "config",
    [
        {"provider": "@fake", "api_key": "sk-hunter2"},
        {"virtual_key": "fake", "custom_host": HOST},
        {"api_key": "sk-hunter2"},
        {"provider": "openai", "api_key": "sk-hunter2", "aws_region": "us-east-1"},
        {"provider": "anthropic", "api_key": "sk-hunter2"},
        {"provider": "nobody", "api_key": "sk-hunter2"},
    ],
)
def test_what_a_callers_config_may_not_bring_is_refused(guests: FakeGuests, config: dict[str, Any]) -> None:
    fallback = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "@fake"}, config]}
    for one in (config, fallback):
        with pytest.raises(InvalidRequest) as caught:
            first(guests, sent(one))
        assert "hunter2" not in caught.value.message
    assert guests.made == []


def test_a_callers_config_may_bring_keys_where_they_are_taken(guests: FakeGuests) -> None:
    assert first(guests, sent({"provider": "groq", "api_key": "sk-hunter2"})).target.provider.slug == "groq"
    hop = first(guests, sent({"api_key": "sk-hunter2"}, provider="openai"))
    assert hop.target.provider.slug == "openai"
    assert {made[2] for made in guests.made} == {KEY}


def test_answers_of_what_a_caller_brings_are_not_cached(guests: FakeGuests) -> None:
    cache = {"cache": {"mode": "simple"}}
    for own in (
        sent({"provider": "openai", "custom_host": HOST} | cache),
        sent(cache, provider="groq", key=KEY),
    ):
        assert first(guests, own).cache is None
    assert first(guests, sent({"provider": "@fake"} | cache)).cache is not None


def test_a_saved_config_may_change_a_configured_provider(guests: FakeGuests) -> None:
    first(guests, Wish(config="moved"))
    assert guests.made == [("operator", "fake", Secret("sk-own"), "http://other.internal/v1")]


def test_a_config_that_names_no_provider_leaves_it_to_the_header(guests: FakeGuests) -> None:
    assert first(guests, Wish(config="retries", provider="@other")).target.provider is OTHER
    assert first(guests, Wish(config="retries", provider="groq", key=KEY)).target.provider.slug == "groq"


def test_a_kind_that_nobody_has_is_refused_before_anything_is_asked(guests: FakeGuests) -> None:
    config = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "@fake"}, {"provider": "groq"}]}
    for one in (guests, None):
        with pytest.raises(InvalidRequest) as caught:
            first(one, sent(config))
        assert caught.value.param == "x-portkey-config"


def test_no_model_is_the_first_one_that_the_provider_lists(guests: FakeGuests) -> None:
    assert first(guests, Wish(provider="@fake"), "portkey-default").target.model == "first"
    override = {"provider": "@other", "override_params": {"model": "claude"}}
    assert first(guests, sent(override), "portkey-default").target.model == "claude"
    for wish in (Wish(), Wish(provider="@other")):
        with pytest.raises(InvalidRequest, match="names no model"):
            first(guests, wish, "portkey-default")
    router = router_of(OTHER)
    with pytest.raises(InvalidRequest, match="names no model"):
        router.route(ModelRequest({}, "portkey-default"), ANONYMOUS, Wish(), {}, "/")


def test_what_a_caller_wishes_goes_before_the_config(guests: FakeGuests) -> None:
    config = {"provider": "@fake", "request_timeout": 5_000, "forward_headers": ["x-a"]}
    hop = first(guests, sent(config, timeout_s=1.0, forward_headers=("x-b",)))
    assert (hop.timeout_s, hop.forward_headers) == (1.0, ("x-a", "x-b"))
    assert first(guests, sent(config)).timeout_s == 5.0
    alone = first(guests, Wish(timeout_s=2.0, forward_headers=("x-b",)), "@fake/m")
    assert (alone.timeout_s, alone.forward_headers) == (2.0, ("x-b",))

"""What callers bring, over real sockets: who is asked, with whose key, and where it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from app.caller_settings import CallerKeySettings, CustomHostSettings
from app.domain.errors import InvalidRequest, UpstreamBroken
from app.domain.model_request import ModelRequest
from app.providers.build import build
from app.providers.guests import MAX_KEPT, Guests
from app.providers.http import HttpProvider
from app.providers.identities import Surroundings
from app.providers.transport import AiohttpTransport
from app.secret import Secret
from app.settings import ProviderSettings
from tests.app.providers.asking import CATALOGUE, DOCUMENT, ask, new_attempt, request
from tests.internals import PRIVATE, PUBLIC, SECRET, Inside, Names
from tests.upstreams import Upstream, whole

OPERATORS, MINE = Secret("sk-of-the-operator"), Secret("sk-of-the-caller")
AWS = {"AWS_ACCESS_KEY_ID": "AKIAOPERATOR", "AWS_SECRET_ACCESS_KEY": "operator"}


@asynccontextmanager
async def guests(
    *allow: str,
    private: bool = True,
    keys: tuple[str, ...] = (),
    names: Names | None = None,
) -> AsyncIterator[Guests]:
    def make(name: str, settings: ProviderSettings, surroundings: Surroundings) -> HttpProvider:
        return build(name, settings, CATALOGUE, surroundings)

    async with AiohttpTransport() as transport:
        made = Guests(
            make,
            Surroundings(AWS, Path("/nowhere"), transport),
            {"main": ProviderSettings(kind="openai", api_key=OPERATORS)},
            CATALOGUE,
            CallerKeySettings(allow=keys),
            CustomHostSettings(allow=allow, allow_private=private),
            names,
        )
        yield made
        await made.aclose()


async def test_an_allowed_address_gets_the_callers_key_and_no_other() -> None:
    async with Upstream(whole(DOCUMENT)) as upstream, guests(f"127.0.0.1:{upstream.port}") as made:
        await ask(made.callers("openai", MINE, upstream.base_url))
        await ask(made.callers("openai", None, upstream.base_url))
    first, second = upstream.requests
    assert (first.target, first.headers["authorization"]) == (
        "/v1/chat/completions",
        "Bearer sk-of-the-caller",
    )
    assert "authorization" not in second.headers
    assert "operator" not in str(upstream.requests)


async def test_an_address_that_nobody_allowed_is_refused() -> None:
    async with Upstream(whole(DOCUMENT)) as upstream, guests() as none, guests("localhost:1") as other:
        for made in (none, other):
            with pytest.raises(InvalidRequest) as caught:
                made.callers("openai", MINE, upstream.base_url)
            assert (caught.value.status, caught.value.param) == (400, "x-portkey-custom-host")
        assert (none.takes_hosts, other.takes_hosts) == (False, True)
    assert upstream.connections == []


@pytest.mark.parametrize(
    "host",
    [
        "ftp://a.example/",
        "a.example",
        "http://",
        "http://user:pw@a.example/",
        "http://user@a.example/",
        "http://evil.org#@a.example/",
        "http://evil.org/@a.example",
        "http://a.example.evil.org/",
        "http://a.example:22/",
        "http://a.example:0/",
        "http://a.example:99999999/",
        "http://a%2eexample/",
        "http://a.example\\@evil.org/",
        "http://evil.org\\.a.example/",
        "http://a .example/",
        "http://a.example\r\nhost: evil.org/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::1]/",
        "http://[fe80::1%25eth0]/",
        "file:///etc/passwd",
        "http://a.example/" + "x" * 3_000,
    ],
)
async def test_no_spelling_makes_another_host_of_an_allowed_one(host: str) -> None:
    async with guests("a.example") as made:
        with pytest.raises(InvalidRequest) as caught:
            made.callers("openai", MINE, host)
        assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    "host",
    [
        PRIVATE, f"{PRIVATE}.", "2130706434", "0x7f000002", "0177.0.0.2", "127.2", "[::ffff:127.0.0.2]",
        "[64:ff9b::7f00:2]", "0.0.0.0", "[::]", "\uff11\uff12\uff17.0.0.2", "127\u30020\u30020\u30022",
        "localhost", "inside.example", "inside.example.",
    ],
)  # fmt: skip
async def test_where_any_host_is_allowed_none_of_the_operators_network_is(host: str) -> None:
    async with Inside(whole(SECRET)) as inside:
        names = Names(inside_example=[[PRIVATE]], localhost=[["127.0.0.1"]])
        async with guests(f"*:{inside.port}", private=False, names=names) as made:
            with pytest.raises(InvalidRequest) as caught:
                await ask(made.callers("openai", MINE, f"http://{host}:{inside.port}/v1"))
    assert (caught.value.status, caught.value.param) == (400, "x-portkey-custom-host")
    assert inside.connections == []


@pytest.mark.parametrize("answer", [[PRIVATE], [PUBLIC, PRIVATE], ["169.254.169.254"], ["::ffff:7f00:2"]])
async def test_an_allowed_name_does_not_lead_inside(answer: list[str]) -> None:
    async with Inside(whole(SECRET)) as inside:
        names = Names(a_example=[answer])
        async with guests(f"a.example:{inside.port}", private=False, names=names) as made:
            provider = made.callers("openai", MINE, f"http://a.example:{inside.port}/v1")
            with pytest.raises(InvalidRequest) as caught:
                await ask(provider)
        assert (caught.value.status, inside.connections) == (400, [])


async def test_a_name_that_is_rebound_does_not_lead_inside() -> None:
    async with Upstream(whole(DOCUMENT)) as upstream:
        names = Names(a_example=[["127.0.0.1"], ["169.254.169.254"]])
        async with guests(f"a.example:{upstream.port}", names=names) as made:
            provider = made.callers("openai", MINE, f"http://a.example:{upstream.port}/v1")
            await ask(provider)
            with pytest.raises(InvalidRequest):
                await ask(provider)
    assert len(upstream.requests) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with Upstream(whole(SECRET)) as inside:
        away = whole(b"", status=307, headers={"location": inside.base_url})
        async with Upstream(away) as upstream, guests(f"127.0.0.1:{upstream.port}") as made:
            with pytest.raises(UpstreamBroken, match="not followed"):
                await ask(made.callers("openai", MINE, upstream.base_url))
    assert inside.connections == []


async def test_a_key_is_taken_for_the_kinds_that_are_listed() -> None:
    async with guests(keys=("mistral-ai",)) as some, guests(keys=("*",)) as every:
        assert some.takes_key("mistral")
        assert not some.takes_key("openai")
        assert every.takes_key("openai")
        assert some.callers("mistral", MINE, None).server_address == "api.mistral.ai"
        with pytest.raises(InvalidRequest, match="caller_keys"):
            some.callers("openai", MINE, None)


async def test_what_a_cloud_gives_the_operator_is_never_used_for_a_caller() -> None:
    async with guests("a.example", keys=("*",)) as made:
        for kind in ("bedrock", "vertex-ai", "azure-openai"):
            for host in (None, "http://a.example/"):
                with pytest.raises(InvalidRequest, match=r"key of your own|not known"):
                    made.callers(kind, None, host)


async def test_an_account_that_cannot_be_said_by_a_key_is_the_callers_error() -> None:
    async with guests(keys=("*",)) as made:
        for kind in ("azure-openai", "bedrock", "openai-compatible"):
            with pytest.raises(InvalidRequest, match="configure a provider") as caught:
                made.callers(kind, MINE, None)
            assert "sk-of" not in caught.value.message


async def test_a_saved_config_may_send_the_operators_key_where_it_says() -> None:
    async with Upstream(whole(DOCUMENT)) as upstream, guests() as made:
        await ask(made.operators("main", None, upstream.base_url))
        await ask(made.operators("openai", MINE, upstream.base_url))
    keys = [one.headers["authorization"] for one in upstream.requests]
    assert keys == ["Bearer sk-of-the-operator", "Bearer sk-of-the-caller"]


async def test_a_provider_is_made_once_and_not_too_many_are_kept() -> None:
    async with guests(keys=("*",)) as made:
        first = made.callers("openai", MINE, None)
        assert made.callers("openai", Secret("sk-of-the-caller"), None) is first
        for number in range(MAX_KEPT):
            made.callers("openai", Secret(f"sk-{number}"), None)
        assert made.callers("openai", MINE, None) is not first
        assert len(made._made) == MAX_KEPT


async def test_headers_that_the_caller_named_are_sent_behind_our_own() -> None:
    async with Upstream(whole(DOCUMENT)) as upstream, guests(f"127.0.0.1:{upstream.port}") as made:
        provider = made.callers("anthropic", MINE, upstream.base_url)
        named = (("x-foo", "bar"), ("x-api-key", "forged"), ("anthropic-beta", "b"))
        with pytest.raises(UpstreamBroken):  # it is no answer of that kind
            async for _ in provider.ask(_with(named), "m", new_attempt()):
                pass
    (received,) = upstream.requests
    sent = [received.headers[name] for name in ("x-foo", "x-api-key", "anthropic-beta")]
    assert sent == ["bar", "sk-of-the-caller", "b"]


async def test_a_header_that_http_cannot_hold_is_the_callers_error() -> None:
    async with AiohttpTransport() as transport:
        provider = build(
            "up", ProviderSettings(kind="openai"), CATALOGUE, Surroundings({}, Path("/nowhere"), transport)
        )
        with pytest.raises(InvalidRequest, match="x-foo"):
            async for _ in provider.ask(_with((("x-foo", "\u00e4"),)), "m", new_attempt()):
                pass


def _with(headers: tuple[tuple[str, str], ...]) -> ModelRequest:
    return msgspec.structs.replace(request(), headers=headers)

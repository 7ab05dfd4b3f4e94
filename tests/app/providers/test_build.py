from typing import Any

import httpx
import pytest

from app.domain.abilities import Abilities
from app.providers.build import build
from app.providers.http import HttpProvider
from app.settings import ProviderSettings, Secret
from tests.app.providers.asking import CATALOGUE, DOCUMENT, ask

PLACES: dict[str, Any] = {
    "region": "us-east-1",
    "project": "p-1",
    "location": "europe-west1",
    "resource": "res",
    "account": "acc",
    "workspace": "ws",
}


def built(settings: ProviderSettings, seen: list[httpx.Request] | None = None) -> HttpProvider:
    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(200, json=DOCUMENT)

    return build("up", settings, CATALOGUE, httpx.MockTransport(answer))


def settings_of(kind: str, **fields: Any) -> ProviderSettings:
    row = CATALOGUE.row(kind)
    assert row is not None
    places = {name: PLACES[name] for name in row.placeholders}
    if row.base_url is None and row.credentials != "google":
        fields.setdefault("base_url", "http://127.0.0.1:1/v1")
    return ProviderSettings(kind=kind, **places, **fields)


@pytest.mark.parametrize("kind", CATALOGUE.kinds())
def test_every_kind_of_the_catalogue_has_an_adapter(kind: str) -> None:
    provider = built(settings_of(kind, api_key=Secret("k")))
    assert (provider.slug, provider.kind) == ("up", kind)
    assert provider.server_address
    assert "{" not in provider.server_address


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'up' is of no kind"):
        built(ProviderSettings(kind="magic"))


async def test_headers_of_the_configuration_win_over_all_others() -> None:
    seen: list[httpx.Request] = []
    headers = {"Authorization": Secret("Basic x"), "x-team": Secret("t")}
    await ask(built(ProviderSettings(kind="openai", api_key=Secret("k"), headers=headers), seen))
    assert seen[0].headers.get_list("authorization") == ["Basic x"]
    assert seen[0].headers["x-team"] == "t"


@pytest.mark.parametrize(("stream_usage", "asked"), [(None, True), (True, True), (False, False)])
async def test_what_is_configured_wins_over_the_kind(stream_usage: bool | None, asked: bool) -> None:
    seen: list[httpx.Request] = []
    await ask(built(ProviderSettings(kind="openai", stream_usage=stream_usage), seen), stream=True)
    assert (b"stream_options" in seen[0].content) == asked


def test_abilities_go_by_the_model_behind_a_name() -> None:
    settings = settings_of("openai", base_models={"prod": "o3-mini"})
    provider = built(settings)
    assert provider.abilities("prod") == CATALOGUE.abilities("openai", "o3-mini") != Abilities()
    assert provider.abilities("gpt-4o-mini") == CATALOGUE.abilities("openai", "gpt-4o-mini")

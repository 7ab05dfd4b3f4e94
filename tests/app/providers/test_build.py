import contextlib
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.domain.abilities import Abilities
from app.domain.errors import HandrailError
from app.providers.build import build
from app.providers.http import HttpProvider
from app.providers.identities import Surroundings
from app.secret import Secret
from app.settings import GoogleSettings, ProviderSettings
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

    surroundings = Surroundings({}, Path("/nowhere"), httpx.MockTransport(answer))
    return build("up", settings, CATALOGUE, surroundings)


def settings_of(kind: str, **fields: Any) -> ProviderSettings:
    row = CATALOGUE.row(kind)
    assert row is not None
    places = {name: PLACES[name] for name in row.placeholders}
    if row.credentials == "google":
        fields.setdefault("google", GoogleSettings(access_token=Secret("t")))
        fields["project"] = "p-1"
        fields["api_key"] = None
    elif row.base_url is None:
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


@pytest.mark.parametrize(
    ("kind", "fields", "address", "path"),
    [
        (
            "vertex-ai",
            {"project": "p-1"},
            "aiplatform.googleapis.com",
            "/v1beta1/projects/p-1/locations/global",
        ),
        (
            "vertex-ai",
            {"project": "p-1", "location": "eu"},
            "aiplatform.eu.rep.googleapis.com",
            "/locations/eu/",
        ),
        ("vertex-ai", {"api_key": Secret("k")}, "aiplatform.googleapis.com", "/v1beta1/publishers/google/"),
        (
            "vertex-anthropic",
            {"project": "p"},
            "aiplatform.googleapis.com",
            "/publishers/anthropic/models/m:raw",
        ),
        (
            "vertex-openai",
            {"project": "p"},
            "aiplatform.googleapis.com",
            "/global/endpoints/openapi/chat/comp",
        ),
        ("azure-openai", {"resource": "r"}, "r.openai.azure.com", "/openai/v1/chat/completions"),
        (
            "azure-openai",
            {"resource": "r", "api_version": "2024-10-21"},
            "r.openai.azure.com",
            "/openai/deployments/m/chat/completions?api-version=2024-10-21",
        ),
        ("bedrock", {"region": "eu-west-1"}, "bedrock-runtime.eu-west-1.amazonaws.com", "/model/m/converse"),
        ("cohere", {}, "api.cohere.com", "/v2/chat"),
        ("anthropic", {}, "api.anthropic.com", "/v1/messages"),
        ("gemini", {}, "generativelanguage.googleapis.com", "/v1beta/models/m:generateContent"),
    ],
)
async def test_a_call_goes_where_its_vendor_is(
    kind: str, fields: dict[str, Any], address: str, path: str
) -> None:
    seen: list[httpx.Request] = []
    fields = {"api_key": Secret("k"), **fields} if kind != "vertex-ai" or "project" not in fields else fields
    if kind.startswith("vertex") and "project" in fields:
        fields = {**fields, "api_key": None, "google": GoogleSettings(access_token=Secret("t"))}
    provider = built(ProviderSettings(kind=kind, **fields), seen)
    with contextlib.suppress(HandrailError):  # the answer is OpenAI's, which others cannot read
        await ask(provider)
    assert seen[0].url.host == address == provider.server_address
    assert path in str(seen[0].url)


def test_a_project_that_nobody_names_is_asked_for() -> None:
    settings = ProviderSettings(kind="vertex-ai", google=GoogleSettings(access_token=Secret("t")))
    with pytest.raises(ValueError, match="project is missing"):
        built(settings)


def test_an_account_is_all_that_says_who_answers_and_as_whom_he_is_asked() -> None:
    settings = settings_of("openai", base_url="https://a.example/v1", api_key=Secret("sk-one"))
    changes: list[dict[str, Any]] = [
        {},
        {"base_url": "https://a.example/v2"},
        {"base_url": "http://a.example/v1"},
        {"api_key": Secret("sk-two")},
        {"api_key": None},
        {"headers": {"openai-organization": Secret("org-1")}},
        {"headers": {"openai-organization": Secret("org-2")}},
    ]
    accounts = [built(msgspec.structs.replace(settings, **change)).account for change in changes]
    assert len(set(accounts)) == len(changes)
    assert built(settings).account == accounts[0]
    assert not any("sk-one" in account for account in accounts)

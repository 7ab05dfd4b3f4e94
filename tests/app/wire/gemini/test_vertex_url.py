"""Vertex AI's hosts and paths."""

from typing import Any

import google.oauth2.credentials
import httpx
import pytest
from google import genai
from google.genai import types

from app.wire.gemini.vertex_url import vertex_base_url


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
        ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
        ("global", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
    ],
)
def test_a_location_has_its_host_as_googles_client_says_it(location: str, host: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={})

    client = genai.Client(
        enterprise=True,
        project="my-project",
        location=location,
        credentials=google.oauth2.credentials.Credentials("token"),  # type: ignore[no-untyped-call]  # theirs
        http_options=types.HttpOptions(httpx_client=httpx.Client(transport=httpx.MockTransport(answer))),
    )
    client.models.generate_content(model="gemini-3-pro", contents="hi")
    url = vertex_base_url("my-project", location)
    assert url == f"https://{host}/v1beta1/projects/my-project/locations/{location}/publishers/google"
    assert asked == [f"{url}/models/gemini-3-pro:generateContent"]


def test_express_mode_has_no_project() -> None:
    express = vertex_base_url(None, None)
    assert express == "https://aiplatform.googleapis.com/v1beta1/publishers/google"
    regional = vertex_base_url(None, "us-central1")
    assert regional == "https://us-central1-aiplatform.googleapis.com/v1beta1/publishers/google"


def test_other_publishers_and_versions_have_their_place() -> None:
    assert vertex_base_url("example.com:p-1", "us-east5", "anthropic", version="v1") == (
        "https://us-east5-aiplatform.googleapis.com/v1/projects/example.com:p-1/locations/us-east5"
        "/publishers/anthropic"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"location": "evil.example/"},
        {"location": "US"},
        {"project": "a/b"},
        {"project": ""},
        {"publisher": "../x"},
    ],
)
def test_what_cannot_stand_in_a_url_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="of Vertex AI"):
        vertex_base_url(**({"project": "p-1", "location": "global"} | wrong))

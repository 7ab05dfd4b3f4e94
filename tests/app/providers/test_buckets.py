from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.errors import InvalidRequest
from app.providers.buckets import BucketGate
from app.providers.build import build
from app.providers.identities import Surroundings
from app.providers.images import ImageFetcher
from app.secret import Secret
from app.settings import ImageSettings, ProviderSettings
from tests.app.providers.asking import CATALOGUE, DOCUMENT, new_attempt, request

ALLOWED = ("s3://mine", "gs://ours")


def document(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "system", "content": "s3://x/y"}, {"role": "user", "content": list(parts)}]}


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (image("s3://bucket/x.png"), "image_url.url"),
        (image("GS://bucket/x.png"), "image_url.url"),
        (image(" g\ts://bucket/x.png"), "image_url.url"),
        (image("s3://mine"), "image_url.url"),
        (image("s3://mine.evil/x.png"), "image_url.url"),
        (image("S3://mine/x.png"), "image_url.url"),
        (image("gs://mine/x.png"), "image_url.url"),
        ({"type": "image_url", "image_url": "s3://bucket/x.png"}, "image_url"),
        ({"type": "file", "file": {"filename": "a", "file_data": "gs://b/x.pdf"}}, "file.file_data"),
        ({"type": "file", "file": {"file_url": "gs://b/x.pdf"}}, "file.file_url"),
        ({"type": "file", "file": {"file_id": "gs://b/x.pdf"}}, "file.file_id"),
        ({"type": "video_url", "video_url": {"url": "s3://b/x.mp4"}}, "video_url.url"),
    ],
)
async def test_a_bucket_that_nobody_named_is_not_read_with_our_rights(part: dict[str, Any], key: str) -> None:
    asked = document({"type": "text", "text": "s3://b/c"}, part)
    for media in (BucketGate(ALLOWED), ImageFetcher(ImageSettings(allow_buckets=ALLOWED))):
        with pytest.raises(InvalidRequest) as caught:
            await media.inlined(asked, deadline_s=0)
        error = caught.value
        assert (error.code, error.param) == ("image_not_allowed", f"messages[1].content[1].{key}")
        assert "bucket/" not in error.message


@pytest.mark.parametrize(
    "part",
    [
        image("s3://mine/x.png"),
        image("data:image/png;base64,AAAA"),
        {"type": "file", "file": {"file_id": "gs://ours/a/b.pdf"}},
        {"type": "file", "file": {"file_id": "files/x"}},
        {"type": "text", "text": "gs://b/c"},
    ],
)
async def test_what_is_allowed_passes_as_it_is(part: dict[str, Any]) -> None:
    asked = document(part)
    for media in (BucketGate(ALLOWED), ImageFetcher(ImageSettings(allow_buckets=ALLOWED))):
        assert await media.inlined(asked, deadline_s=0) is asked


@pytest.mark.parametrize("kind", ["openai", "gemini"])
async def test_each_kind_of_provider_has_the_gate(kind: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=DOCUMENT))
    settings = ProviderSettings(kind=kind, api_key=Secret("k"))
    surroundings = Surroundings({}, Path("/nowhere"), transport)
    fetcher = ImageFetcher(ImageSettings())
    provider = build("up", settings, CATALOGUE, surroundings, fetcher, BucketGate())
    asked = request(messages=document(image("gs://b/x.png"))["messages"])
    async with aclosing(provider.ask(asked, "m", new_attempt())) as answer:
        with pytest.raises(InvalidRequest) as caught:
            await anext(answer)
    assert caught.value.code == "image_not_allowed"

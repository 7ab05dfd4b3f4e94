"""Images fetched in a test: requests that name them, hosts that have them, and what comes of it."""

import asyncio
from typing import Any

import msgspec
import pytest

from app.domain.errors import InvalidRequest
from app.providers.guarded_transport import GuardedTransport
from app.providers.images import ImageFetcher
from app.settings import ImageSettings
from tests.conversations import PNG
from tests.internals import SECRET, Names, is_outside
from tests.upstreams import Answer, Upstream, whole

JPEG, GIF, WEBP = b"\xff\xd8\xff\xe0x", b"GIF89ax", b"RIFF\0\0\0\0WEBPVP8 "
SETTINGS = ImageSettings(timeout_ms=2000, max_bytes=1000, max_total_bytes=2500)


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}, "x": 1}


def document(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": list(parts)}], "top_k": 1}


async def inlined(
    asked: dict[str, Any], *ports: int, deadline_s: float = 5.0, **changes: Any
) -> dict[str, Any]:
    transport = GuardedTransport(allow_ports=ports, allows=is_outside, resolver=Names())
    fetcher = ImageFetcher(msgspec.structs.replace(SETTINGS, **changes), transport)
    try:
        return await fetcher.inlined(asked, deadline_s=asyncio.get_running_loop().time() + deadline_s)
    finally:
        await fetcher.aclose()


async def fetched(answer: Answer, **changes: Any) -> str:
    async with Upstream(answer) as host:
        found = await inlined(document(image(host.base_url)), host.port, **changes)
    url = found["messages"][0]["content"][0]["image_url"]["url"]
    assert isinstance(url, str)
    return url


async def refused(answer: Answer, **changes: Any) -> InvalidRequest:
    async with Upstream(answer) as host:
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(image(host.base_url + "/private-path?token=abc")), host.port, **changes)
    error = caught.value
    assert (error.status, error.param) == (400, "messages[0].content[0].image_url.url")
    assert "private-path" not in error.message
    assert "abc" not in error.message
    assert SECRET not in repr(error.body())
    return error


def picture(data: bytes = PNG, content_type: str | None = "image/png", **headers: str) -> Answer:
    return whole(data, content_type=content_type, headers=headers)


def moved(location: str, status: int = 302) -> Answer:
    return whole(SECRET.encode(), status=status, headers={"location": location})

"""Images by URL, for providers that take only bytes: fetched and put into the request as `data:` URLs.

Callers say what is fetched, so it is fetched through `app/providers/guarded_transport.py`, within bounds of
bytes and time, redirects checked one by one, and only what begins as an image (or a PDF) does is passed on:
the answer of a server that was never meant to be read is not. Errors name the host that was asked for, and
nothing that it said.
"""

import asyncio
import base64
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx

from app.domain.errors import InvalidRequest
from app.providers.buckets import BucketGate
from app.providers.guarded_transport import AddressRefused, GuardedTransport, is_public
from app.providers.image_places import Place, places, replaced
from app.settings import ImageSettings

_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AT_ONCE = 4
"""Fetched at the same time for one request."""
_HEADERS = {"user-agent": "handrail", "accept": "image/*, application/pdf", "accept-encoding": "identity"}
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Types of servers that do not say what they send."""
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
"""How files begin (mimesniff.spec.whatwg.org, 6.1 and 7)."""


class ImageFetcher:
    """Puts images into requests.

    Args:
        settings: bounds.
        transport: guarded; None: as the settings say. Closed with this.
    """

    def __init__(self, settings: ImageSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._gate = BucketGate(settings.allow_buckets)
        self._transport = transport or GuardedTransport(
            allow_hosts=settings.allow_hosts,
            allow_ports=settings.allow_ports,
            allows=(lambda _: True) if settings.allow_private else is_public,
        )

    async def inlined(self, document: dict[str, Any], *, deadline_s: float) -> dict[str, Any]:
        """Return the request with the bytes of its images; the same object if it names none by URL.

        Args:
            document: checked; it is not changed.
            deadline_s: on the loop's clock.

        Raises:
            InvalidRequest: one cannot be had; `param` names it.
        """
        self._gate.check(document)
        found = places(document)
        if not found:
            return document
        if not self._settings.enabled:
            raise _refusal(found[0], "image_not_allowed", "images by URL are not fetched here")
        if len(found) > self._settings.max_images:
            most = f"a request may name {self._settings.max_images} images by URL, not {len(found)}"
            raise _refusal(found[self._settings.max_images], "too_many_images", most)
        first = {place.url: place for place in reversed(found)}
        batch = _Batch(self._settings, self._transport, deadline_s, Counter(place.url for place in found))
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {url: group.create_task(batch.data_url(place)) for url, place in first.items()}
        except* InvalidRequest as errors:
            failed = errors
        else:
            return replaced(document, found, {url: task.result() for url, task in tasks.items()})
        raise _first(failed) from None

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


class _Batch:
    """What is fetched for one request."""

    def __init__(
        self,
        settings: ImageSettings,
        transport: httpx.AsyncBaseTransport,
        deadline_s: float,
        times: Mapping[str, int],
    ) -> None:
        self._transport = transport
        self._times = times
        """How often each URL is named: fetched once, an image stands in the request as often."""
        self._max_bytes = settings.max_bytes
        self._left = settings.max_total_bytes
        self._until_s = min(deadline_s, asyncio.get_running_loop().time() + settings.timeout_ms / 1000)
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def data_url(self, place: Place) -> str:
        try:
            async with asyncio.timeout_at(self._until_s), self._slots:
                return await self._fetched(place)
        except (AddressRefused, httpx.InvalidURL, UnicodeError):
            raise _refusal(place, "image_not_allowed", "its address may not be asked") from None
        except (httpx.TransportError, TimeoutError):
            raise _refusal(place, "image_unreachable", "it could not be fetched") from None

    async def _fetched(self, place: Place) -> str:
        url = httpx.URL(place.url)
        for _ in range(_MAX_REDIRECTS + 1):
            response = await self._transport.handle_async_request(httpx.Request("GET", url, headers=_HEADERS))
            try:
                if response.status_code == httpx.codes.OK:
                    data = await self._read(response, place)
                    return _data_url(data, response.headers.get("content-type", ""), place)
                location = response.headers.get("location")
            finally:
                await response.aclose()
            if response.status_code not in _REDIRECTS or not location:
                break
            url = url.join(location)
        raise _refusal(place, "image_unreachable", "it could not be fetched")

    async def _read(self, response: httpx.Response, place: Place) -> bytes:
        times = self._times[place.url]
        said = response.headers.get("content-length", "0")
        if said.isdecimal() and int(said[:20]) > min(self._max_bytes, self._left // times):
            raise _refusal(place, "image_too_large", "it is too large")
        data = bytearray()
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for piece in response.stream:
            data += piece
            self._left -= len(piece) * times
            if len(data) > self._max_bytes or self._left < 0:
                raise _refusal(place, "image_too_large", "it is too large")
        return bytes(data)


def _data_url(data: bytes, said: str, place: Place) -> str:
    media_type = _media_type(data)
    told = said.partition(";")[0].strip().lower().replace("image/jpg", "image/jpeg")
    is_wanted = place.keys[0] == "file" or media_type != "application/pdf"
    if media_type is None or not is_wanted or told not in {media_type, *_UNTOLD}:
        raise _refusal(place, "image_type", "it is no PNG, JPEG, GIF or WebP image, or not as it says")
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def _media_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for magic, media_type in _MAGIC if data.startswith(magic)), None)


def _refusal(place: Place, code: str, reason: str) -> InvalidRequest:
    """Return the error, in words that hold no more of the URL than its host."""
    try:
        host = httpx.URL(place.url).host
    except (httpx.InvalidURL, UnicodeError):
        host = ""
    where = f" at {host[:253]}" if host else ""
    return InvalidRequest(f"`{place.param}`: the image{where}: {reason}.", param=place.param, code=code)


def _first(errors: BaseExceptionGroup[InvalidRequest]) -> InvalidRequest:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error

import asyncio
import base64
import copy
import time

import pytest

from app.domain.errors import InvalidRequest
from app.providers.images import ImageFetcher
from app.settings import ImageSettings
from tests.app.providers.fetching import (
    GIF,
    JPEG,
    WEBP,
    document,
    fetched,
    image,
    inlined,
    picture,
    refused,
)
from tests.conversations import PDF, PNG, data_url
from tests.internals import PRIVATE, SECRET, Inside
from tests.upstreams import Answer, Upstream, drip, hang, head, huge, junk, reset, stream, whole


async def test_a_request_without_urls_is_the_same_object() -> None:
    for asked in (document(), document(image(data_url("image/png", PNG))), {"messages": [{"content": None}]}):
        assert await inlined(asked) is asked


async def test_images_become_bytes_and_the_request_stays() -> None:
    async with Upstream(picture()) as host:
        url = host.base_url + "/a.png"
        asked = document({"type": "text", "text": url}, image(url), image(url), image(host.base_url))
        before = copy.deepcopy(asked)
        found = await inlined(asked, host.port)
    inner = {"url": data_url("image/png", PNG), "detail": "low"}
    changed = {"type": "image_url", "image_url": inner, "x": 1}
    assert found == document({"type": "text", "text": url}, changed, changed, changed)
    assert asked == before
    assert sorted(request.target for request in host.requests) == ["/v1", "/v1/a.png"]


async def test_an_image_counts_as_often_as_it_is_named() -> None:
    async with Upstream(picture(PNG + bytes(700))) as host:
        parts = [image(host.base_url)] * 4
        size = 700 + len(PNG)
        found = await inlined(document(*parts), host.port, max_total_bytes=4 * size)
        assert len(found["messages"][0]["content"]) == 4
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(*parts), host.port, max_total_bytes=4 * size - 1)
    assert caught.value.code == "image_too_large"


async def test_an_image_of_unknown_size_counts_as_often_as_it_is_named() -> None:
    size = 700 + len(PNG)
    async with Upstream(stream([PNG, bytes(700)], content_type="image/png")) as host:
        parts = [image(host.base_url)] * 4
        await inlined(document(*parts), host.port, max_total_bytes=4 * size)
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(*parts), host.port, max_total_bytes=4 * size - 1)
    assert caught.value.code == "image_too_large"


async def test_more_images_than_allowed_are_refused_before_any_is_fetched() -> None:
    async with Upstream(picture()) as host:
        parts = [image(f"{host.base_url}/{i}") for i in range(3)]
        await inlined(document(*parts), host.port, max_images=3)
        before = len(host.requests)
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(*parts, parts[0]), host.port, max_images=3)
        assert len(host.requests) == before == 3
    error = caught.value
    assert (error.code, error.param) == ("too_many_images", "messages[0].content[3].image_url.url")
    assert "a request may name 3 images by URL, not 4" in error.message


async def test_the_image_s_host_learns_nothing_of_the_caller() -> None:
    async with Upstream(picture(etag="a")) as host:
        await inlined(document(image(host.base_url)), host.port)
    assert host.requests[0].method == "GET"
    assert host.requests[0].headers == {
        "host": f"127.0.0.1:{host.port}",
        "user-agent": "handrail",
        "accept": "image/*, application/pdf",
        "accept-encoding": "identity",
        "connection": "close",
    }


@pytest.mark.parametrize(
    ("data", "told", "media_type"),
    [
        (PNG, "image/png; x=1", "image/png"),
        (PNG, None, "image/png"),
        (PNG, "application/octet-stream", "image/png"),
        (JPEG, "IMAGE/JPG", "image/jpeg"),
        (GIF, "image/gif", "image/gif"),
        (WEBP, "image/webp", "image/webp"),
    ],
)
async def test_an_image_is_what_it_begins_as(data: bytes, told: str | None, media_type: str) -> None:
    assert await fetched(picture(data, told)) == data_url(media_type, data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (SECRET.encode(), "image/png"),
        (SECRET.encode(), "text/plain"),
        (b"", "image/png"),
        (PNG, "image/jpeg"),
        (PNG, "text/html"),
        (PDF, "application/pdf"),
        (b"<svg/>", "image/svg+xml"),
    ],
)
async def test_what_is_no_image_is_not_passed_on(data: bytes, told: str) -> None:
    assert (await refused(picture(data, told))).code == "image_type"


async def test_a_document_may_be_a_pdf() -> None:
    async with Upstream(picture(PDF, "application/pdf")) as host:
        found = await inlined(document({"type": "file", "file": {"file_data": host.base_url}}), host.port)
    file = found["messages"][0]["content"][0]["file"]
    assert file == {"file_data": data_url("application/pdf", PDF)}


@pytest.mark.parametrize(
    "answer",
    [
        picture(PNG + b"x" * 1000),
        stream([PNG, *[b"x" * 100] * 20], content_type="image/png"),
        huge(10**8, content_type="image/png"),
        hang(head(content_type="image/png", content_length="9999999999")),
    ],
)
async def test_an_image_that_is_too_large_is_not_read_on(answer: Answer) -> None:
    started = time.monotonic()
    assert (await refused(answer)).code == "image_too_large"
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "answer", [picture(PNG + b"x" * 800), stream([PNG + b"x" * 800], content_type="image/png")]
)
async def test_all_images_together_have_a_bound(answer: Answer) -> None:
    async with Upstream(answer) as host:
        asked = document(*(image(f"{host.base_url}/{i}") for i in range(3)))
        with pytest.raises(InvalidRequest) as caught:
            await inlined(asked, host.port)
    assert caught.value.code == "image_too_large"


@pytest.mark.parametrize(
    "answer",
    [
        whole(SECRET, status=404),
        whole(SECRET, status=500),
        whole(SECRET, status=302),
        junk(),
        reset(head(content_length="9", content_type="image/png") + PNG[:4]),
        stream([PNG], end=False, content_type="image/png"),
        hang(),
        hang(head(content_type="image/png", content_length="100")),
        drip(head(content_type="image/png", content_length="900") + PNG * 10, delay_s=0.01),
    ],
)
async def test_what_does_not_come_is_unreachable(answer: Answer) -> None:
    started = time.monotonic()
    assert (await refused(answer, timeout_ms=300)).code == "image_unreachable"
    assert time.monotonic() - started < 2


async def test_the_attempt_s_own_deadline_holds() -> None:
    started = time.monotonic()
    assert (await refused(hang(), deadline_s=0.1)).code == "image_unreachable"
    assert time.monotonic() - started < 1


async def test_one_image_inside_spoils_the_request_and_stops_the_rest() -> None:
    async with Inside(picture()) as inside, Upstream(hang()) as host:
        url = f"http://{PRIVATE}:{inside.port}/x"
        started = time.monotonic()
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(image(host.base_url), image(url)), host.port, inside.port)
        assert time.monotonic() - started < 1
    assert caught.value.param == "messages[0].content[1].image_url.url"
    assert inside.connections == []


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://a:b", "https://\N{SNOWMAN}\ud800/", "http:///x"]
)
async def test_a_url_that_is_none_is_not_allowed(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await inlined(document(image(url)))
    assert caught.value.code == "image_not_allowed"


async def test_fetching_can_be_switched_off() -> None:
    error = await refused(picture(), enabled=False)
    assert error.code == "image_not_allowed"


@pytest.mark.parametrize("allow_private", [True, False])
async def test_the_settings_make_the_transport(allow_private: bool) -> None:
    async with Upstream(picture()) as host:
        settings = ImageSettings(
            allow_private=allow_private, allow_ports=(host.port,), allow_hosts=("127.0.0.1",)
        )
        fetcher = ImageFetcher(settings)
        deadline_s = asyncio.get_running_loop().time() + 5
        try:
            found = await fetcher.inlined(document(image(host.base_url)), deadline_s=deadline_s)
        except InvalidRequest as error:
            found = {"code": error.code}
        await fetcher.aclose()
    assert (found == {"code": "image_not_allowed"}) is not allow_private
    assert len(host.requests) == int(allow_private)


async def test_images_are_fetched_side_by_side() -> None:
    async with Upstream(whole(PNG, content_type="image/png", delay_s=0.1)) as host:
        asked = document(*(image(f"{host.base_url}/{i}") for i in range(8)))
        started = time.monotonic()
        found = await inlined(asked, host.port)
        assert time.monotonic() - started < 0.7
    assert base64.b64encode(PNG).decode() in str(found)
    assert len(host.connections) == 8

import pytest

from app.domain.errors import InvalidRequest
from tests.app.providers.fetching import (
    document,
    image,
    inlined,
    moved,
    picture,
)
from tests.conversations import PNG, data_url
from tests.internals import PRIVATE, SECRET, Inside
from tests.upstreams import Upstream


async def test_redirects_are_followed_three_times() -> None:
    async with Upstream(moved("/a"), moved("b", 307), moved("//127.0.0.1:0/", 200), picture()) as host:
        host.script(moved("/a"), moved("b", 307), moved(f"{host.base_url}/c", 308), picture())
        found = await inlined(document(image(host.base_url)), host.port)
        assert found["messages"][0]["content"][0]["image_url"]["url"] == data_url("image/png", PNG)
    assert [request.target for request in host.requests] == ["/v1", "/a", "/b", "/v1/c"]


async def test_a_loop_of_redirects_ends() -> None:
    async with Upstream(moved("/")) as host:
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(image(host.base_url)), host.port)
    assert caught.value.code == "image_unreachable"
    assert len(host.requests) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://{0}:{1}/",
        "//{0}:{1}/",
        "http://2130706434:{1}",
        "http://u@{0}:{1}/",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
async def test_a_redirect_inside_is_not_followed(location: str) -> None:
    async with Inside(picture(PNG + SECRET.encode())) as inside, Upstream(picture()) as host:
        host.script(moved(location.format(PRIVATE, inside.port)))
        with pytest.raises(InvalidRequest) as caught:
            await inlined(document(image(host.base_url)), host.port, inside.port)
    assert caught.value.code == "image_not_allowed"
    assert inside.connections == []
    assert not any(word in repr(caught.value.body()) for word in (SECRET, PRIVATE, str(inside.port)))

"""Whether somebody is at an address; only public ones are asked."""

import asyncio

import httpx
import pytest

from app.providers.guarded_transport import GuardedTransport
from app.providers.reach import PublicReach


async def reach(handler: httpx.MockTransport, url: str = "https://a.example/x") -> bool:
    return await PublicReach(handler)(url, resolve_only=False)


@pytest.mark.parametrize(
    ("status", "there"), [(200, True), (204, True), (301, False), (404, False), (500, False)]
)
async def test_somebody_is_there_who_answers_with_success(status: int, there: bool) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(status)

    assert await reach(httpx.MockTransport(answer)) is there
    assert asked == ["HEAD"]


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), OSError(), httpx.InvalidURL("no")])
async def test_who_does_not_answer_is_not_there(error: Exception) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    assert not await reach(httpx.MockTransport(answer))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/", "ftp://x/"]
)
@pytest.mark.parametrize("resolve_only", [True, False])
async def test_this_machine_and_private_networks_are_not_there(url: str, resolve_only: bool) -> None:
    public = PublicReach(GuardedTransport())
    assert not await public(url, resolve_only=resolve_only) or url == "ftp://x/"
    await public.aclose()


async def test_who_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.providers.reach._TIMEOUT_S", 0.01)

    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    assert not await reach(httpx.MockTransport(hang))

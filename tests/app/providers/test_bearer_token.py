import asyncio
import json
from collections.abc import Callable, Coroutine

import httpx
import pytest

from app.domain.errors import UpstreamError, UpstreamTimeout, UpstreamUnauthorized
from app.providers.bearer_token import BearerToken, Token, token_document, token_of

REQUEST = httpx.Request("POST", "http://up/chat")
SECRET = "hunter2-hunter2"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Issuer:
    """Gives out tokens that live for an hour, and fails when told to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.fetches = 0
        self.error: UpstreamError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, deadline_s: float) -> Token:
        self.fetches += 1
        number = self.fetches
        try:
            async with asyncio.timeout_at(deadline_s):
                await self.gate.wait()
        except TimeoutError:
            raise UpstreamTimeout("late") from None
        if self.error is not None:
            raise self.error
        return Token(f"token-{number}", self._clock() + 3600, {"x-project": "p"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


@pytest.fixture
def bearer(issuer: Issuer, clock: Clock) -> BearerToken:
    return BearerToken(issuer, keys=(SECRET,), clock=clock)


async def shown(bearer: BearerToken, within_s: float = 2.0) -> str:
    deadline_s = asyncio.get_running_loop().time() + within_s
    return (await bearer.headers(REQUEST, deadline_s))["authorization"]


async def failure(bearer: BearerToken, within_s: float = 2.0) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await shown(bearer, within_s)
    return caught.value


async def test_a_token_is_fetched_once_and_kept_until_a_minute_before_its_end(
    bearer: BearerToken, issuer: Issuer, clock: Clock
) -> None:
    assert await shown(bearer) == "Bearer token-1"
    clock.now_s += 3539
    assert await shown(bearer) == "Bearer token-1"
    assert issuer.fetches == 1
    clock.now_s += 2
    assert await shown(bearer) == "Bearer token-2"


async def test_headers_of_the_token_go_with_it(bearer: BearerToken) -> None:
    assert await bearer.headers(REQUEST, asyncio.get_running_loop().time() + 1) == {
        "authorization": "Bearer token-1",
        "x-project": "p",
    }


async def test_all_who_wait_share_one_fetch(bearer: BearerToken, issuer: Issuer) -> None:
    issuer.gate.clear()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(shown(bearer)) for _ in range(20)]
        await asyncio.sleep(0)
        issuer.gate.set()
    assert {task.result() for task in waiting} == {"Bearer token-1"}
    assert issuer.fetches == 1


async def test_all_who_wait_share_one_failure(bearer: BearerToken, issuer: Issuer) -> None:
    issuer.gate.clear()
    issuer.error = UpstreamUnauthorized("no")
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(failure(bearer)) for _ in range(20)]
        await asyncio.sleep(0)
        issuer.gate.set()
    assert [str(task.result()) for task in waiting] == ["no"] * 20
    assert issuer.fetches == 1


async def test_after_a_failure_the_next_request_tries_again(bearer: BearerToken, issuer: Issuer) -> None:
    issuer.error = UpstreamUnauthorized("no")
    assert isinstance(await failure(bearer), UpstreamUnauthorized)
    issuer.error = None
    assert await shown(bearer) == "Bearer token-2"


async def test_whoever_fetches_may_leave_and_another_fetches(bearer: BearerToken, issuer: Issuer) -> None:
    issuer.gate.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(shown(bearer))
        second = group.create_task(shown(bearer))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0.01)
        issuer.gate.set()
    assert first.cancelled()
    assert second.result() == "Bearer token-2"


async def test_whoever_has_more_time_than_the_one_who_fetches_tries_himself(
    bearer: BearerToken, issuer: Issuer
) -> None:
    issuer.gate.clear()
    async with asyncio.TaskGroup() as group:
        hasty = group.create_task(failure(bearer, 0.02))
        patient = group.create_task(shown(bearer))
        await asyncio.sleep(0.05)
        issuer.gate.set()
    assert isinstance(hasty.result(), UpstreamTimeout)
    assert patient.result() == "Bearer token-2"


async def test_whoever_waits_for_anothers_fetch_keeps_his_own_deadline(
    bearer: BearerToken, issuer: Issuer
) -> None:
    issuer.gate.clear()
    async with asyncio.TaskGroup() as group:
        patient = group.create_task(shown(bearer))
        await asyncio.sleep(0)
        assert isinstance(await failure(bearer, 0.02), UpstreamTimeout)
        issuer.gate.set()
    assert patient.result() == "Bearer token-1"


async def test_a_failed_refresh_leaves_the_old_token_in_use_to_its_end(
    bearer: BearerToken, issuer: Issuer, clock: Clock
) -> None:
    await shown(bearer)
    issuer.error = UpstreamUnauthorized("no")
    clock.now_s += 3550
    assert [await shown(bearer) for _ in range(5)] == ["Bearer token-1"] * 5
    assert issuer.fetches == 2
    clock.now_s += 6
    await shown(bearer)
    assert issuer.fetches == 3
    clock.now_s += 50
    with pytest.raises(UpstreamUnauthorized):
        await shown(bearer)


async def test_nobody_waits_for_anothers_refresh(bearer: BearerToken, issuer: Issuer, clock: Clock) -> None:
    await shown(bearer)
    clock.now_s += 3550
    issuer.gate.clear()
    async with asyncio.TaskGroup() as group:
        refreshing = group.create_task(shown(bearer))
        await asyncio.sleep(0)
        assert await shown(bearer, 0.1) == "Bearer token-1"
        issuer.gate.set()
    assert refreshing.result() == "Bearer token-2"


async def test_keys_and_tokens_are_secrets(bearer: BearerToken, clock: Clock) -> None:
    assert bearer.secrets() == (SECRET,)
    await shown(bearer)
    assert bearer.secrets() == (SECRET, "token-1")
    clock.now_s += 3590
    await shown(bearer)
    assert bearer.secrets() == (SECRET, "token-1", "token-2")
    assert "token" not in repr(Token("token-1", 1.0)).replace("Token", "")


async def test_a_token_that_no_header_can_hold_is_none(clock: Clock) -> None:
    async def fetch(deadline_s: float) -> Token:
        return Token("a\r\nx: b", clock() + deadline_s)

    with pytest.raises(UpstreamUnauthorized, match="no header"):
        await shown(BearerToken(fetch, clock=clock))


Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


async def asked(handler: Handler, within_s: float = 2.0) -> dict[str, object]:
    request = httpx.Request("POST", "https://id.test/token", data={"client_secret": SECRET, "scope": "a b"})
    deadline_s = asyncio.get_running_loop().time() + within_s
    return await token_document(httpx.MockTransport(handler), request, slug="az", deadline_s=deadline_s)


async def test_a_form_is_posted_and_the_answer_returned() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        assert request.content == b"client_secret=hunter2-hunter2&scope=a+b"
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert request.headers["accept-encoding"] == "identity"
        return httpx.Response(200, json={"access_token": "t"})

    assert await asked(handler) == {"access_token": "t"}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"error": "invalid_client", "error_codes": [7000215]}, "401 (invalid_client, AADSTS7000215)."),
        (400, {"error": f"you sent {SECRET}", "error_description": SECRET}, "status 400."),
        (403, {"error": {"status": "PERMISSION_DENIED", "message": SECRET}}, "403 (PERMISSION_DENIED)."),
        (500, SECRET, "status 500."),
        (302, {}, "status 302."),
        (200, [SECRET], "no JSON object."),
    ],
)
async def test_what_the_endpoint_says_is_repeated_only_as_far_as_it_is_no_secret(
    status: int, body: object, said: str
) -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=json.dumps(body))

    with pytest.raises(UpstreamUnauthorized) as caught:
        await asked(handler)
    assert said in caught.value.message
    assert SECRET not in str(caught.value.body())
    assert caught.value.message.startswith("No access token for @az: ")


async def test_an_endpoint_that_sends_no_json_gives_no_token() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"<html>")

    with pytest.raises(UpstreamUnauthorized, match="no JSON object"):
        await asked(handler)


async def test_an_endpoint_that_is_away_gives_no_token() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the connection was refused", request=request)

    with pytest.raises(UpstreamUnauthorized, match=r"id\.test could not be reached"):
        await asked(handler)


async def test_an_endpoint_that_is_slow_is_a_timeout() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(5)
        raise AssertionError

    with pytest.raises(UpstreamTimeout, match=r"id\.test did not answer in time"):
        await asked(handler, 0.02)


@pytest.mark.parametrize(
    ("fields", "expires_at_s"),
    [
        ({"expires_in": 3599}, 4599.0),
        ({"expires_in": "3599", "expires_on": "9"}, 4599.0),
        ({"expires_on": "1700000000"}, 1700000000.0),
        ({"expires_in": "soon"}, 1300.0),
        ({"expires_in": True}, 1300.0),
        ({"expires_in": -5}, 1300.0),
        ({}, 1300.0),
    ],
)
def test_a_token_lives_as_long_as_its_endpoint_says(fields: dict[str, object], expires_at_s: float) -> None:
    token = token_of({"access_token": "t", **fields}, now_s=1000.0, slug="az")
    assert (token.value, token.expires_at_s) == ("t", expires_at_s)


@pytest.mark.parametrize("document", [{}, {"access_token": ""}, {"access_token": 5}])
def test_an_answer_without_a_token_is_none(document: dict[str, object]) -> None:
    with pytest.raises(UpstreamUnauthorized, match="holds none"):
        token_of(document, now_s=0.0, slug="az")

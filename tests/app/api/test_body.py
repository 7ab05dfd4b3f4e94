import asyncio
import time
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.types import HTTPScope, Receive

from app.api import body as module
from app.api.body import CallerLeft, RequestBody
from app.domain.errors import RequestTimeout, RequestTooLarge

LEFT = {"type": "http.disconnect"}
_LONG_S = 60.0


def receive_of(*messages: dict[str, Any]) -> Receive:
    left = iter(messages)

    async def receive() -> Any:
        return next(left)

    return receive


def pieces_of(*pieces: bytes) -> list[dict[str, Any]]:
    last = len(pieces) - 1
    return [{"type": "http.request", "body": piece, "more_body": i < last} for i, piece in enumerate(pieces)]


def scope_with(**headers: bytes) -> HTTPScope:
    fields = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return cast("HTTPScope", {"type": "http", "headers": fields})


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), min_size=1, max_size=9))
async def test_a_body_is_its_pieces_in_order(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    assert await RequestBody(scope_with(), receive_of(*pieces_of(*pieces))).read(len(body), _LONG_S) == body


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), min_size=1, max_size=9).filter(any))
async def test_a_body_of_one_byte_too_much_is_refused(pieces: list[bytes]) -> None:
    size = sum(map(len, pieces))
    with pytest.raises(RequestTooLarge, match=str(size - 1)):
        await RequestBody(scope_with(), receive_of(*pieces_of(*pieces))).read(size - 1, _LONG_S)


@pytest.mark.parametrize("declared", [b"11", b"99999999999999999999999999", b"9" * 5000])
async def test_a_declared_length_is_enough_to_refuse(declared: bytes) -> None:
    with pytest.raises(RequestTooLarge):
        await RequestBody(scope_with(content_length=declared), receive_of()).read(10, _LONG_S)


@pytest.mark.parametrize("declared", [b"10", b"-1", b"junk", b""])
async def test_any_other_length_is_not_relied_upon(declared: bytes) -> None:
    scope = scope_with(content_length=declared)
    assert await RequestBody(scope, receive_of(*pieces_of(b"0123456789"))).read(10, _LONG_S) == b"0123456789"


async def test_a_body_that_breaks_off_is_no_body() -> None:
    with pytest.raises(CallerLeft):
        await RequestBody(scope_with(), receive_of(pieces_of(b"{", b"}")[0], LEFT)).read(10, _LONG_S)


async def test_a_body_that_stops_coming_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    left = pieces_of(b"{", b"}")[:1]

    async def receive() -> Any:
        return left.pop() if left else await asyncio.sleep(30)

    monkeypatch.setattr(module, "_PIECE_S", 0.01)
    with pytest.raises(RequestTimeout):
        await RequestBody(scope_with(), receive).read(10, _LONG_S)


async def test_a_body_may_take_longer_than_one_piece_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter(pieces_of(*[b"x"] * 8))

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return next(left)

    monkeypatch.setattr(module, "_PIECE_S", 0.1)
    assert await RequestBody(scope_with(), receive).read(10, _LONG_S) == b"x" * 8


@pytest.mark.parametrize("pause_s", [0.02, 0])
async def test_a_body_that_trickles_for_ever_is_given_up(pause_s: float) -> None:
    given_up_s = time.monotonic() + 10

    async def receive() -> Any:
        if pause_s:
            await asyncio.sleep(pause_s)
        more = {"type": "http.request", "body": b"", "more_body": True}
        return more if time.monotonic() < given_up_s else LEFT

    with pytest.raises(RequestTimeout, match=r"within 0\.1 s \(`server.body_timeout_ms`\)"):
        await RequestBody(scope_with(), receive).read(10, 0.1)


async def test_what_is_discarded_is_taken_to_its_end() -> None:
    messages = pieces_of(b"1", b"2", b"3")
    receive = receive_of(*messages, LEFT)
    body = RequestBody(scope_with(), receive)
    with pytest.raises(RequestTooLarge):
        await body.read(1, _LONG_S)
    await body.discard()
    assert await receive() == LEFT


async def test_there_is_nothing_to_discard_behind_the_end() -> None:
    body = RequestBody(scope_with(), receive_of(*pieces_of(b"12")))
    with pytest.raises(RequestTooLarge):
        await body.read(1, _LONG_S)
    await body.discard()


async def test_a_client_that_waits_to_be_asked_for_its_body_is_not_asked() -> None:
    await RequestBody(scope_with(expect=b"100-continue"), receive_of()).discard()


async def test_a_client_that_left_is_not_waited_for() -> None:
    with pytest.raises(CallerLeft):
        await RequestBody(scope_with(), receive_of(LEFT)).discard()


async def test_what_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def receive() -> Any:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 10, "more_body": True}

    monkeypatch.setattr(module, "_DISCARD_BYTES", 100)
    await RequestBody(scope_with(), receive).discard()
    assert asked == 10


async def test_what_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive() -> Any:
        await asyncio.sleep(30)

    monkeypatch.setattr(module, "_DISCARD_S", 0.01)
    await RequestBody(scope_with(), receive).discard()

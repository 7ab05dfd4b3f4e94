from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.types import HTTPScope, Receive

from app.api.body import CallerLeft, read_body
from app.domain.errors import RequestTooLarge

LEFT = {"type": "http.disconnect"}


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
    assert await read_body(scope_with(), receive_of(*pieces_of(*pieces)), len(body)) == body


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), min_size=1, max_size=9).filter(any))
async def test_a_body_of_one_byte_too_much_is_refused(pieces: list[bytes]) -> None:
    size = sum(map(len, pieces))
    with pytest.raises(RequestTooLarge, match=str(size - 1)):
        await read_body(scope_with(), receive_of(*pieces_of(*pieces)), size - 1)


@pytest.mark.parametrize("declared", [b"11", b"99999999999999999999999999", b"9" * 5000])
async def test_a_declared_length_is_enough_to_refuse(declared: bytes) -> None:
    with pytest.raises(RequestTooLarge):
        await read_body(scope_with(content_length=declared), receive_of(), 10)


@pytest.mark.parametrize("declared", [b"10", b"-1", b"junk", b""])
async def test_any_other_length_is_not_relied_upon(declared: bytes) -> None:
    scope = scope_with(content_length=declared)
    assert await read_body(scope, receive_of(*pieces_of(b"0123456789")), 10) == b"0123456789"


async def test_a_body_that_breaks_off_is_no_body() -> None:
    with pytest.raises(CallerLeft):
        await read_body(scope_with(), receive_of(pieces_of(b"{", b"}")[0], LEFT), 10)

import json
from typing import Any

import pytest

from app.api.replies import Reply, error_headers
from app.domain.errors import (
    HandrailError,
    InternalError,
    InvalidRequest,
    Overloaded,
    ShuttingDown,
    Unauthenticated,
    UnknownModel,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (InvalidRequest("x"), True),
        (Unauthenticated("x"), True),
        (UnknownModel("x"), True),
        (InternalError("x"), True),
        (Overloaded("x"), False),
        (ShuttingDown("x"), False),
        (UpstreamTimeout("x"), False),
        (UpstreamUnreachable("x"), False),
        (UpstreamRefused("x", status=429), False),
        (UpstreamRefused("x", status=500), False),
    ],
)
def test_a_client_is_told_not_to_repeat_what_cannot_succeed(error: HandrailError, final: bool) -> None:
    assert ((b"x-should-retry", b"false") in error_headers(error)) == final


@pytest.mark.parametrize("value", ["1\r\nset-cookie: a=b", "ä", "1\x00"])
def test_a_provider_cannot_put_anything_else_into_the_headers(value: str) -> None:
    error = UpstreamRefused("x", status=429, headers=(("Retry-After", value), ("location", "/")))
    assert [name for name, _ in error_headers(error)] == [b"content-type"]


def test_when_to_come_back_is_passed_on() -> None:
    error = UpstreamRefused("x", status=429, headers=(("Retry-After", "3"),))
    assert (b"retry-after", b"3") in error_headers(error)


async def test_an_error_behind_the_begin_of_a_stream_is_an_event() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    reply = Reply(send)
    await reply.stream()
    await reply.piece(b"data: 1\n\n")
    await reply.error(UpstreamTimeout("Too slow."))
    assert [message["type"] for message in sent] == ["http.response.start", *["http.response.body"] * 3]
    assert json.loads(sent[2]["body"].removeprefix(b"data: "))["error"]["code"] == "upstream_timeout"
    assert [message["more_body"] for message in sent[1:]] == [True, True, False]

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.replies import Reply, error_headers
from app.domain.errors import (
    GatewayError,
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


def _classes(error: type[HandrailError]) -> Iterator[type[HandrailError]]:
    yield error
    for one in error.__subclasses__():
        yield from _classes(one)


def test_what_went_wrong_here_is_a_gateway_exception_and_nothing_else_is() -> None:
    """Portkey's header says so to its SDK, which then sends nothing again."""
    theirs = (("x-portkey-gateway-exception", "true"),)
    made = {
        one: UpstreamRefused("no", status=500, headers=theirs) if one is UpstreamRefused else one("no")
        for one in _classes(HandrailError)
    }
    ours = (b"x-portkey-gateway-exception", b"true")
    found = {one: ours in error_headers(error) for one, error in made.items()}
    assert {one for one, is_ours in found.items() if is_ours} == set(_classes(GatewayError))
    assert len(found) > 20


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


class Interrupted:
    """A connection whose caller is cancelled while he sends one message, which goes out or not."""

    def __init__(self, at: int, *, goes_out: bool) -> None:
        self.sent: list[Any] = []
        self._at = at
        self._goes_out = goes_out

    async def send(self, message: Any) -> None:
        self._at -= 1
        if self._at != 0 or self._goes_out:
            self.sent.append(message)
        if self._at == 0:
            raise asyncio.CancelledError


@pytest.mark.parametrize("goes_out", [False, True])
@pytest.mark.parametrize("at", [1, 2])
async def test_nothing_is_begun_behind_a_whole_answer_that_was_interrupted(at: int, goes_out: bool) -> None:
    line = Interrupted(at, goes_out=goes_out)
    reply = Reply(line.send)
    with pytest.raises(asyncio.CancelledError):
        await reply.document({"a": 1})
    before = [*line.sent]
    await reply.error(ShuttingDown("x"))
    assert line.sent == before


async def test_nothing_is_sent_behind_the_end_of_a_stream() -> None:
    line = Interrupted(2, goes_out=True)
    reply = Reply(line.send)
    await reply.stream()
    with pytest.raises(asyncio.CancelledError):
        await reply.end()
    await reply.error(ShuttingDown("x"))
    assert [message["type"] for message in line.sent] == ["http.response.start", "http.response.body"]


@pytest.mark.parametrize("kind", ["document", "blocked", "error", "stream"])
@pytest.mark.parametrize("told", [[], [(b"x-a", b"1")], [(b"x-a", b"1"), (b"x-b", b"2")]])
async def test_every_answer_has_the_headers_that_tell_of_its_exchange(
    kind: str, told: list[tuple[bytes, bytes]]
) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    reply = Reply(send)
    match kind:
        case "document":
            await reply.document({}, told)
        case "blocked":
            await reply.blocked({}, told)
        case "error":
            await reply.error(InternalError("x"), told)
        case _:
            await reply.stream(told)
    assert [
        one for one in sent[0]["headers"] if one[0].startswith(b"x-") and one[0] in {b"x-a", b"x-b"}
    ] == told

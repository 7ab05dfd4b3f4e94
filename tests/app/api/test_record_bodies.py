import msgspec
import pytest
from litestar import Litestar, post
from litestar.connection import Request
from litestar.datastructures import State

from app.api.errors import ErrorHandler
from app.api.identity import Identities
from app.api.record_bodies import body_of
from telemetry import build_tracer
from tests.fakes import FakeLog
from tests.gateways import client_of


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    n: int = 0


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    inner: Inner = Inner()
    names: list[str] = []


@post("/", status_code=200)
async def ask(request: Request[None, None, State]) -> dict[str, int]:
    return {"n": (await body_of(request, Asked, max_bytes=64)).inner.n}


@pytest.mark.parametrize(
    ("sent", "status", "param"),
    [
        (b'{"inner": {"n": 3}}', 200, None),
        (b'{"inner": {"n": "x"}}', 400, "inner.n"),
        (b'{"inner": {"m": 1}}', 400, "inner.m"),
        (b'{"other": 1}', 400, "other"),
        (b'{"names": ["a", 1]}', 400, "names[1]"),
        (b"[]", 400, None),
        (b'{"a":{"a":{"a":{"a":{}}}}}', 400, None),
        (b'{"names": ["' + b"x" * 64 + b'"]}', 400, None),
    ],
)
async def test_what_is_wrong_with_a_body_is_named(sent: bytes, status: int, param: str | None) -> None:
    errors = ErrorHandler(Identities(build_tracer({}, "0")), FakeLog())
    app = Litestar([ask], exception_handlers={Exception: errors}, openapi_config=None)
    async with client_of(app) as client:
        answer = await client.post("/", content=sent, headers={"content-type": "application/json"})
        untyped = await client.post("/", content=sent)
    assert untyped.status_code == 415
    assert answer.status_code == status
    assert answer.json() == {"n": 3} if status == 200 else answer.json()["error"]["param"] == param

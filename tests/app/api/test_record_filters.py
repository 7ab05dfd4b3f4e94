from datetime import UTC, datetime

import httpx
import msgspec
from litestar import Litestar, get
from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from app.api.errors import ErrorHandler
from app.api.identity import Identities
from app.api.record_filters import FILTERS, asking_filters, require_known
from app.records.filters import Filter
from app.records.subjects import subjects_of
from app.secret import Secret
from telemetry import build_tracer
from tests.fakes import FakeLog
from tests.gateways import client_of

KEY = Secret("k" * 32)


@get("/", dependencies=asking_filters(KEY))
async def ask(request: Request[None, None, State], asked: NamedDependency[Filter]) -> dict[str, object]:
    require_known(request, FILTERS)
    return msgspec.structs.asdict(asked)


async def asked(query: str) -> httpx.Response:
    errors = ErrorHandler(Identities(build_tracer({}, "0")), FakeLog())
    app = Litestar([ask], exception_handlers={Exception: errors}, openapi_config=None)
    async with client_of(app) as client:
        return await client.get(f"/?{query}")


async def test_a_query_says_which_exchanges() -> None:
    found = (await asked("since=today&caller=a&caller=b&subject=anna&trace=t&error=e")).json()
    assert found["since"].startswith(f"{datetime.now(UTC):%Y-%m-}")
    assert (found["caller"], found["trace"], found["error"]) == (["a", "b"], "t", "e")
    assert found["subject"] == [*subjects_of("anna", KEY)]


async def test_what_cannot_be_asked_names_the_parameter() -> None:
    for query, name in (("until=soon", "until"), ("outcome=fine", "outcome"), ("modell=x", "modell")):
        answer = await asked(query)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, name)

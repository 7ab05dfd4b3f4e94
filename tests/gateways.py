"""The HTTP service in this process, with fakes behind it: what stands between a socket and the pipeline."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.application import application
from app.api.connection import Drain
from app.api.exchange import PATH, PATHS, ExchangeEndpoint, Serving
from app.api.health import Condition
from app.api.identity import Identities
from app.api.proxy import ProxyEndpoint
from app.domain.exchange import ExchangeRecord
from app.domain.ports import Provider
from app.pipeline import Pipeline
from app.policy import Policy
from app.routing.listing import Listing, ModelLister
from app.routing.resolve import Routes
from app.settings import KeySettings
from app.wire.openai.request import Limits
from guardrails import Action, Guardrail, Match, Run, Side
from guardrails.view import AS_IT_STANDS
from telemetry import build_tracer
from tests.fakes import FakeLog, FakePrices, FakeProvider, FakeRecords, answer_of, router_of

QUESTION: dict[str, Any] = {"model": "@fake/model", "messages": [{"role": "user", "content": "Hello?"}]}
STREAMED = QUESTION | {"stream": True}


class Gateway:
    """A service and the fakes behind it."""

    def __init__(
        self,
        provider: Provider | None = None,
        *,
        keys: Mapping[str, KeySettings] | None = None,
        guardrails: Sequence[Guardrail] = (),
        max_body_bytes: int = 10_000,
        grace_s: float = 5.0,
        models: tuple[str, ...] = (),
        listers: Sequence[ModelLister] = (),
        conditions: Mapping[str, Condition] | None = None,
        identities: Identities | None = None,
        reports: Sequence[HTTPRouteHandler] = (),
    ) -> None:
        self.log = FakeLog()
        self.records = FakeRecords()
        self.drain = Drain(grace_s)
        self.provider = provider or FakeProvider(*answer_of("Hi", " there"))
        self.routes = Routes((self.provider,), {"fake": models})
        keyring, identities = Keyring(keys or {}), identities or Identities(build_tracer({}, "0"))
        self.pipeline = Pipeline(
            router=router_of(self.provider, routes=self.routes),
            policy=Policy(guardrails, b"k" * 32, "v1"),
            prices=FakePrices(),
            records=self.records,
            limits=Limits(),
            log=self.log,
            scrub=lambda text: text,
        )
        serving = Serving(
            pipeline=self.pipeline,
            keyring=keyring,
            identities=identities,
            drain=self.drain,
            max_body_bytes=max_body_bytes,
            body_timeout_s=60,
            log=self.log,
        )
        self.app = application(
            endpoints={operation: ExchangeEndpoint(serving, operation) for operation in PATHS},
            proxy=ProxyEndpoint(serving),
            listing=Listing(listers, {"fake": models}, self.routes, self.log),
            reports=reports,
            conditions=conditions or {},
            keyring=keyring,
            identities=identities,
            lifespan=(),
            log=self.log,
            version="0",
        )

    @property
    def record(self) -> ExchangeRecord:
        """The one exchange on record."""
        (record,) = self.records.taken
        return record

    def client(self) -> httpx.AsyncClient:
        """Return a client that speaks to the application without a socket."""
        return client_of(self.app)

    def connect(self, *body: bytes, headers: Mapping[str, str] | None = None) -> "Connection":
        """Return a request to chat completions over bare ASGI whose body comes in these pieces."""
        return Connection(self.app, body, {"content-type": "application/json"} | dict(headers or {}))

    async def ask(self, document: object, headers: Mapping[str, str] | None = None) -> "Connection":
        """Send one request to chat completions and return what became of it."""
        connection = self.connect(json.dumps(document).encode(), headers=headers)
        await connection.run()
        return connection


def client_of(app: Litestar) -> httpx.AsyncClient:
    """Return a client that runs the application on the test's own event loop, as litestar's does not."""
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # what httpx really calls it with
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


class Connection:
    """One request and its response, message by message."""

    def __init__(self, app: Litestar, body: Sequence[bytes], headers: Mapping[str, str]) -> None:
        self._app = app
        self._body = [*body]
        self._fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.received = 0
        """How many pieces of the body were asked for."""
        self.leave = asyncio.Event()
        """Set it, and the caller closes the connection."""
        self.takes = asyncio.Event()
        """Clear it, and the caller takes nothing more."""
        self.takes.set()
        self.sent: list[dict[str, Any]] = []

    async def run(self) -> None:
        """Serve it to its end."""
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "headers": self._fields,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "asgi": {"version": "3.0"},
        }
        await self._app(scope, self._receive, self._send)  # type: ignore[arg-type]  # what servers really hand over

    async def _receive(self) -> Any:
        if self._body:
            self.received += 1
            piece = self._body.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self._body)}
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.takes.wait()
        self.sent.append(message)

    @property
    def status(self) -> int:
        """Of the response."""
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        """Of the response."""
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        """Of the response, so far."""
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def ended(self) -> bool:
        """Whether the response is complete."""
        return bool(self.sent) and not self.sent[-1].get("more_body", True)

    @property
    def error(self) -> dict[str, Any]:
        """The error that is the body, or the last event of the stream."""
        last = self.body.strip().rpartition(b"\n\n")[2].removeprefix(b"data: ")
        error: dict[str, Any] = json.loads(last)["error"]
        return error


async def until(happened: Callable[[], object]) -> None:
    """Wait for something that another task does."""
    async with asyncio.timeout(2):
        while not happened():  # noqa: ASYNC110 (what happens is not ours to signal)
            await asyncio.sleep(0.001)


class _Forbidden:
    """A check that finds the word `forbidden`."""

    kind = "words"
    triggers = ("forbidden",)
    redactable = True
    views = AS_IT_STANDS

    def find(self, run: Run) -> Sequence[Match]:
        place = run.text.find("forbidden")
        return [] if place < 0 else [Match("deny", place, place + len("forbidden"))]

    def is_open(self, text: str, start: int) -> bool:
        return False


def forbidding(name: str = "no-forbidden", *, default: bool = True) -> Guardrail:
    """Return a guardrail that blocks the word `forbidden` on both sides."""
    return Guardrail(name, frozenset(Side), (_Forbidden(),), Action.BLOCK, default=default)

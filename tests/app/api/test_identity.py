from typing import Any, cast

import pytest
from litestar.types import HTTPScope

from app.api.identity import Identities
from telemetry import Trace, Tracer, build_tracer
from tests.gateways import Gateway

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def scope_with(*headers: tuple[bytes, bytes]) -> HTTPScope:
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/p", "scheme": "http"}
    return cast("HTTPScope", scope | {"headers": [*headers]})


@pytest.fixture
def identities() -> Identities:
    return Identities(build_tracer({}, "0"))


def test_a_request_has_one_identity(identities: Identities) -> None:
    scope = scope_with()
    assert identities.of(scope) is identities.of(scope)
    assert identities.of(scope).exchange_id != identities.of(scope_with()).exchange_id


@pytest.mark.parametrize(
    ("path", "name"),
    [("/v1/models/@a/b/c", "GET /v1/models/{model}"), ("/etc/passwd?", "GET unknown")],
)
async def test_a_span_is_named_by_the_route_and_never_by_the_path(path: str, name: str) -> None:
    started: list[str] = []
    tracer = build_tracer({}, "0")

    class Noting:
        def start(self, name: str, *rest: Any) -> Trace:
            started.append(name)
            return tracer.start(name, *rest)

    gateway = Gateway(identities=Identities(cast("Tracer", Noting())))
    async with gateway.client() as client:
        await client.get(path)
    assert started == [name]


def test_a_callers_trace_goes_on(identities: Identities) -> None:
    sent = f"00-{TRACE_ID}-00f067aa0ba902b7-01".encode()
    states = ((b"tracestate", b"a=1"), (b"tracestate", b"b=2"))
    identity = identities.of(scope_with((b"traceparent", sent), *states))
    headers = dict(identity.headers())
    assert headers[b"x-portkey-trace-id"] == TRACE_ID.encode()
    assert headers[b"traceparent"].startswith(b"00-" + TRACE_ID.encode())
    assert headers[b"traceparent"] != sent


@pytest.mark.parametrize("sent", [b"", b"   ", b"x" * 129, b"a\xff", b"a\x00b", b"tab\tin", "ä".encode()])
def test_a_trace_id_that_is_not_sane_is_replaced_by_ours(identities: Identities, sent: bytes) -> None:
    identity = identities.of(scope_with((b"x-portkey-trace-id", sent)))
    assert identity.caller_trace_id is None
    assert dict(identity.headers())[b"x-portkey-trace-id"] == identity.trace.trace_id.encode()


def test_a_path_is_shown_without_what_there_is_in_it_to_hide() -> None:
    identities = Identities(build_tracer({}, "0"), lambda text: text.replace("hunter2", "[SECRET]"))
    scope = scope_with()
    scope["path"] = "/v1/files/hunter2"
    identity = identities.of(scope)
    assert identity.path == "/v1/files/[SECRET]"
    assert identity.trace.root.attributes["url.path"] == "/v1/files/[SECRET]"


def test_a_callers_own_trace_id_takes_the_place_of_ours(identities: Identities) -> None:
    identity = identities.of(scope_with((b"x-portkey-trace-id", b" order 7/b ")))
    assert identity.caller_trace_id == "order 7/b"
    assert dict(identity.headers())[b"x-portkey-trace-id"] == b"order 7/b"


async def test_only_the_beginning_of_a_response_is_stamped(identities: Identities) -> None:
    scope = scope_with()
    start: Any = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}
    body: Any = {"type": "http.response.body", "body": b""}
    await identities.stamp(start, scope)
    await identities.stamp(body, scope)
    assert start["headers"] == [(b"a", b"b"), *identities.of(scope).headers()]
    assert body == {"type": "http.response.body", "body": b""}


def test_what_a_caller_puts_into_its_ids_is_taken_over_only_where_there_is_nothing_to_hide() -> None:
    carried: list[dict[str, str]] = []
    tracer = build_tracer({}, "0")

    class Noting:
        def start(self, name: str, kind: Any, at: int, carrier: dict[str, str], more: Any) -> Trace:
            carried.append(carrier)
            return tracer.start(name, kind, at, carrier, more)

    identities = Identities(cast("Tracer", Noting()), lambda text: text.replace("hunter2", "[SECRET]"))
    for said, taken in ((b"hunter2", False), (b"x" * 513, False), (b"fine", True)):
        sent = ((b"x-portkey-trace-id", said), (b"tracestate", b"a=" + said))
        identity = identities.of(scope_with(*sent))
        assert (identity.caller_trace_id == said.decode()) is taken
        assert ("tracestate" in carried[-1]) is taken

import re

import pytest

from tests.gateways import QUESTION, Gateway

EVERY_KIND_OF_RESPONSE = [
    ("GET", "/", 200),
    ("GET", "/healthz", 200),
    ("GET", "/v1/models", 200),
    ("GET", "/v1/models/unknown", 404),
    ("POST", "/v1/chat/completions", 200),
    ("GET", "/v1/chat/completions", 405),
    ("POST", "/v1/nothing", 404),
    ("DELETE", "/healthz", 405),
    ("GET", "/docs/unknown", 404),
    ("OPTIONS", "/v1/models", 204),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERY_KIND_OF_RESPONSE)
async def test_every_response_can_be_found_again(method: str, path: str, status: int) -> None:
    async with Gateway().client() as client:
        reply = await client.request(method, path, json=QUESTION if method == "POST" else None)
    assert reply.status_code == status
    assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["x-request-id"])
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["x-portkey-trace-id"])
    assert reply.headers["x-portkey-trace-id"] in reply.headers["traceparent"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [kind for kind in EVERY_KIND_OF_RESPONSE if kind[2] >= 400]
)
async def test_every_error_has_openais_shape(method: str, path: str, status: int) -> None:
    async with Gateway().client() as client:
        reply = await client.request(method, path)
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}
    assert reply.headers["x-should-retry"] == "false"
    assert reply.status_code == status

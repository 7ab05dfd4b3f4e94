"""Every route, found in the application itself: closed unless it is meant to be open."""

import pytest
from litestar.routes import HTTPRoute

from app.access.keys import key_hash
from app.settings import KeySettings
from tests.gateways import QUESTION, Gateway

KEYS = {"team-a": KeySettings(hash=key_hash("hr-key"))}
OPEN = {
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/docs"),
    ("GET", "/docs/openapi.json"),
    ("GET", "/docs/{path:str}"),
    ("OPTIONS", "/docs"),
    ("OPTIONS", "/docs/openapi.json"),
    ("OPTIONS", "/docs/{path:str}"),
}


def all_routes() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in Gateway().app.routes
        if isinstance(route, HTTPRoute)
        for method in sorted(route.methods)
    ]


def test_there_are_only_http_routes() -> None:
    assert [route for route in Gateway().app.routes if not isinstance(route, HTTPRoute)] == []


def test_what_is_open_exists() -> None:
    assert set(all_routes()) >= OPEN


HEADERS = [
    {},
    {"authorization": "Bearer hr-wrong"},
    {"host": "evil/healthz"},
    {"host": "/healthz?"},
    {"host": "127.0.0.1:8787/docs#"},
    {"x-forwarded-host": "evil", "x-forwarded-prefix": "/healthz", "x-original-url": "/healthz"},
]


@pytest.mark.parametrize(("method", "path"), [route for route in all_routes() if route not in OPEN])
@pytest.mark.parametrize("headers", HEADERS)
async def test_a_route_is_closed_to_whoever_has_no_key(
    method: str, path: str, headers: dict[str, str]
) -> None:
    async with Gateway(keys=KEYS).client() as client:
        target = path.replace("{model:path}", "m").replace("{path:str}", "p")
        reply = await client.request(method, target, json=QUESTION, headers=headers)
    assert reply.status_code in {400, 401}
    if reply.status_code == 400:
        assert "host" in reply.text.lower()
    assert "choices" not in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/",
        "//v1/models",
        "/v1//models",
        "/healthz/../v1/models",
        "/docs/../v1/models",
        "/v1/models;/healthz",
        "/v1/models%2F",
        "/V1/models",
    ],
)
async def test_a_strange_path_opens_nothing(path: str) -> None:
    async with Gateway(keys=KEYS, models=("secret-model",)).client() as client:
        reply = await client.get(path)
    assert reply.status_code in {401, 404}
    assert "secret-model" not in reply.text


async def test_a_key_opens_a_route() -> None:
    async with Gateway(keys=KEYS).client() as client:
        for headers in ({"authorization": "Bearer hr-key"}, {"x-portkey-api-key": "hr-key"}):
            assert (await client.get("/v1/models", headers=headers)).status_code == 200


async def test_the_open_routes_need_no_key() -> None:
    async with Gateway(keys=KEYS).client() as client:
        for path in ("/", "/healthz", "/readyz", "/docs", "/docs/openapi.json"):
            assert (await client.get(path)).status_code == 200

import re

from tests.gateways import Gateway


async def test_the_document_is_there_for_tools() -> None:
    async with Gateway().client() as client:
        document = (await client.get("/docs/openapi.json")).json()
    assert document["info"]["title"] == "Handrail"
    assert document["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert {"/v1/chat/completions", "/v1/models", "/healthz", "/readyz"} <= document["paths"].keys()


async def test_the_page_shows_every_route_with_its_examples() -> None:
    async with Gateway().client() as client:
        paths = (await client.get("/docs/openapi.json")).json()["paths"]
        reply = await client.get("/docs")
    assert reply.headers["content-type"].startswith("text/html")
    for path in paths:
        assert path in reply.text
    assert "@openai/gpt-5-mini" in reply.text
    assert "x-handrail-guardrails" in reply.text


async def test_the_page_loads_nothing_from_anywhere() -> None:
    async with Gateway().client() as client:
        page = (await client.get("/docs")).text
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"?([^\" >]+)", page) == ["/docs/openapi.json"]
    assert "url(" not in page

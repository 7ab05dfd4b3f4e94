import asyncio

import pytest

from app.api import health
from app.api.health import Degraded
from tests.gateways import Gateway


async def well() -> str | None:
    return None


async def unwell() -> str | None:
    return "cannot be reached"


async def test_the_process_is_up_whatever_else_is_not() -> None:
    async with Gateway(conditions={"database": unwell}).client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_the_service_is_ready_when_everything_it_needs_is_there() -> None:
    async with Gateway(conditions={"database": well}).client() as client:
        reply = await client.get("/readyz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ready"})


async def test_a_service_that_is_not_ready_says_why() -> None:
    async with Gateway(conditions={"database": unwell, "other": well}).client() as client:
        reply = await client.get("/readyz")
    assert reply.status_code == 503
    assert reply.json() == {"status": "not ready", "reasons": {"database": "cannot be reached"}}


async def test_what_is_not_as_it_should_be_is_told_but_the_service_gets_work() -> None:
    async def limping() -> Degraded:
        return Degraded("is slow")

    async with Gateway(conditions={"database": limping, "other": well}).client() as client:
        reply = await client.get("/readyz")
    assert reply.status_code == 200
    assert reply.json() == {"status": "ready", "degraded": {"database": "is slow"}}


async def test_a_question_that_hangs_is_given_up_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hanging() -> str | None:
        await asyncio.sleep(30)
        return None

    monkeypatch.setattr(health, "_CONDITION_S", 0.1)
    conditions = {"a": hanging, "b": hanging, "c": unwell, "d": well}
    async with asyncio.timeout(0.19), Gateway(conditions=conditions).client() as client:
        reply = await client.get("/readyz")
    assert reply.json()["reasons"] == {
        "a": "does not answer",
        "b": "does not answer",
        "c": "cannot be reached",
    }


async def test_the_root_says_what_this_is_and_where_to_go() -> None:
    async with Gateway().client() as client:
        text = (await client.get("/")).text
    assert text.startswith("Handrail")
    for path in ("/v1/chat/completions", "/v1/models", "/docs", "/readyz"):
        assert path in text

"""A service is told of exchanges, and finds nothing."""

import asyncio

import pytest

from guardrails.config import ConfigError
from guardrails.conversation import Conversation
from guardrails.portkey.log import log
from guardrails.remote.service import ServiceRefused
from tests.guardrails.portkey.subjects import answered, asked
from tests.guardrails.remote.asked import Service

URL = "https://log.example/x"


async def test_a_service_is_told_of_all_texts_and_of_no_headers() -> None:
    service = Service(lambda _: {})
    conversation = Conversation("gpt-4o", metadata={"team": "a"}, headers={"authorization": "Bearer x"})
    check = log({"logURL": URL, "headers": '{"x-key": "k"}'}, "p", service.services)
    assert await check.consider(asked("first", "last", conversation=conversation)) == ()
    (request,) = service.requests
    assert (request.url, request.method, request.headers["x-key"]) == (URL, "POST", "k")
    (told,) = service.questions
    assert told["text"] == "first\nlast"
    assert (told["eventType"], told["metadata"]) == ("beforeRequestHook", {"team": "a"})
    assert b"Bearer x" not in request.body


async def test_an_answer_is_told_in_its_own_place() -> None:
    service = Service(lambda _: {})
    await log({"logURL": URL}, "p", service.services).consider(answered("yes"))
    (told,) = service.questions
    assert told["eventType"] == "afterRequestHook"
    assert told["response"]["json"]["choices"][0]["message"]["content"] == "yes"


async def test_a_service_that_refuses_is_an_error() -> None:
    with pytest.raises(ServiceRefused):
        await log({"logURL": URL}, "p", Service(lambda _: {}, status=500).services).consider(asked("a"))


async def test_a_service_that_hangs_is_a_timeout() -> None:
    class Slow(Service):
        async def send(self, request: object) -> object:  # type: ignore[override]  # it never answers
            await asyncio.sleep(30)
            return None

    with pytest.raises(TimeoutError):
        await log({"logURL": URL, "timeout": 10}, "p", Slow().services).consider(asked("a"))


@pytest.mark.parametrize(
    "config", [{}, {"logURL": "ftp://x"}, {"logURL": URL, "headers": "nonsense"}, {"logURL": URL, "a": 1}]
)
def test_a_mistake_is_named_when_it_is_loaded(config: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"^p"):
        log(config, "p", Service().services)

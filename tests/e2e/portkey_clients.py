"""Portkey's SDK as tests ask with it, sync and async, and the service that they ask."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from portkey_ai import AsyncPortkey, Portkey
from portkey_ai._vendor import openai as portkeys_openai

from app.access.keys import new_key
from tests.e2e.completions import echo
from tests.e2e.rows import Database
from tests.upstreams import Answer, Upstream, whole

MARKS = [
    # What the SDK does (portkey_ai 2.3): it never closes all of its clients, and calls pydantic by old names.
    pytest.mark.filterwarnings("ignore:The `dict` method is deprecated"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*socket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*ssl:pytest.PytestUnraisableExceptionWarning"),
]
KEY = new_key()
HELLO: Any = [{"role": "user", "content": "hello there"}]
OPERATORS, CALLERS = "sk-of-the-operator", "sk-of-the-caller"
Ask = Callable[..., Any]


class Gateway(msgspec.Struct, frozen=True):
    """A running service and the ports of its two upstreams: the configured one, and that of a caller."""

    url: str
    port: int
    callers_port: int
    folder: Path

    def provider(self, *answers: Answer) -> Upstream:
        return Upstream(*(answers or (echo,)), port=self.port)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question, once there are any: the record follows the answer."""
        record = Database(f"sqlite:///{self.folder}/handrail.db")
        return [tuple(row.values()) for row in record.wait(bool, query)]


def sync(base_url: str, **options: Any) -> Ask:
    def ask(**question: Any) -> Any:
        with Portkey(base_url=base_url, **({"api_key": KEY} | options)) as client:
            answer = client.chat.completions.create(**({"model": "gpt", "messages": HELLO} | question))
            return list(answer) if question.get("stream") else answer

    return lambda **question: asyncio.to_thread(ask, **question)


def asynchronous(base_url: str, **options: Any) -> Ask:
    async def ask(**question: Any) -> Any:
        async with AsyncPortkey(base_url=base_url, **({"api_key": KEY} | options)) as client:
            answer = await client.chat.completions.create(**({"model": "gpt", "messages": HELLO} | question))
            return [chunk async for chunk in answer] if question.get("stream") else answer

    return ask


both = pytest.mark.parametrize("client", [sync, asynchronous])


@contextlib.asynccontextmanager
async def portkey(gateway: Gateway, **options: Any) -> AsyncIterator[tuple[Any, list[httpx.Response]]]:
    """Yield the SDK's client, and what it gets."""
    answers: list[httpx.Response] = []

    async def keep(answer: httpx.Response) -> None:
        answers.append(answer)

    http = httpx.AsyncClient(verify=False, event_hooks={"response": [keep]})
    async with AsyncPortkey(base_url=gateway.url, api_key=KEY, http_client=http, **options) as client:
        yield client, answers


async def ask(gateway: Gateway, *, streamed: bool = False, model: str = "gpt", **options: Any) -> Any:
    """Ask one question; return the answer or its chunks, or the error, and the response as it came."""
    async with portkey(gateway, **options) as (client, answers):
        try:
            answer = await client.chat.completions.create(model=model, messages=HELLO, stream=streamed)
            answer = [one async for one in answer] if streamed else answer
        except portkeys_openai.APIStatusError as error:
            answer = error
    return answer, answers[-1]


def fallback(*providers: str, **fields: Any) -> dict[str, Any]:
    return {"strategy": {"mode": "fallback"}, "targets": [{"provider": one} for one in providers], **fields}


def refusing(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return whole({"error": {"message": "no", "type": "t", "code": "c"}}, status=status, headers=named)

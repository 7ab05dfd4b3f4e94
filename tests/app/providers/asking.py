"""What the tests of providers share: a provider for an upstream, and one completion asked of it."""

from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx

from app.catalogue.catalogue import Catalogue
from app.domain.events import ProviderEvent
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.providers.build import build
from app.providers.http import HttpProvider
from app.providers.identities import Surroundings
from app.secret import Secret
from app.settings import ProviderSettings

CATALOGUE = Catalogue.load()
KEY = "sk-test-0123456789abcdef"
HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def chunk(text: str | None, finish: str | None = None) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


CHUNKS = [chunk("Hel"), chunk("lo"), chunk(None, "stop")]
DOCUMENT = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
}


def provider(base_url: str, transport: httpx.AsyncBaseTransport, **settings: Any) -> HttpProvider:
    return build(
        "up",
        ProviderSettings(kind="openai", base_url=base_url, api_key=Secret(KEY), **settings),
        CATALOGUE,
        Surroundings({}, Path("/nowhere"), transport),
    )


def new_attempt() -> Attempt:
    return Attempt(
        number=1,
        provider="up",
        provider_kind="openai",
        model="m",
        server_address="127.0.0.1",
        server_port=1,
        started_ns=0,
    )


def request(*, stream: bool = False, **fields: Any) -> ModelRequest:
    document = {"model": "@up/m", "messages": [{"role": "user", "content": "hi"}], **fields}
    return ModelRequest({**document, "stream": True} if stream else document, "@up/m", stream)


async def ask(
    asked: HttpProvider, *, stream: bool = False, attempt: Attempt | None = None
) -> list[ProviderEvent]:
    """Return all events of one answer."""
    async with aclosing(asked.ask(request(stream=stream), "m", attempt or new_attempt())) as answer:
        return [event async for event in answer]

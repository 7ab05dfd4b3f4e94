"""Whether the service is up (`/healthz`), whether it should get work (`/readyz`), and what it is (`/`)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from app.api.access import PUBLIC


class Degraded(msgspec.Struct, frozen=True):
    """A thing is not as it should be, but the service works all the same."""

    why: str


Condition = Callable[[], Awaitable[str | Degraded | None]]
"""Asks one thing the service needs; returns why it is not there, None if it is. It is cancelled after a
second."""
_CONDITION_S = 1.0
"""A question may be repeated every second or two, and whoever asks gives up soon (kubelets: after 1 s)."""

_GREETING = """\
Handrail: guardrails, traces and an SQL record for every LLM call.

Point an OpenAI client at http://THIS-HOST/v1 and name models as @provider/model.

POST /v1/chat/completions   chat, whole or streamed
GET  /v1/models             what can be asked for
GET  /docs                  the API
GET  /readyz                whether it works
"""


def health_routes(conditions: Mapping[str, Condition]) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        conditions: what `/readyz` asks, by the name it reports.
    """

    @get("/", opt=PUBLIC, media_type=MediaType.TEXT, sync_to_thread=False, include_in_schema=False)
    def greeting() -> str:
        """Say what this is and where to go."""
        return _GREETING

    @get("/healthz", opt=PUBLIC, sync_to_thread=False, summary="Whether the process is up", tags=["health"])
    def healthz() -> dict[str, str]:
        """Answer as soon as the process does."""
        return {"status": "ok"}

    @get("/readyz", opt=PUBLIC, summary="Whether the service should get work", tags=["health"])
    async def readyz() -> Response[dict[str, Any]]:
        """Answer 200 if everything the service needs is there, else 503 with what is not.

        What is there in another way than it should be is told beside the 200.
        """
        answers = await asyncio.gather(*map(_asked, conditions.values()))
        named = dict(zip(conditions, answers, strict=True))
        reasons = {name: why for name, why in named.items() if isinstance(why, str)}
        degraded = {name: answer.why for name, answer in named.items() if isinstance(answer, Degraded)}
        if reasons:
            return Response({"status": "not ready", "reasons": reasons}, status_code=503)
        return Response({"status": "ready"} | ({"degraded": degraded} if degraded else {}))

    return [greeting, healthz, readyz]


async def _asked(condition: Condition) -> str | Degraded | None:
    try:
        async with asyncio.timeout(_CONDITION_S):
            return await condition()
    except TimeoutError:
        return "does not answer"

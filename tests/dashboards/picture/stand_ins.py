"""Stand-ins for what a gateway speaks to: models that take their time, and a service that judges topics.

They wait as long as services of their kind may (log-normal times), answer in words that have nothing to say,
and now and then in an address or a key, which is what guardrails on answers are for. For a share of the load
the provider `north` is away.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from aiohttp import web

ADDRESS = "m.okafor@example.org"
KEY = "ghp_" + "Wq8ZtR4mKx2VbN7cJd5LfH9sGy3PaT" + "0AFklK"
"""Nobody's: in the shape of a GitHub token, checksum included."""
FORBIDDEN = "dosage"
"""The topic that the service does not let pass."""
_WORDS = (
    "the order was sent on the third and covers what was agreed in spring a reminder goes out one week "
    "before that date if something is unclear whoever signed it can ask for a line by line explanation"
).split()
_STEP_WORDS = 4
"""A streamed answer comes in pieces of so many words."""


class Model(msgspec.Struct, frozen=True):
    """How a model answers."""

    first_ms: float
    """Median time to its first words."""
    word_ms: float
    words: int
    """Median length of an answer."""


MODELS: Mapping[str, Model] = {
    "small": Model(first_ms=90, word_ms=2.0, words=60),
    "medium": Model(first_ms=180, word_ms=4.0, words=90),
    "large": Model(first_ms=320, word_ms=7.0, words=120),
}


class StandIns:
    """Both services on one port.

    Args:
        chance: where all that is random comes from.
        speed: how many times as fast as life; a test has no time.
    """

    def __init__(self, chance: random.Random, speed: float = 1.0) -> None:
        self._chance = chance
        self._speed = speed
        self.is_away = False
        """Whether `north` answers 503."""
        self.app = web.Application()
        self.app.router.add_post("/{provider}/v1/chat/completions", self._complete)
        self.app.router.add_post("/topics", self._judge)

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[int]:
        """Serve until the block ends, and yield the port on 127.0.0.1."""
        runner = web.AppRunner(self.app, access_log=None, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        model = MODELS[asked["model"]]
        if self.is_away and request.match_info["provider"] == "north":
            await self._wait(20)
            return web.json_response({"error": {"message": "Overloaded", "type": "server_error"}}, status=503)
        words = self._answer(model)
        usage = {"prompt_tokens": self._tokens_of(asked), "completion_tokens": round(len(words) * 1.3)}
        usage["total_tokens"] = sum(usage.values())
        await self._wait(model.first_ms)
        if asked.get("stream"):
            response = web.StreamResponse(headers={"content-type": "text/event-stream"})
            with contextlib.suppress(ConnectionResetError):  # whoever asked has left
                await self._stream(request, response, model, words, usage)
            return response
        await asyncio.sleep(len(words) * model.word_ms / 1000 / self._speed)
        message = {"role": "assistant", "content": " ".join(words)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        head = _head(asked["model"], "chat.completion")
        return web.json_response({**head, "choices": [choice], "usage": usage})

    async def _stream(
        self,
        request: web.Request,
        response: web.StreamResponse,
        model: Model,
        words: list[str],
        usage: dict[str, int],
    ) -> None:
        await response.prepare(request)
        head = _head("", "chat.completion.chunk")
        for start in range(0, len(words), _STEP_WORDS):
            piece = words[start : start + _STEP_WORDS]
            delta = {"content": " ".join(piece) + " "}
            await _send(response, {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            await asyncio.sleep(len(piece) * model.word_ms / 1000 / self._speed)
        await _send(response, {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        await _send(response, {**head, "choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")

    async def _judge(self, request: web.Request) -> web.Response:
        asked = await request.json()
        await self._wait(18, spread=0.6)
        return web.json_response({"verdict": FORBIDDEN not in asked["text"]})

    async def _wait(self, median_ms: float, spread: float = 0.35) -> None:
        await asyncio.sleep(median_ms / 1000 * self._chance.lognormvariate(0, spread) / self._speed)

    def _answer(self, model: Model) -> list[str]:
        length = max(8, round(model.words * self._chance.lognormvariate(0, 0.5)))
        words = [self._chance.choice(_WORDS) for _ in range(length)]
        odd = self._chance.random()
        if odd < 0.05:
            words[length // 2 : length // 2] = ["write", "to", ADDRESS]
        elif odd < 0.065:
            words[length // 2 : length // 2] = ["use", KEY]
        return words

    def _tokens_of(self, asked: Mapping[str, Any]) -> int:
        return 40 + sum(len(message["content"]) // 4 for message in asked["messages"])


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": int(time.time()), "model": model}


async def _send(response: web.StreamResponse, chunk: Mapping[str, Any]) -> None:
    await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")

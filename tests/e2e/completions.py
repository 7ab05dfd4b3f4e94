"""Answers of a provider, written out as the API reference shows them, for scripted upstreams."""

from collections.abc import Iterable
from typing import Any

from tests.upstreams import Answer, Connection, Received, stream, whole

_HEAD = {"id": "chatcmpl-1", "created": 1_764_000_000, "model": "gpt-test", "system_fingerprint": "fp_1"}
USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}


def completion(*choices: dict[str, Any]) -> dict[str, Any]:
    """Return a whole answer with these choices."""
    return {**_HEAD, "object": "chat.completion", "choices": list(choices), "usage": USAGE}


def said(text: str, index: int = 0) -> dict[str, Any]:
    """Return a choice that is text."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {"index": index, "message": message, "logprobs": None, "finish_reason": "stop"}


def chunk(delta: dict[str, Any], *, index: int = 0, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """Return an event of a stream."""
    choice = {"index": index, "delta": delta, "finish_reason": finish, **more}
    return {**_HEAD, "object": "chat.completion.chunk", "choices": [choice]}


def usage_chunk() -> dict[str, Any]:
    """Return the event with the usage, which has no choices."""
    return {**_HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}


def spoken(words: Iterable[str], *, delay_s: float = 0.0) -> Answer:
    """Stream these pieces of text as one choice, with usage and `[DONE]`."""
    pieces = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": word}) for word in words)]
    return stream([*pieces, chunk({}, finish="stop"), usage_chunk(), "[DONE]"], delay_s=delay_s)


async def echo(connection: Connection, request: Received) -> None:
    """Answer with what was asked, streamed word by word if that was asked for."""
    document = request.json()
    text = document["messages"][-1]["content"]
    words = [f"{word} " for word in text.split(" ")]
    answer = spoken(words, delay_s=0.002) if document.get("stream") else whole(completion(said(text)))
    await answer(connection, request)

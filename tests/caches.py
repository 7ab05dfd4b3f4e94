"""What tests of the cache share: a clock, an answer, a request, a scope."""

from typing import Any

from app.cache.key import Scope

SECRET = b"0123456789abcdef"
SCOPE = Scope(caller="team-a", provider="openai", model="gpt-5.6", strict=True, policy_version="v1")


class Clock:
    """Seconds as the test says."""

    def __init__(self, now_s: float = 1_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def answer(text: str = "Paris.", *, reason: str | None = "stop", **choice: Any) -> dict[str, Any]:
    """Return a `chat.completion` document."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "created": 1_790_000_000,
        "model": "gpt-5.6-2026",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reason, **choice}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    }


def asking(text: str = "What is the capital of France?", **params: Any) -> dict[str, Any]:
    """Return a request's document."""
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    return {"model": "@openai/gpt-5.6", "messages": messages, **params}

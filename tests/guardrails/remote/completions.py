"""Chat completions as the servers of guard models and judges answer them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any


def completion(text: str | None, tokens: Sequence[tuple[str, Mapping[str, float]]] = ()) -> dict[str, Any]:
    """Return a completion.

    Args:
        text: what is said.
        tokens: each with the probabilities of what could have stood there, itself included.
    """
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": None, "tool_calls": []},
        "finish_reason": "stop",
        "logprobs": None,
    }
    if tokens:
        choice["logprobs"] = {"content": [_token(token, chances) for token, chances in tokens]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "guard",
        "choices": [choice],
        "usage": {"prompt_tokens": 200, "completion_tokens": 3, "total_tokens": 203},
    }


def _token(token: str, chances: Mapping[str, float]) -> dict[str, Any]:
    return {
        "token": token,
        "bytes": list(token.encode()),
        "logprob": math.log(chances[token]),
        "top_logprobs": [
            {"token": other, "bytes": list(other.encode()), "logprob": math.log(chance)}
            for other, chance in chances.items()
        ],
    }

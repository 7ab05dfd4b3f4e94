"""Cohere's API on a socket: answers what its rules allow, in its words, and refuses the rest in its words.

    async with Upstream(CohereEmulator(), path="") as api:
        cohere.AsyncClientV2(api_key=KEY, base_url=api.base_url)

Rules are in `cohere_rules.py`. What is answered follows from the question: the first function, if one must be
called, with the arguments `{"city": "Paris"}`; that object too, if JSON is asked for; else the last user's
words.
"""

import json
from typing import Any

from tests.emulators.cohere_events import stream_bytes
from tests.emulators.cohere_rules import faults
from tests.upstreams import Answer, Connection, Received, stream, whole

KEY = "co-key-0123456789"
MODELS = ("command-a-03-2025", "command-a-reasoning-08-2025")
_PARIS = '{"city": "Paris"}'
_USAGE = {
    "billed_units": {"input_tokens": 5.0, "output_tokens": 7.0},
    "tokens": {"input_tokens": 71.0, "output_tokens": 7.0},
    "cached_tokens": 0.0,
}


class CohereEmulator:
    """An `Answer` to whatever comes."""

    async def __call__(self, connection: Connection, request: Received) -> None:
        """Answer one request."""
        await _answer(request)(connection, request)


def _answer(request: Received) -> Answer:
    path = request.target.partition("?")[0]
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not key:
        return _refuse(401, "no api key supplied")
    if key != KEY:
        return _refuse(401, "invalid api token")
    if (request.method, path) == ("GET", "/v1/models"):
        models = [{"name": name, "endpoints": ["chat"], "context_length": 256000.0} for name in MODELS]
        return whole({"models": [*models, {"name": "embed-v4.0", "endpoints": ["embed"]}]})
    if (request.method, path) != ("POST", "/v2/chat"):
        return _refuse(404, "not found")
    try:
        body = request.json()
    except ValueError:
        return _refuse(400, "invalid request: body is not JSON")
    wrong = faults(body)
    if wrong:
        # Keys nobody knows are a 422 there, values that are wrong a 400.
        return _refuse(422 if "unexpected" in wrong[0] else 400, wrong[0])
    if body["model"] not in MODELS:
        return _refuse(404, f"model '{body['model']}' not found, make sure the correct model ID was used")
    answer = reply(body)
    return stream([stream_bytes(answer)]) if body.get("stream") else whole(answer)


def reply(body: dict[str, Any]) -> dict[str, Any]:
    """Return what is answered to a good question."""
    message: dict[str, Any] = {"role": "assistant"}
    if body.get("tool_choice") == "REQUIRED":
        tool = body["tools"][-1]["function"]["name"]
        message["tool_plan"] = "I will call it."
        function = {"name": tool, "arguments": _PARIS}
        message["tool_calls"] = [{"id": f"{tool}_0", "type": "function", "function": function}]
    else:
        is_json = body.get("response_format", {}).get("type") == "json_object"
        text = _PARIS if is_json else _last_words(body["messages"])
        message["content"] = [{"type": "text", "text": text}]
        if body.get("thinking", {}).get("type") == "enabled":
            message["content"].insert(0, {"type": "thinking", "thinking": "Hm."})
    reason = "TOOL_CALL" if message.get("tool_calls") else "COMPLETE"
    return {"id": "co-1", "finish_reason": reason, "message": message, "usage": _USAGE}


def _last_words(messages: list[dict[str, Any]]) -> str:
    for message in reversed(messages):
        if message["role"] == "user":
            content = message["content"]
            return content if isinstance(content, str) else str(content[0].get("text") or "an image")
    return "Nothing was said."


def _refuse(status: int, message: str) -> Answer:
    return whole(json.dumps({"id": "e-1", "message": message}).encode(), status=status)

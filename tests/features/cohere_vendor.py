"""Cohere as a vendor of the feature tests: rules and events are those of `tests/emulators/cohere.py`."""

import json
from typing import Any

from tests.emulators.cohere_events import stream_bytes
from tests.emulators.cohere_rules import faults
from tests.features.said import CACHED_TOKENS, COMPLETION_TOKENS, PROMPT_TOKENS, RETRY_AFTER_S, Heard, Said
from tests.features.vendor import KEY, POLITE
from tests.upstreams import Answer, Received, stream, whole

_USAGE = {
    "billed_units": {"input_tokens": 5.0, "output_tokens": 7.0},
    "tokens": {"input_tokens": float(PROMPT_TOKENS), "output_tokens": float(COMPLETION_TOKENS)},
    "cached_tokens": float(CACHED_TOKENS),
}


class CohereVendor:
    """A `tests.features.vendor.Vendor`."""

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a request that breaks a rule; None if it breaks none."""
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _refused(401, "invalid api token")
        if (request.method, request.target) != ("POST", "/v2/chat"):
            return _refused(404, "not found")
        wrong = faults(request.json())
        return _refused(400, wrong[0]) if wrong else None

    def heard(self, request: Received) -> Heard:
        """Return what was asked."""
        body = request.json()
        messages = body["messages"]
        form = body.get("response_format") or {}
        is_json = form.get("type") == "json_object"
        return Heard(
            instructions=json.dumps([one for one in messages if one["role"] == "system"]),
            turns=tuple((one["role"], json.dumps(one)) for one in messages if one["role"] != "system"),
            tools=tuple(tool["function"]["name"] for tool in body.get("tools") or ()),
            forced="any" if body.get("tool_choice") == "REQUIRED" else "no",
            json="no" if not is_json else "schema" if form.get("json_schema") else "object",
            thinks=(body.get("thinking") or {}).get("type") == "enabled",
        )

    def answer(self, request: Received, said: Said) -> Answer:
        """Return what is said, whole or streamed."""
        document = _document(said)
        return stream([stream_bytes(document)]) if request.json().get("stream") else whole(document)

    def overloaded(self) -> Answer:
        """Return that there is too much to do."""
        return _refused(429, POLITE, {"retry-after": RETRY_AFTER_S})

    def overloaded_within(self) -> Answer | None:
        """Return None: its streams end with a reason or not at all."""
        return None


def _document(said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant"}
    texts = (("thinking", said.thoughts), ("text", said.text))
    content = [{"type": kind, kind: text} for kind, text in texts if text]
    if content:
        message["content"] = content
    if said.calls:
        message["tool_calls"] = [
            {
                "id": f"{call.name}_{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
            }
            for number, call in enumerate(said.calls)
        ]
    reason = "TOOL_CALL" if said.calls else "COMPLETE"
    return {"id": "co-1", "finish_reason": reason, "message": message, "usage": _USAGE}


def _refused(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return whole({"id": "e-1", "message": message}, status=status, headers=headers)

"""Anthropic as a vendor of the feature tests, on its own host and on Vertex AI.

Rules, types and streams are those of `tests/emulators/anthropic.py`; what is answered is what is given.
"""

import json
import re
from typing import Any, Literal

import msgspec

from tests.emulators.anthropic import STATUSES, Refused, _checked, _error
from tests.emulators.anthropic_events import events_of, sse
from tests.features.said import CACHED_TOKENS, COMPLETION_TOKENS, PROMPT_TOKENS, RETRY_AFTER_S, Heard, Said
from tests.features.vendor import KEY, POLITE
from tests.upstreams import Answer, Received, stream, whole

_VERTEX = re.compile(r"/models/([^/:]+):(rawPredict|streamRawPredict)\Z")
_FORCED: dict[str, Literal["one", "any"]] = {"tool": "one", "any": "any"}
_USAGE = {
    "input_tokens": PROMPT_TOKENS - CACHED_TOKENS,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": CACHED_TOKENS,
    "output_tokens": COMPLETION_TOKENS,
    "service_tier": "standard",
}


class AnthropicVendor:
    """A `tests.features.vendor.Vendor`.

    Args:
        host: whose paths and whose credentials it has.
    """

    def __init__(self, host: str = "anthropic") -> None:
        self._is_vertex = host == "vertex"

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a request that breaks a rule; None if it breaks none."""
        try:
            self._check(request)
        except Refused as refused:
            return whole(_error(refused.kind, str(refused)), status=STATUSES[refused.kind])
        return None

    def heard(self, request: Received) -> Heard:
        """Return what was asked."""
        body = request.json()
        choice = body.get("tool_choice") or {"type": "auto"}
        form = (body.get("output_config") or {}).get("format")
        return Heard(
            instructions=json.dumps(body.get("system")),
            turns=tuple((turn["role"], json.dumps(turn["content"])) for turn in body["messages"]),
            tools=tuple(tool["name"] for tool in body.get("tools") or ()),
            forced=_FORCED.get(choice["type"], "no"),
            only=(choice["name"],) if choice["type"] == "tool" else (),
            json="schema" if form else "no",
            thinks=body.get("thinking", {"type": "disabled"})["type"] != "disabled",
        )

    def answer(self, request: Received, said: Said) -> Answer:
        """Return what is said, whole or streamed."""
        message = _message(said)
        if not request.json().get("stream"):
            return whole(message)
        return stream([sse(event) for event in events_of(message)])

    def overloaded(self) -> Answer:
        """Return that there is too much to do."""
        headers = {"retry-after": RETRY_AFTER_S}
        return whole(_error("rate_limit_error", POLITE), status=429, headers=headers)

    def overloaded_within(self) -> Answer | None:
        """Return the same in a stream."""
        return stream([sse(_error("rate_limit_error", POLITE))])

    def _check(self, request: Received) -> None:
        headers = request.headers
        if not self._is_vertex:
            if headers.get("x-api-key") != KEY:
                raise Refused("authentication_error", "invalid x-api-key")
            if (request.method, request.target) != ("POST", "/v1/messages"):
                raise Refused("not_found_error", "Not found")
            _checked(request, headers.get("anthropic-version", ""))
            return
        if headers.get("authorization") != f"Bearer {KEY}":
            raise Refused("authentication_error", "invalid credentials")
        route, body = _VERTEX.search(request.target), request.json()
        is_stream = body.get("stream") is True
        method = "streamRawPredict" if is_stream else "rawPredict"
        if route is None or route[2] != method or body.pop("anthropic_version", None) != "vertex-2023-10-16":
            raise Refused("not_found_error", "Not found")
        if "model" in body:
            raise Refused("invalid_request_error", "model: Extra inputs are not permitted")
        body["model"] = route[1]
        _checked(msgspec.structs.replace(request, body=json.dumps(body).encode()), "2023-06-01")


def _message(said: Said) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    if said.thoughts:
        content.append({"type": "thinking", "thinking": said.thoughts, "signature": "c2lnbmF0dXJl"})
    if said.text:
        content.append({"type": "text", "text": said.text})
    content += [
        {"type": "tool_use", "id": f"toolu_{number}", "name": call.name, "input": call.arguments}
        for number, call in enumerate(said.calls)
    ]
    return {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": content,
        "stop_reason": "tool_use" if said.calls else "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": _USAGE,
    }

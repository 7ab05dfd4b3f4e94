"""Gemini as a vendor of the feature tests, on the Gemini API and on Vertex AI.

Rules are those of `tests/emulators/gemini.py`; what is answered is what is given.
"""

import json
from typing import Any

from tests.emulators.gemini import GeminiEmulator
from tests.features.said import (
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    RETRY_AFTER_S,
    THOUGHT_TOKENS,
    Heard,
    Said,
)
from tests.features.vendor import POLITE
from tests.upstreams import Answer, Received, stream, whole

TOKEN = "ya29.token-1"
"""The first that the emulator's token server gives out."""
_BUSY = {"error": {"code": 429, "message": POLITE, "status": "RESOURCE_EXHAUSTED"}}
_ROLES = {"model": "assistant"}


class GeminiVendor:
    """A `tests.features.vendor.Vendor`; the path says whether it is Vertex AI's."""

    def __init__(self) -> None:
        self._emulator = GeminiEmulator([{}])
        self._emulator.tokens.given = 1

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a request that breaks a rule; None if it breaks none."""
        return self._emulator.refusal(request)

    def heard(self, request: Received) -> Heard:
        """Return what was asked."""
        body = request.json()
        config = body.get("generationConfig") or {}
        calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
        declared = [one for tool in body.get("tools", ()) for one in tool.get("functionDeclarations", ())]
        has_schema = "responseSchema" in config or "responseJsonSchema" in config
        is_json = config.get("responseMimeType") == "application/json"
        return Heard(
            instructions=json.dumps(body.get("systemInstruction")),
            turns=tuple(
                (_ROLES.get(turn["role"], turn["role"]), json.dumps(turn["parts"]))
                for turn in body["contents"]
            ),
            tools=tuple(one["name"] for one in declared),
            forced="any" if calling.get("mode") == "ANY" else "no",
            only=tuple(calling.get("allowedFunctionNames", ())),
            json="no" if not is_json else "schema" if has_schema else "object",
            thinks=config.get("thinkingConfig", {}).get("includeThoughts") is True,
        )

    def answer(self, request: Received, said: Said) -> Answer:
        """Return what is said, whole or streamed."""
        parts = _parts(said)
        usage = _usage(said)
        if ":streamGenerateContent" not in request.target:
            return whole(_response(parts, finishReason="STOP") | usage)
        responses = [_response([part]) | usage for piece in parts for part in _pieces(piece)]
        responses.append(_response([{"text": ""}], finishReason="STOP") | usage)
        return stream([b"data: %b\r\n\r\n" % json.dumps(one).encode() for one in responses])

    def overloaded(self) -> Answer:
        """Return that there is too much to do."""
        return whole(_BUSY, status=429, headers={"retry-after": RETRY_AFTER_S})

    def overloaded_within(self) -> Answer | None:
        """Return the same in a stream."""
        return stream([b"data: %b\r\n\r\n" % json.dumps(_BUSY).encode()])


def _parts(said: Said) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if said.thoughts:
        parts.append({"text": said.thoughts, "thought": True})
    if said.text:
        parts.append({"text": said.text})
    for number, call in enumerate(said.calls):
        signed = {} if number else {"thoughtSignature": "c2lnbmF0dXJl"}
        parts.append({"functionCall": {"name": call.name, "args": call.arguments}, **signed})
    return parts


def _pieces(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts that a part is streamed as."""
    if "text" not in part:
        return [part]
    return [{**part, "text": text} for text in (part["text"][:6], part["text"][6:])]


def _response(parts: list[dict[str, Any]], **fields: str) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0, **fields}
    return {"candidates": [candidate], "responseId": "r", "modelVersion": "gemini"}


def _usage(said: Said) -> dict[str, Any]:
    thoughts = THOUGHT_TOKENS if said.thoughts else 0
    counted = {
        "promptTokenCount": PROMPT_TOKENS,
        "cachedContentTokenCount": CACHED_TOKENS,
        "candidatesTokenCount": COMPLETION_TOKENS - thoughts,
        "totalTokenCount": PROMPT_TOKENS + COMPLETION_TOKENS,
    }
    return {"usageMetadata": counted | ({"thoughtsTokenCount": thoughts} if thoughts else {})}

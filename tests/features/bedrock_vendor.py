"""Bedrock as a vendor of the feature tests: rules and frames are those of `tests/emulators/bedrock.py`."""

import json
from collections.abc import Iterator
from typing import Any

from tests.emulators.bedrock import BedrockEmulator, _refused
from tests.event_streams import CONTENT_TYPE, event, exception
from tests.features.said import CACHED_TOKENS, COMPLETION_TOKENS, PROMPT_TOKENS, RETRY_AFTER_S, Heard, Said
from tests.features.vendor import POLITE
from tests.upstreams import Answer, Received, stream, whole

_USAGE = {
    "inputTokens": PROMPT_TOKENS - CACHED_TOKENS,
    "cacheReadInputTokens": CACHED_TOKENS,
    "outputTokens": COMPLETION_TOKENS,
    "totalTokens": PROMPT_TOKENS + COMPLETION_TOKENS,
}
_THINKING = ("thinking", "reasoningConfig", "reasoning_effort")


class BedrockVendor:
    """A `tests.features.vendor.Vendor`, known by an API key."""

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a request that breaks a rule; None if it breaks none."""
        error = BedrockEmulator().fault(request)
        return None if error is None else _refused(error)

    def heard(self, request: Received) -> Heard:
        """Return what was asked."""
        body = request.json()
        config = body.get("toolConfig") or {}
        choice = config.get("toolChoice") or {}
        further = body.get("additionalModelRequestFields") or {}
        return Heard(
            instructions=json.dumps(body.get("system")),
            turns=tuple((turn["role"], json.dumps(turn["content"])) for turn in body["messages"]),
            tools=tuple(tool["toolSpec"]["name"] for tool in config.get("tools", ()) if "toolSpec" in tool),
            forced="one" if "tool" in choice else "any" if "any" in choice else "no",
            only=(choice["tool"]["name"],) if "tool" in choice else (),
            json="schema" if "textFormat" in body.get("outputConfig", {}) else "no",
            thinks=any(name in further for name in _THINKING),
        )

    def answer(self, request: Received, said: Said) -> Answer:
        """Return what is said, whole or streamed."""
        reason = "tool_use" if said.calls else "end_turn"
        if request.target.endswith("-stream"):
            end = [
                event("messageStop", {"stopReason": reason}),
                event("metadata", {"usage": _USAGE, "metrics": {"latencyMs": 7}}),
            ]
            pieces = [event("messageStart", {"role": "assistant"}), *_frames(_blocks(said)), *end]
            return stream(pieces, content_type=CONTENT_TYPE)
        message = {"role": "assistant", "content": _blocks(said)}
        return whole(
            {
                "output": {"message": message},
                "stopReason": reason,
                "usage": _USAGE,
                "metrics": {"latencyMs": 7},
            }
        )

    def overloaded(self) -> Answer:
        """Return that there is too much to do."""
        headers = {"x-amzn-errortype": "ThrottlingException:http://x/", "retry-after": RETRY_AFTER_S}
        return whole({"message": POLITE}, status=429, headers=headers)

    def overloaded_within(self) -> Answer | None:
        """Return the same in a stream."""
        return stream([exception("throttlingException", POLITE)], content_type=CONTENT_TYPE)


def _blocks(said: Said) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if said.thoughts:
        thought = {"text": said.thoughts, "signature": "c2lnbmF0dXJl"}
        blocks.append({"reasoningContent": {"reasoningText": thought}})
    if said.text:
        blocks.append({"text": said.text})
    for number, call in enumerate(said.calls):
        use = {"toolUseId": f"tooluse_{number}", "name": call.name, "input": call.arguments}
        blocks.append({"toolUse": use})
    return blocks


def _frames(blocks: list[dict[str, Any]]) -> Iterator[bytes]:
    for number, block in enumerate(blocks):
        place = {"contentBlockIndex": number}
        use = block.get("toolUse")
        if use is not None:
            start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
            yield event("contentBlockStart", {**place, "start": start})
        for delta in _deltas(block):
            yield event("contentBlockDelta", {**place, "delta": delta})
        yield event("contentBlockStop", place)


def _deltas(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    match block:
        case {"text": str(text)}:
            yield from ({"text": piece} for piece in (text[:6], text[6:]))
        case {"toolUse": use}:
            text = json.dumps(use["input"])
            yield from ({"toolUse": {"input": piece}} for piece in (text[:6], text[6:]))
        case {"reasoningContent": {"reasoningText": thought}}:
            yield {"reasoningContent": {"text": thought["text"]}}
            yield {"reasoningContent": {"signature": thought["signature"]}}
        case _:
            raise AssertionError(block)

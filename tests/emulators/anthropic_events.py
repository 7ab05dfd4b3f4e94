"""A whole Anthropic message cut into the events of a stream, as the vendor streams it.

Shapes are those of the anthropic SDK 2.12 (`RawMessageStreamEvent`), which puts such a stream together again;
`tests/emulators/test_anthropic.py` has it do so. Used by the emulator and to try our reader.
"""

import json
from collections.abc import Iterator
from typing import Any

_STREAMED = {"text": ("text", ""), "thinking": ("thinking", ""), "tool_use": ("input", {})}
_STREAMED["server_tool_use"] = _STREAMED["tool_use"]
"""What of a block comes in pieces, and what stands there at first."""
_LATE = {"stop_reason": None, "stop_sequence": None, "stop_details": None}


def events_of(message: dict[str, Any], size: int = 5) -> Iterator[dict[str, Any]]:
    """Yield the events.

    Args:
        message: complete.
        size: characters of a piece.
    """
    usage = {**message["usage"], "output_tokens": 1}
    known = {key: value for key, value in message.items() if key != "container"}
    yield {"type": "message_start", "message": {**known, **_LATE, "content": [], "usage": usage}}
    yield {"type": "ping"}
    for index, block in enumerate(message["content"]):
        yield from _block(index, block, size)
    delta = {key: message.get(key) for key in (*_LATE, "container") if key in message}
    yield {"type": "message_delta", "delta": delta, "usage": _cumulative(message["usage"])}
    yield {"type": "message_stop"}


def sse(event: dict[str, Any]) -> bytes:
    """Return the event as bytes."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def stream_bytes(message: dict[str, Any], size: int = 5) -> bytes:
    """Return the whole stream as bytes."""
    return b"".join(map(sse, events_of(message, size)))


def _block(index: int, block: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    kind = block["type"]
    start = dict(block)
    if kind in _STREAMED:
        start[_STREAMED[kind][0]] = _STREAMED[kind][1]
    if kind == "thinking":
        start["signature"] = ""
    if block.get("citations"):
        start["citations"] = []
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for delta in _deltas(block, size):
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _deltas(block: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    match block["type"]:
        case "text":
            for citation in block.get("citations") or ():
                yield {"type": "citations_delta", "citation": citation}
            yield from ({"type": "text_delta", "text": piece} for piece in _pieces(block["text"], size))
        case "thinking":
            for piece in _pieces(block["thinking"], size):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "tool_use" | "server_tool_use" if block["input"]:
            text = json.dumps(block["input"], ensure_ascii=False, separators=(",", ":"))
            yield {"type": "input_json_delta", "partial_json": ""}
            yield from ({"type": "input_json_delta", "partial_json": p} for p in _pieces(text, size))


def _cumulative(usage: dict[str, Any]) -> dict[str, Any]:
    """Return the counts as `MessageDeltaUsage` has them: what is not said there keeps its value."""
    kept = (
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens_details",
        "server_tool_use",
    )
    return {key: usage[key] for key in kept if key in usage}


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]

"""Blocks of a streamed answer that count only when they are whole: thoughts, images, what AWS's tools did."""

import base64
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
from app.wire.entries import CONTENT_BLOCKS

_decode = msgspec.json.Decoder().decode


class OpenBlock:
    """A block that has begun: its kind, and what has to be kept of it until its end."""

    __slots__ = ("fields", "kind", "number", "pieces", "signature")

    def __init__(self, kind: str, fields: dict[str, Any] | None = None, number: int = 0) -> None:
        self.kind = kind
        self.fields = fields or {}
        self.number = number
        """Of a tool call, counting tool calls."""
        self.pieces: list[Any] = []
        self.signature = ""


def lists_of(block: OpenBlock, *, strict: bool) -> dict[str, list[Any]]:
    """Return what a block that has ended says beside the text it gave while it was open: entries by list.

    Args:
        block: neither a tool call nor an answer that came as one.
        strict: without `content_blocks` (`app/wire/entries.py`).
    """
    lists, whole = _said(block)
    return lists if strict or whole is None else {**lists, CONTENT_BLOCKS: [whole]}


def _said(block: OpenBlock) -> tuple[dict[str, list[Any]], dict[str, Any] | None]:
    """Return the entries, and the block in Anthropic's form if there is anything in it."""
    match block.kind:
        case "thought" | "redacted":
            return _thought(block)
        case "text":
            text = "".join(block.pieces)
            return {}, {"type": "text", "text": text} if text else None
        case "image":
            return _image(block)
        case "server_tool":
            call = {**block.fields, "input": json_or_text("".join(block.pieces))}
            return {"server_tool_calls": [call]}, {"type": "server_tool_use", **call}
        case "server_result":
            result = {**block.fields, "content": _joined(block.pieces)}
            rest = {key: value for key, value in result.items() if key not in {"type", "toolUseId"}}
            whole = {"type": "tool_result", "tool_use_id": result.get("toolUseId"), **rest}
            return {"server_tool_results": [result]}, whole
        case _:
            return {}, None


def _thought(block: OpenBlock) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the thought as it must be sent back; one without a signature need not be."""
    if block.kind == "redacted":
        said: dict[str, Any] = {"type": "redacted_thinking", "data": _joined_base64(block.pieces)}
    else:
        said = {"type": "thinking", "thinking": "".join(block.pieces), "signature": block.signature}
    is_signed = block.kind == "redacted" or bool(block.signature)
    return {"thinking_blocks": [said]} if is_signed else {}, said


def _image(block: OpenBlock) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    if "error" in block.fields:
        error = block.fields["error"]
        return {"images": [{"type": "image_url", "error": error}]}, {"type": "image", "error": error}
    media_type, data = f"image/{block.fields.get('format', 'png')}", _joined_base64(block.pieces)
    url = f"data:{media_type};base64,{data}"
    source = {"type": "base64", "media_type": media_type, "data": data}
    images = [{"type": "image_url", "image_url": {"url": url}}]
    return {"images": images}, {"type": "image", "source": source}


def _joined_base64(pieces: list[str]) -> str:
    """Return the base64 of what these are the base64 of, one after the other."""
    if len(pieces) < 2:  # noqa: PLR2004 (nothing to join)
        return "".join(pieces)
    try:
        return base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode()
    except ValueError:
        raise UpstreamBroken("The provider sent data that is not base64.") from None


def json_or_text(text: str) -> Any:  # noqa: ANN401 (JSON)
    """Return what the JSON says; the text itself where it is none, as of an answer that was cut short."""
    try:
        return _decode(text) if text else {}
    except (ValueError, RecursionError):
        return text


def _joined(content: list[Any]) -> list[Any]:
    """Return the pieces of a tool's result, adjacent texts as one."""
    joined: list[Any] = []
    for piece in content:
        match piece, joined[-1:]:
            case {"text": str(text)}, [{"text": str(before)}]:
                joined[-1] = {"text": before + text}
            case _:
                joined.append(piece)
    return joined

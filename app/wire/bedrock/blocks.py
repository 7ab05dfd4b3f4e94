"""Blocks of a streamed answer that count only when they are whole: thoughts, images, what AWS's tools did."""

import base64
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken

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


def fields_of(block: OpenBlock, *, strict: bool) -> dict[str, Any]:
    """Return what a block that has ended says beside the text it gave while it was open.

    Args:
        block: neither a tool call nor an answer that came as one.
        strict: without `content_blocks`, which hold texts and thoughts once more.
    """
    match block.kind:
        case "thought" | "redacted":
            return _thought(block, strict=strict)
        case "text":
            text = "".join(block.pieces)
            return {"content_blocks": [{"type": "text", "text": text}]} if text and not strict else {}
        case "image":
            return {"images": [_image(block)]}
        case "server_tool":
            return {"server_tool_calls": [{**block.fields, "input": json_or_text("".join(block.pieces))}]}
        case "server_result":
            return {"server_tool_results": [{**block.fields, "content": _joined(block.pieces)}]}
        case _:
            return {}


def _thought(block: OpenBlock, *, strict: bool) -> dict[str, Any]:
    """Return the thought as it must be sent back; one without a signature need not be."""
    if block.kind == "redacted":
        said: dict[str, Any] = {"type": "redacted_thinking", "data": _joined_base64(block.pieces)}
    else:
        said = {"type": "thinking", "thinking": "".join(block.pieces), "signature": block.signature}
    is_signed = block.kind == "redacted" or bool(block.signature)
    fields = {"thinking_blocks": [said]} if is_signed else {}
    return fields if strict else {**fields, "content_blocks": [said]}


def _image(block: OpenBlock) -> dict[str, Any]:
    url = f"data:image/{block.fields.get('format', 'png')};base64,{_joined_base64(block.pieces)}"
    if "error" in block.fields:
        return {"type": "image_url", "error": block.fields["error"]}
    return {"type": "image_url", "image_url": {"url": url}}


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

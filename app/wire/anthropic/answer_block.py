"""One block of an Anthropic message while it comes: what it began with, and its pieces."""

from typing import Any

import msgspec

from app.wire.answer_tool import AnswerTool

_decode = msgspec.json.Decoder().decode
_CALL_KEYS = frozenset({"type", "id", "name", "input"})
_DIRECT = {"type": "direct"}
"""`caller` of a call that the model made itself, as all do where it runs no code (anthropic SDK 2.12)."""


class Block:
    """A block that has begun.

    Args:
        fields: what it began with; complete where the message came whole.
        offset: characters of text before it.
    """

    __slots__ = ("_pieces", "answer", "call", "citations", "fields", "offset", "type")

    def __init__(self, fields: dict[str, Any], offset: int) -> None:
        self.fields = fields
        self.type: str = fields["type"] if isinstance(fields.get("type"), str) else ""
        self.offset = offset
        self.call: int | None = None
        """Place in `tool_calls`, if it is a call of the caller's tool."""
        self.answer: AnswerTool | None = None
        """Whether its input is the answer."""
        given = fields.get("citations")
        self.citations = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
        self._pieces: dict[str, list[str]] = {}

    def take(self, key: str) -> str:
        """Return the text it began with."""
        return self.add(key, self.fields.get(key))

    def add(self, key: str, text: Any) -> str:  # noqa: ANN401 (JSON)
        """Keep a piece of a text, and return it; empty if it is none."""
        if not isinstance(text, str) or not text:
            return ""
        self._pieces.setdefault(key, []).append(text)
        return text

    def text(self, key: str) -> str:
        """Return a text so far."""
        return "".join(self._pieces.get(key, ()))

    def cite(self, citation: Any) -> None:  # noqa: ANN401 (JSON)
        """Keep a citation."""
        if isinstance(citation, dict):
            self.citations.append(citation)

    def merge(self, delta: dict[str, Any]) -> None:
        """Take members of a delta nobody has documented: texts go on, all else is replaced."""
        for key, value in delta.items():
            old = self.fields.get(key)
            if key == "type":
                continue
            is_text = isinstance(old, str) and isinstance(value, str)
            self.fields = {**self.fields, key: old + value if is_text else value}

    def whole(self) -> dict[str, Any]:
        """Return the block as it would have come whole."""
        fields = {key: value for key, value in self.fields.items() if key != "citations"}
        if self.citations:
            fields["citations"] = self.citations
        for key in self._pieces:
            text = self.text(key)
            fields[key] = _json(text) if key == "input" else text
        return fields

    def riders(self) -> dict[str, Any]:
        """Return what a call has beside its name and input."""
        return {
            key: value
            for key, value in self.fields.items()
            if key not in _CALL_KEYS and value is not None and value != _DIRECT
        }


def _json(text: str) -> Any:  # noqa: ANN401 (JSON)
    try:
        return _decode(text)
    except ValueError:
        return text

"""A conversation in Cohere's words: its `messages` and `tools`; a part of `app/wire/cohere/request.py`.

From the cohere SDK 7.3 (`ChatMessageV2`, `ToolV2`) and docs.cohere.com/reference/chat, 2026-11. Instructions
may stand anywhere. What the model thought goes back as it came: models that reason say it in a content item
of type `thinking`, others, before they call tools, in `tool_plan`.
"""

from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.conversation import (
    AssistantTurn,
    Call,
    Conversation,
    ImagePart,
    OtherPart,
    Part,
    SystemTurn,
    TextPart,
    Tool,
    ToolTurn,
    Turn,
    UserTurn,
)
from app.wire.params import unsupported

_encode = msgspec.json.Encoder().encode
_DETAILS = {"auto": "auto", "low": "low", "high": "high", "original": "high"}
_CITATION_KEYS = ("start", "end", "text", "sources", "content_index", "type")
NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}}
"""Of a function without: Cohere requires some."""


def messages_of(conversation: Conversation, abilities: Abilities, target: str) -> list[dict[str, Any]]:
    """Return the messages.

    Args:
        conversation: to be said.
        abilities: of the model.
        target: names it, for messages.

    Raises:
        InvalidRequest: it holds what Cohere has no words for, or nothing.
    """
    speaker = _Speaker(abilities, target)
    messages = [speaker.instruction(conversation.system)] if conversation.system else []
    for turn in conversation.turns:
        message = speaker.message(turn)
        if message is not None:
            messages.append(message)
    if not messages:
        raise InvalidRequest("`messages` hold no text.", param="messages")
    return messages


def tool_of(tool: Tool) -> dict[str, Any]:
    """Return one function."""
    function: dict[str, Any] = {"name": tool.name, "parameters": tool.parameters or NO_PARAMETERS}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": function}


class _Speaker:
    """Says turns, one message each."""

    def __init__(self, abilities: Abilities, target: str) -> None:
        self._abilities = abilities
        self._target = target

    def message(self, turn: Turn) -> dict[str, Any] | None:
        """Return the message; None for a turn that says nothing."""
        match turn:
            case UserTurn():
                return {"role": "user", "content": self._content(turn.parts)} if turn.parts else None
            case SystemTurn():
                return self.instruction(turn.parts) if turn.parts else None
            case AssistantTurn():
                return self._assistant(turn)
            case ToolTurn():
                return {"role": "tool", "tool_call_id": turn.call_id, "content": self._result(turn)}

    def instruction(self, parts: tuple[TextPart, ...]) -> dict[str, Any]:
        """Return a system message."""
        return {"role": "system", "content": self._content(parts)}

    def _assistant(self, turn: AssistantTurn) -> dict[str, Any] | None:
        message: dict[str, Any] = {"role": "assistant"}
        plan = turn.fields.get("tool_plan")
        thoughts = _thoughts(turn)
        if turn.calls:
            message["tool_calls"] = [_call(call) for call in turn.calls]
            if isinstance(plan, str) and plan:
                message["tool_plan"] = plan
            elif thoughts and self._abilities.thinking == "none":
                message["tool_plan"] = "".join(thoughts)
                thoughts = []
        texts = [{"type": "text", "text": self._text(part)} for part in turn.parts]
        if thoughts:
            message["content"] = [*({"type": "thinking", "thinking": text} for text in thoughts), *texts]
        elif texts:
            message["content"] = texts[0]["text"] if len(texts) == 1 else texts
        elif not turn.calls:
            return None
        citations = _citations(turn.fields.get("citations"))
        if citations:
            message["citations"] = citations
        return message

    def _content(self, parts: tuple[Part, ...]) -> str | list[dict[str, Any]]:
        if len(parts) == 1 and isinstance(parts[0], TextPart):
            return parts[0].text
        return [self._part(part) for part in parts]

    def _part(self, part: Part) -> dict[str, Any]:
        if isinstance(part, ImagePart):
            return self._image(part)
        return {"type": "text", "text": self._text(part)}

    def _image(self, part: ImagePart) -> dict[str, Any]:
        if not self._abilities.vision:
            raise unsupported(part.path, self._target, "The model sees no images.")
        if part.url is not None and part.url.partition("://")[0].lower() not in {"http", "https"}:
            raise unsupported(part.path, self._target, "Images are taken from http(s) and data: URLs.")
        image = {"url": part.url or f"data:{part.media_type};base64,{part.base64}"}
        if part.detail in _DETAILS:
            image["detail"] = _DETAILS[part.detail]
        return {"type": "image_url", "image_url": image}

    def _text(self, part: Part) -> str:
        if not isinstance(part, TextPart):
            raise unsupported(part.path, self._target)
        return part.text

    def _result(self, turn: ToolTurn) -> str | list[dict[str, Any]]:
        if len(turn.parts) == 1 and isinstance(turn.parts[0], TextPart):
            return turn.parts[0].text
        return [self._result_part(part) for part in turn.parts] or ""

    def _result_part(self, part: Part) -> dict[str, Any]:
        """Return a text, or a document to cite from, which is Cohere's own kind of part."""
        match part:
            case OtherPart(type="document", fields={"document": {"data": dict(data)} as document}):
                name = document.get("id")
                return {
                    "type": "document",
                    "document": {"data": data, "id": name} if isinstance(name, str) else {"data": data},
                }
            case _:
                return {"type": "text", "text": self._text(part)}


def _thoughts(turn: AssistantTurn) -> list[str]:
    """Return what the model thought, block by block if we gave it out so."""
    blocks = [
        text for block in turn.thinking_blocks if isinstance(text := block.get("thinking"), str) and text
    ]
    return blocks or ([turn.reasoning] if turn.reasoning else [])


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": _encode(call.arguments).decode()}
    return {"id": call.id, "type": "function", "function": function}


def _citations(value: object) -> list[dict[str, Any]]:
    """Return those of an earlier answer that are Cohere's: other vendors have the word for other things."""
    return [
        {key: item[key] for key in _CITATION_KEYS if item.get(key) is not None}
        for item in (value if isinstance(value, list) else ())
        if isinstance(item, dict)
        and all(isinstance(item.get(key), int) for key in ("start", "end"))
        and isinstance(item.get("text"), str)
        and isinstance(item.get("sources"), list)
    ]

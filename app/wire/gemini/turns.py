"""A conversation's turns as Gemini's `contents`.

    system                   systemInstruction, wherever it stood: there is no such role between turns
    user, tool               {role: user, parts}
    assistant                {role: model, parts}

Neighbours of one role are one content. Behind the calls of a model stand as many results as there were calls,
in the order of the calls and before anything else a user says: Gemini counts them and refuses the
conversation otherwise ("Please ensure that the number of function response parts is equal to the number of
function call parts of the function call turn").
"""

from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.data_url import parse_data_url, standard_base64
from app.wire.conversation import (
    AssistantTurn,
    Call,
    Conversation,
    SystemTurn,
    TextPart,
    ToolTurn,
    UserTurn,
)
from app.wire.gemini.parts import PartWriter
from app.wire.gemini.signatures import Signatures

SENTINEL = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
"""Base64 of `skip_thought_signature_validator`, which stands for a signature that nobody has
(ai.google.dev/gemini-api/docs/thought-signatures, 2026-11); encoded as google-genai encodes bytes."""
_SENTINEL_TEXT = "skip_thought_signature_validator"
_FOREIGN_IDS = ("call_", "toolu_", "tooluse_", "chatcmpl-")
"""How ids of calls begin that Gemini did not give: ours and OpenAI's, Anthropic's, Bedrock's, vLLM's."""
_NOTHING = "."
"""What a user says who said nothing: empty texts are refused, and a user has the first word."""
_decode = msgspec.json.Decoder().decode


class TurnWriter:
    """Writes the contents of one request.

    Args:
        parts: writes texts and media.
        abilities: of the model.
        signatures: those that were given out.
    """

    def __init__(self, parts: PartWriter, abilities: Abilities, signatures: Signatures) -> None:
        self._parts = parts
        self._abilities = abilities
        self._signatures = signatures
        self._contents: list[dict[str, Any]] = []
        self._calls: list[tuple[Call, int]] = []
        """Calls that wait for their result, and its place in the last content."""

    def write(self, conversation: Conversation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the parts of the instruction, and the contents.

        Raises:
            InvalidRequest: a part cannot be said.
        """
        system = [{"text": part.text} for part in conversation.system]
        for turn in conversation.turns:
            match turn:
                case SystemTurn():
                    system += [{"text": part.text} for part in turn.parts]
                case UserTurn():
                    self._add("user", [self._parts.write(part) for part in turn.parts])
                case AssistantTurn():
                    self._assistant(turn)
                case ToolTurn():
                    self._result(turn)
        if not self._contents and system:
            return [], [{"role": "user", "parts": system}]
        if not self._contents or self._contents[0]["role"] == "model":
            self._contents.insert(0, {"role": "user", "parts": [{"text": _NOTHING}]})
        return system, self._contents

    def _add(self, role: str, parts: list[dict[str, Any]]) -> None:
        if not parts:
            return
        last = self._contents[-1] if self._contents else None
        if last is None or last["role"] != role or not self._may_join(last):
            self._contents.append({"role": role, "parts": parts})
        else:
            last["parts"] += parts

    def _may_join(self, last: dict[str, Any]) -> bool:
        return self._abilities.text_with_tool_results or not any(
            part is None or "functionResponse" in part for part in last["parts"]
        )

    def _assistant(self, turn: AssistantTurn) -> None:
        parts = [self._parts.write(part) for part in turn.parts]
        parts += _images(turn.fields.get("images"))
        signature = _given_signature(turn.fields)
        if signature is not None and parts:
            parts[-1]["thoughtSignature"] = signature
        parts += [self._call(call, is_first=number == 0) for number, call in enumerate(turn.calls)]
        self._add("model", parts)
        if turn.calls:
            self._contents.append({"role": "user", "parts": [None] * len(turn.calls)})
            self._calls = [(call, place) for place, call in enumerate(turn.calls)]

    def _call(self, call: Call, *, is_first: bool) -> dict[str, Any]:
        said: dict[str, Any] = {"name": call.name, "args": call.arguments}
        if not call.id.startswith(_FOREIGN_IDS):
            said["id"] = call.id
        part: dict[str, Any] = {"functionCall": said}
        signature = _given_signature(call.fields) or self._signatures.find(call.id)
        if signature is None and is_first and self._abilities.thinking == "level":
            signature = SENTINEL
        if signature is not None:
            part["thoughtSignature"] = signature
        return part

    def _result(self, turn: ToolTurn) -> None:
        """Put a result where its call wants it; that there is one is known (`conversation_reader.py`)."""
        position = next(i for i, (call, _) in enumerate(self._calls) if call.id == turn.call_id)
        _, place = self._calls.pop(position)
        self._contents[-1]["parts"][place] = self._response(turn)

    def _response(self, turn: ToolTurn) -> dict[str, Any]:
        # Apart, as they were screened: two halves of a secret must not meet here.
        text = "\n".join(part.text for part in turn.parts if isinstance(part, TextPart))
        said: dict[str, Any] = {"name": turn.name, "response": _object(text, is_error=turn.is_error)}
        if not turn.call_id.startswith(_FOREIGN_IDS):
            said["id"] = turn.call_id
        media = [self._parts.write(part) for part in turn.parts if not isinstance(part, TextPart)]
        if media:
            said["parts"] = media
        return {"functionResponse": said}


def _object(text: str, *, is_error: bool) -> dict[str, Any]:
    """Return what a tool said as an object: its own, or under the key that Gemini knows for it."""
    if is_error:
        return {"error": text}
    if text.lstrip()[:1] == "{":
        try:
            said = _decode(text)
        except (ValueError, RecursionError):
            return {"output": text}
        if isinstance(said, dict):
            return said
    return {"output": text}


def _given_signature(fields: dict[str, Any]) -> str | None:
    """Return the signature that came back as we (or Google's own OpenAI endpoints) gave it out."""
    extra = fields.get("extra_content")
    if not isinstance(extra, dict):
        return None
    for vendor in ("google", "vertex"):
        found = extra.get(vendor)
        signature = found.get("thought_signature") if isinstance(found, dict) else None
        if signature == _SENTINEL_TEXT:
            return SENTINEL
        if isinstance(signature, str) and signature:
            try:
                return standard_base64(signature)
            except ValueError:
                return None
    return None


def _images(images: object) -> list[dict[str, Any]]:
    """Return images that the model made earlier, as they were given out; others are left out."""
    parts: list[dict[str, Any]] = []
    for image in images if isinstance(images, list) else ():
        match image:
            case {"image_url": {"url": str(url)}}:
                try:
                    media = parse_data_url(url)
                except ValueError:
                    continue
                if media is not None:
                    parts.append({"inlineData": {"mimeType": media.media_type, "data": media.base64}})
            case _:
                continue
    return parts

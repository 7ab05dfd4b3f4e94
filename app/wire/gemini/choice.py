"""One candidate of Gemini's answer read into events, from all responses that hold a piece of it.

text                    content, or reasoning_content where it is a thought
functionCall            a tool call, complete; numbered through the whole stream
inlineData              an image, in OpenRouter's form: images[{type, image_url: {url}}]
thoughtSignature        extra_content.google.thought_signature of the call, else of the message
anything else           under its own name, a list

Lists are numbered (`app/wire/entries.py`).
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
from app.domain.events import (
    FUNCTION_CALL,
    ChoiceFinished,
    Extra,
    ProviderEvent,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
)
from app.wire.answer_tool import AnswerTool
from app.wire.entries import Entries
from app.wire.finish import finished
from app.wire.gemini.blocks import ContentBlocks
from app.wire.gemini.citations import annotations
from app.wire.gemini.signatures import Signatures
from app.wire.gemini.usage import logprobs_of

REASONS = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    **dict.fromkeys(
        "SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII LANGUAGE IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT "
        "IMAGE_RECITATION MODEL_ARMOR ESCALATION JAILBREAK".split(),
        "content_filter",
    ),
}
"""OpenAI's reasons for Google's (google-genai 3.4 `FinishReason`, `BlockedReason`); others are a stop."""
_REASONS_WITH_CALLS = {**REASONS, "STOP": "tool_calls"}
_TEXT_KEYS = frozenset({"text", "thought", "thoughtSignature"})
_CANDIDATE_KEYS = frozenset({"content", "index", "finishReason", "logprobsResult", "tokenCount"})
_encode = msgspec.json.Encoder().encode


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader must know of the question, and of the world."""

    model: str
    stream: bool
    strict: bool
    json_call: AnswerTool | None
    signatures: Signatures
    token: Callable[[], str]
    """Makes something nobody can guess, for ids: 24 hexadecimal digits."""
    now_s: Callable[[], float]
    """Since the epoch."""
    is_legacy: bool = False
    """As `app.wire.conversation.Conversation.is_legacy`."""


class CandidateReader:
    """Reads one candidate.

    Args:
        index: of the choice.
        reading: what the question asked for.
    """

    def __init__(self, index: int, reading: Reading) -> None:
        self.index = index
        self.reason: str | None = None
        self._reading = reading
        self._fields: dict[str, Any] = {}
        """What stands beside the content; a later value replaces an earlier one."""
        self._texts: list[str] = []
        self._calls = 0
        self._entries = Entries(index)
        self._signature: str | None = None
        """Of the text, the last that came."""
        self._blocks = None if reading.strict else ContentBlocks(self._entries)

    def read(self, candidate: dict[str, Any]) -> list[ProviderEvent]:
        """Return the events of one piece. Raises `UpstreamBroken` if it is none."""
        content = candidate.get("content") or {}
        parts = content.get("parts") or () if isinstance(content, dict) else None
        if not isinstance(parts, list | tuple) or not all(isinstance(part, dict) for part in parts):
            raise UpstreamBroken("The provider sent a candidate whose content is none.")
        events: list[ProviderEvent] = []
        for part in parts:
            text = part.get("text")
            if type(text) is str and part.keys() <= _TEXT_KEYS:
                self._text(text, part, events)
            else:
                self._other(part, events)
        if len(candidate) > 1 or "content" not in candidate:
            self._beside(candidate, events)
        return events

    def end(self) -> Iterator[ProviderEvent]:
        """Yield the last events. Raises `UpstreamBroken` if the candidate is not complete."""
        if self.reason is None:
            raise UpstreamBroken("The provider's stream ended before its answer was complete.")
        if self._blocks is not None:
            yield from self._blocks.end()
        extras: dict[str, Any] = {}
        if not self._texts:
            extras["content"] = None
        if self._signature is not None:
            extras["extra_content"] = {"google": {"thought_signature": self._signature}}
        if "groundingMetadata" in self._fields or "citationMetadata" in self._fields:
            grounding, citations = (
                self._fields.get(key) for key in ("groundingMetadata", "citationMetadata")
            )
            found = annotations("".join(self._texts), grounding, citations)
            if found:
                extras["annotations"] = self._entries.numbered("annotations", found)
        if extras:
            yield Extra(self.index, extras)
        yield self._finish()

    def _finish(self) -> ChoiceFinished:
        reasons = _REASONS_WITH_CALLS if self._calls else REASONS
        if self._calls and self._reading.is_legacy:
            reasons = {**REASONS, "STOP": "function_call"}
        return finished(
            self.index, self.reason, reasons, strict=self._reading.strict, fields=dict(self._fields)
        )

    def _beside(self, candidate: dict[str, Any], events: list[ProviderEvent]) -> None:
        for key, value in candidate.items():
            if key not in _CANDIDATE_KEYS and value is not None:
                self._fields[key] = value
        reason = candidate.get("finishReason")
        if isinstance(reason, str):
            self.reason = reason
        logprobs = logprobs_of(candidate.get("logprobsResult"))
        if logprobs is not None:
            last = events[-1] if events else None
            if isinstance(last, TextDelta) and last.channel == "content":
                events[-1] = TextDelta(self.index, "content", last.text, logprobs)
            else:
                events.append(TextDelta(self.index, "content", "", logprobs))

    def _text(self, text: str, part: dict[str, Any], events: list[ProviderEvent]) -> None:
        is_thought = part.get("thought") is True
        signature = part.get("thoughtSignature")
        if type(signature) is str and signature:
            self._signature = signature
        if not text:
            return
        if not is_thought:
            self._texts.append(text)
        events.append(TextDelta(self.index, "reasoning_content" if is_thought else "content", text))
        if self._blocks is not None:
            events += self._blocks.text("thinking" if is_thought else "text", text)

    def _other(self, part: dict[str, Any], events: list[ProviderEvent]) -> None:
        call, data = part.get("functionCall"), part.get("inlineData")
        if isinstance(call, dict):
            self._call(call, part.get("thoughtSignature"), events)
        elif isinstance(data, dict) and str(data.get("mimeType")).startswith("image/"):
            self._image(data, part.get("thoughtSignature"), events)
        else:
            rest = {key: value for key, value in part.items() if key not in _TEXT_KEYS}
            self._text(str(part.get("text") or ""), part, events)
            if rest:
                events.append(self._entries.next({key: [value] for key, value in rest.items()}))
                if self._blocks is not None:
                    events += self._blocks.other(rest)

    def _call(self, call: dict[str, Any], signature: object, events: list[ProviderEvent]) -> None:
        name, arguments = call.get("name"), call.get("args") or {}
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise UpstreamBroken("The provider sent a function call that is none.")
        json_call = self._reading.json_call
        if json_call is not None and name == json_call.name:
            if not self._texts:  # a second answer would make the first no JSON
                self._texts.append(json_call.answer(_encode(arguments).decode()))
                events.append(TextDelta(self.index, "content", self._texts[-1]))
            return
        given = call.get("id")
        call_id = given if isinstance(given, str) and given else f"call_{self._reading.token()}"
        fields: dict[str, Any] = {"id": call_id, "type": "function", "function": {"name": name}}
        if isinstance(signature, str) and signature:
            fields["extra_content"] = {"google": {"thought_signature": signature}}
            self._reading.signatures.note(call_id, signature)
        number = FUNCTION_CALL + self._calls if self._reading.is_legacy else self._calls
        fields = {"name": name} if number == FUNCTION_CALL else fields
        events.append(ToolCallStarted(self.index, number, fields))
        events.append(ToolArguments(self.index, number, _encode(arguments).decode()))
        self._calls += 1

    def _image(self, data: dict[str, Any], signature: object, events: list[ProviderEvent]) -> None:
        if isinstance(signature, str) and signature:
            self._signature = signature
        url = f"data:{data['mimeType']};base64,{data.get('data') or ''}"
        image = {"type": "image_url", "image_url": {"url": url}}
        events.append(self._entries.next({"images": [image]}))
        if self._blocks is not None:
            events += self._blocks.image(data)

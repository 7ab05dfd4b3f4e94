"""How the pieces of an answer belong together, where screening must see them as its reader will."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from app.domain.events import COMPLETION_TEXT, FUNCTION_CALL, ChoiceFinished, ToolCallStarted
from app.domain.json_leaves import is_key_path, json_parts
from app.domain.json_text import JsonText
from app.domain.parts import KNOWN_KEYS
from app.wire.openai.fold import merged
from guardrails import Part, PartKind, ToolCall

TEXT_KINDS = {
    "content": PartKind.TEXT,
    COMPLETION_TEXT: PartKind.TEXT,
    "refusal": PartKind.REFUSAL,
    "reasoning_content": PartKind.REASONING,
    "reasoning": PartKind.REASONING,
}
"""What the running texts of an answer are; others are fields."""


class HeldChoice:
    """What has come of one choice that must wait for its end, or be compared with it."""

    __slots__ = (
        "arguments",
        "calls",
        "changed",
        "channels",
        "extras",
        "finished",
        "logprobs",
        "received",
        "released",
    )

    def __init__(self) -> None:
        self.channels: dict[str, str] = {}
        """Running texts so far, and the path of each."""
        self.received: dict[str, list[str]] = {}
        """Running texts as they came, by channel."""
        self.released: dict[str, list[str]] = {}
        self.calls: dict[int, ToolCallStarted] = {}
        self.arguments: dict[int, list[str]] = {}
        self.extras: dict[str, list[Any]] = {}
        self.logprobs: list[dict[str, Any]] = []
        self.changed = False
        """Whether a guardrail changed anything of it."""
        self.finished: ChoiceFinished | None = None

    def note(self, channel: str, received: str, released: str) -> None:
        """Note what came of a running text and what of it may go out."""
        self.received.setdefault(channel, []).append(received)
        self.released.setdefault(channel, []).append(released)

    def originals(self) -> tuple[str, ...]:
        """Return the running texts that a guardrail changed, as they came."""
        came = {channel: "".join(pieces) for channel, pieces in self.received.items()}
        return tuple(text for channel, text in came.items() if text != "".join(self.released[channel]))

    def complete_call(self, call: ToolCallStarted) -> ToolCall:
        """Return a call of this choice as guardrails know it: its arguments have all come."""
        path = place_of_call(call)
        function: object = call.fields
        if call.index != FUNCTION_CALL:
            kind = "custom" if "custom" in call.fields and "function" not in call.fields else "function"
            path, function = f"{path}.{kind}", call.fields.get(kind)
        name = function.get("name") if isinstance(function, dict) else None
        return ToolCall(path, str(name or ""), "".join(self.arguments.get(call.index, ())))

    def end(self, event: ChoiceFinished) -> None:
        """Note how it ended; of several ends the last reason counts."""
        if self.finished is not None:
            fields = self.finished.fields | event.fields
            event = ChoiceFinished(event.choice, event.reason or self.finished.reason, fields)
        self.finished = event


def place_of_call(call: ToolCallStarted) -> str:
    """Return the path of a tool call."""
    place = "function_call" if call.index == FUNCTION_CALL else f"tool_calls[{call.index}]"
    return f"choices[{call.choice}].message.{place}"


def place_of_text(choice: int, channel: str) -> str:
    """Return the path of a running text."""
    return f"choices[{choice}]{'' if channel == COMPLETION_TEXT else '.message'}.{channel}"


def with_late_fields(
    calls: Mapping[int, ToolCallStarted], extras: dict[str, Any]
) -> Iterator[ToolCallStarted]:
    """Yield the tool calls with the fields that came after their beginning; those leave `extras`."""
    late = extras.get("tool_calls")
    entries = late if isinstance(late, list) else []
    rest = [entry for entry in entries if not (isinstance(entry, dict) and entry.get("index") in calls)]
    if entries and rest:
        extras["tool_calls"] = rest
    elif entries:
        del extras["tool_calls"]
    for index, call in calls.items():
        came_late = [
            {key: value for key, value in entry.items() if key != "index"}
            for entry in entries
            if isinstance(entry, dict) and entry.get("index") == index
        ]
        yield msgspec.structs.replace(call, fields=merged([call.fields, *came_late]))


def spelled(probabilities: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that log probabilities spell: their tokens, and the bytes they give for them."""
    for items in probabilities.values():
        tokens = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        text = "".join(item["token"] for item in tokens if isinstance(item.get("token"), str))
        if isinstance(items, list) and not tokens:  # of a completion: its tokens stand there as they are
            text = "".join(item for item in items if isinstance(item, str))
        octets = bytes(
            octet
            for item in tokens
            if isinstance(item.get("bytes"), list)
            for octet in item["bytes"]
            if isinstance(octet, int) and 0 <= octet < 256  # noqa: PLR2004 (a byte)
        )
        yield text
        if (other := octets.decode("utf-8", "replace")) != text:
            yield other


def texts_of_fields(fields: object, place: str) -> list[Part]:
    """Return every text in a JSON value but the names the protocol gives to fields.

    Arguments of calls that stand elsewhere than in `tool_calls` are decoded, as whoever reads them does.
    """
    found: list[Part] = []
    for part in json_parts(fields, place, PartKind.FIELD, "assistant"):
        if part.path.endswith(".arguments"):
            found += JsonText(part.path, part.text).parts(PartKind.TOOL_ARGUMENTS, "assistant")
        elif not (is_key_path(part.path) and part.text in KNOWN_KEYS):
            found.append(part)
    return found

"""Events of an answer folded to one document of a completion, whole or cut short.

What a caller gets who did not ask for a stream, and what goes on record of either. Folding the events of a
document gives that document; folding those of a stream gives what the `openai` SDK would assemble from it
(`lib/streaming/_deltas.py` in 3.54: texts are joined, lists go on, entries with an `index` are merged),
except that numbers are replaced, not added. Adding is an append; texts are joined once, in `document`.
"""

from collections.abc import Iterable
from typing import Any, assert_never

from app.domain.events import (
    COMPLETION_TEXT,
    FUNCTION_CALL,
    Blocked,
    ChoiceFinished,
    Embedded,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.domain.operation import Operation

_ARGUMENTS = {"function": "arguments", "custom": "input"}
"""Where the text of a tool call stands, by type."""
_REPLACED = frozenset({"index", "type", "id", "format"})
"""Keys whose texts are repeated, not continued."""


class Fold:
    """The answer so far.

    Args:
        operation: what was asked for.
    """

    def __init__(self, operation: Operation = Operation.CHAT) -> None:
        self._operation = operation
        self._fields: dict[str, Any] = {}
        self._extras: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def add(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case TextDelta() | ToolArguments() | ToolCallStarted() | ChoiceFinished():
                self._choice(event.choice).add(event)
            case Extra():
                self._add_extra(event)
            case Started():
                self._fields = event.fields
            case UsageReported():
                self._extras["usage"] = event.fields
            case Blocked():
                self._cut_off()
            case Failed() | Embedded():
                pass
            case _:
                assert_never(event)

    def document(self) -> dict[str, Any]:
        """Return the document; a choice that has not finished has the `finish_reason` null."""
        has_messages = self._operation is Operation.CHAT
        choices = [
            choice.document(index) if has_messages else choice.text_document(index)
            for index, choice in sorted(self._choices.items())
        ]
        kind = "chat.completion" if has_messages else "text_completion"
        return {**self._fields, "object": kind, "choices": choices, **self._extras}

    def recorded(self) -> dict[str, Any]:
        """Return what of it goes on record."""
        return self.document()

    def _choice(self, index: int) -> "_Choice":
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice()
        return choice

    def _add_extra(self, event: Extra) -> None:
        if event.choice is None:
            self._extras.update(event.fields)
            return
        extras = self._choice(event.choice).extras
        for key, value in event.fields.items():
            extras.setdefault(key, []).append(value)

    def _cut_off(self) -> None:
        for choice in self._choices.values():
            choice.reason = choice.reason or "content_filter"


class _Choice:
    """One choice so far."""

    __slots__ = ("arguments", "calls", "extras", "fields", "logprobs", "reason", "texts")

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.calls: dict[int, dict[str, Any]] = {}
        self.arguments: dict[int, list[str]] = {}
        self.extras: dict[str, list[Any]] = {}
        self.logprobs: list[Any] = []
        self.fields: dict[str, Any] = {}
        self.reason: str | None = None

    def add(self, event: TextDelta | ToolArguments | ToolCallStarted | ChoiceFinished) -> None:
        """Take the next event of this choice."""
        match event:
            case TextDelta():
                self._add_text(event)
            case ToolArguments():
                self.arguments.setdefault(event.index, []).append(event.text)
            case ToolCallStarted():
                self.calls[event.index] = event.fields
            case ChoiceFinished():
                self.reason = event.reason
                self.fields = event.fields
            case _:
                assert_never(event)

    def document(self, index: int) -> dict[str, Any]:
        """Return the choice's object."""
        message: dict[str, Any] = {"role": "assistant"}
        message.update((key, merged(values)) for key, values in self.extras.items())
        for channel, pieces in self.texts.items():
            message[channel] = _with_text(message.get(channel), "".join(pieces))
        calls = {number: self._call(number) for number in sorted(self.calls)}
        legacy = calls.pop(FUNCTION_CALL, None)
        if legacy is not None:
            message["function_call"] = merged([message.get("function_call"), legacy])
        if calls:
            message["tool_calls"] = _with_calls(message.get("tool_calls"), calls)
        choice = {"index": index, "message": message, "finish_reason": self.reason, **self.fields}
        return choice | self._probabilities()

    def text_document(self, index: int) -> dict[str, Any]:
        """Return the object of a choice that has a text in place of a message."""
        text = "".join(self.texts.get(COMPLETION_TEXT, ()))
        choice = {"text": text, "index": index, "logprobs": None, "finish_reason": self.reason}
        extras = {key: merged(values) for key, values in self.extras.items()}
        return choice | extras | self.fields | self._probabilities()

    def _probabilities(self) -> dict[str, Any]:
        return {"logprobs": merged([self.fields.get("logprobs"), *self.logprobs])} if self.logprobs else {}

    def _add_text(self, event: TextDelta) -> None:
        """Take a piece of text; one that is empty and only carries log probabilities does not make a text."""
        if event.logprobs is not None:
            self.logprobs.append(event.logprobs)
            if not event.text:
                return
        self.texts.setdefault(event.channel, []).append(event.text)

    def _call(self, number: int) -> dict[str, Any]:
        call = dict(self.calls[number])
        text = "".join(self.arguments.get(number, ()))
        if number == FUNCTION_CALL:
            call["arguments"] = text
            return call
        for key, argument in _ARGUMENTS.items():
            if isinstance(call.get(key), dict):
                call[key] = {**call[key], argument: text}
                break
        return call


def merged(values: Iterable[Any]) -> Any:  # noqa: ANN401 (JSON)
    """Join the pieces in which one field of a stream came; a single piece is returned as it is."""
    pieces = list(values)
    if len(pieces) > 1:
        pieces = [piece for piece in pieces if piece is not None]
    if len(pieces) < 2:  # noqa: PLR2004 (nothing to join)
        return pieces[0] if pieces else None
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    if all(isinstance(piece, dict) for piece in pieces):
        return _merged_objects(pieces)
    if all(isinstance(piece, list) for piece in pieces):
        return _merged_lists(pieces)
    return pieces[-1]


def _merged_objects(objects: list[dict[str, Any]]) -> dict[str, Any]:
    keys = dict.fromkeys(key for found in objects for key in found)
    return {key: _merged_member(key, [found[key] for found in objects if key in found]) for key in keys}


def _merged_member(key: str, values: list[Any]) -> Any:  # noqa: ANN401 (JSON)
    if key not in _REPLACED:
        return merged(values)
    return next((value for value in reversed(values) if value is not None), None)


def _merged_lists(lists: list[list[Any]]) -> list[Any]:
    """Chain the lists; entries that name the same `index` are one entry."""
    entries: list[list[Any]] = []
    by_index: dict[int, list[Any]] = {}
    for entry in (entry for items in lists for entry in items):
        index = entry.get("index") if isinstance(entry, dict) else None
        if isinstance(index, int) and index in by_index:
            by_index[index].append(entry)
            continue
        entries.append([entry])
        if isinstance(index, int):
            by_index[index] = entries[-1]
    return [merged(pieces) for pieces in entries]


def _with_text(other: Any, text: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the text beside what else came under its key: parts stay, with the text as the last of them."""
    if isinstance(other, list):
        return [*other, {"type": "text", "text": text}] if text else other
    return text


def _with_calls(others: Any, calls: dict[int, dict[str, Any]]) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return the calls with what came late for some of them, and what was no call at the end."""
    rest: list[Any] = []
    for other in others if isinstance(others, list) else ():
        index = other.get("index") if isinstance(other, dict) else None
        if isinstance(index, int) and index in calls:
            late = {key: value for key, value in other.items() if key != "index"}
            calls[index] = merged([calls[index], late])
        else:
            rest.append(other)
    return [*calls.values(), *rest]

"""One choice of an OpenAI-compatible answer, read into events: a `message` at once, or its `delta`s in turn.

Everything a provider says arrives in some event: running text as `TextDelta`, calls as `ToolCallStarted` and
`ToolArguments`, all else as `Extra`, texts of an unexpected type included. What is mended is what
documentation and other gateways' issues show to happen (2026-11): tool deltas without `index` (told apart by
id), several calls under one index (Gemini), ids and names repeated on every delta (llama-cpp-python), no id
at all, arguments as an object (Mistral), nulls on every delta (vLLM). Finish reasons are not second-guessed.
"""

import hashlib
from collections.abc import Iterable
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

_CHANNELS = ("reasoning_content", "reasoning", "content", "refusal")
"""Running texts of a message, in the order in which they are thought and said."""
_ARGUMENTS = {"function": "arguments", "custom": "input"}
_CALL_KEYS = frozenset({"index", "id", "type", "function", "custom"})
_encode = msgspec.json.Encoder().encode


class _Call:
    """A tool call that has begun."""

    __slots__ = ("id", "index", "named")

    def __init__(self, index: int, call_id: str | None, *, named: bool) -> None:
        self.index = index
        self.id = call_id
        self.named = named


class ChoiceReader:
    """Reads one choice.

    Args:
        index: of the choice.
        answer_id: of the answer, from which ids of calls that have none are made.
    """

    def __init__(self, index: int, answer_id: str) -> None:
        self.index = index
        self.reason: str | None = None
        self.fields: dict[str, Any] = {}
        """What stands beside the message; lists go on, all else is replaced."""
        self._answer_id = answer_id
        self._seen: set[str] = set()
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._function_call: _Call | None = None

    def read(
        self, message: dict[str, Any], logprobs: dict[str, Any] | None, *, whole: bool
    ) -> list[ProviderEvent]:
        """Return the events of a message or a delta."""
        if len(message) == 1 and logprobs is None:
            text = message.get("content")
            if type(text) is str and text:
                self._seen.add("content")
                return [TextDelta(self.index, "content", text)]
        texts = {key: message[key] for key in _CHANNELS if type(message.get(key)) is str}
        calls = message.get("tool_calls")
        legacy = message.get("function_call")
        extras = self._extras(message, texts)
        events: list[ProviderEvent] = [Extra(self.index, extras)] if extras else []
        events += self._texts(texts, logprobs)
        if isinstance(calls, list):
            events += self._tool_calls(calls, whole=whole)
        if isinstance(legacy, dict):
            events += self._legacy_call(legacy)
        return events

    def keep(self, fields: dict[str, Any]) -> None:
        """Take what stands beside the message or delta."""
        for key, value in fields.items():
            old = self.fields.get(key)
            if isinstance(old, list) and isinstance(value, list):
                self.fields[key] = [*old, *value]
            elif value is not None or key not in self.fields:
                self.fields[key] = value

    def finish(self, reason: object) -> None:
        """Note why it ended, if it did.

        Raises:
            UpstreamBroken: the reason is no text.
        """
        if isinstance(reason, str):
            self.reason = reason
        elif reason is not None:
            raise UpstreamBroken("The provider sent a finish reason that is no text.")

    def end(self) -> ChoiceFinished:
        """Return the last event; a choice that made calls and gave no reason ended for their sake."""
        if self.reason is None and self._calls:
            self.reason = "tool_calls"
        return ChoiceFinished(self.index, self.reason, self.fields)

    def _extras(self, message: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
        """Return what is neither text nor call; nulls, and lists of no calls, once."""
        extras: dict[str, Any] = {}
        for key, value in message.items():
            if key in texts or key == "role" or (value and _is_call(key, value)):
                continue
            if value is None or value == []:
                if key in self._seen:
                    continue
                self._seen.add(key)
            extras[key] = value
        return extras

    def _texts(self, texts: dict[str, str], logprobs: dict[str, Any] | None) -> Iterable[ProviderEvent]:
        """Return the texts; log probabilities go with the one they most likely spell."""
        spelled = "content" if "content" in texts else next(iter(texts), None)
        for channel, text in texts.items():
            if text or channel not in self._seen:
                self._seen.add(channel)
                with_text = logprobs if channel == spelled and text else None
                yield TextDelta(self.index, channel, text, with_text)
        if logprobs is not None and not (spelled and texts[spelled]):
            yield TextDelta(self.index, spelled or "content", "", logprobs)

    def _tool_calls(self, items: list[Any], *, whole: bool) -> Iterable[ProviderEvent]:
        for item in items:
            if not isinstance(item, dict):
                yield Extra(self.index, {"tool_calls": [item]})
                continue
            call = None if whole else self._begun(item)
            yield from self._begin(item, whole=whole) if call is None else self._continue(call, item)

    def _begun(self, item: dict[str, Any]) -> _Call | None:
        """Return the call that this delta continues; None if it begins one."""
        index, call_id = item.get("index"), item.get("id") or None
        if isinstance(index, int):
            call = self._by_index.get(index)
            is_other = call is not None and call_id not in {None, call.id} and _name(item)
            return None if is_other else call
        if call_id is not None:
            return next((call for call in self._calls if call.id == call_id), None)
        last = self._calls[-1] if self._calls else None
        return None if last is not None and last.named and _name(item) else last

    def _begin(self, item: dict[str, Any], *, whole: bool) -> Iterable[ProviderEvent]:
        number = len(self._calls)
        call_id = item.get("id") or None
        call = _Call(number, call_id if isinstance(call_id, str) else None, named=bool(_name(item)))
        self._calls.append(call)
        if not whole and isinstance(item.get("index"), int):
            self._by_index[item["index"]] = call
        fields = {key: value for key, value in item.items() if whole or key != "index"}
        fields["id"] = call_id or self._made_id(number)
        text: Any = None
        for key, argument in _ARGUMENTS.items():
            if isinstance(fields.get(key), dict):
                text = fields[key].get(argument)
                fields[key] = {name: value for name, value in fields[key].items() if name != argument}
                fields["type"] = fields.get("type") or key
                break
        yield ToolCallStarted(self.index, number, fields)
        yield from self._arguments(number, text)

    def _continue(self, call: _Call, item: dict[str, Any]) -> Iterable[ProviderEvent]:
        late = {key: value for key, value in item.items() if key not in _CALL_KEYS}
        for key, argument in _ARGUMENTS.items():
            function = item.get(key)
            if not isinstance(function, dict):
                continue
            known = {"name", argument} if call.named else {argument}
            more = {
                name: value for name, value in function.items() if name not in known and value is not None
            }
            call.named = call.named or bool(more.get("name"))
            if more:
                late[key] = more
            yield from self._arguments(call.index, function.get(argument))
        if late:
            yield Extra(self.index, {"tool_calls": [{"index": call.index, **late}]})

    def _legacy_call(self, item: dict[str, Any]) -> Iterable[ProviderEvent]:
        """Read the deprecated `function_call`, of which there is one."""
        rest = {key: value for key, value in item.items() if key != "arguments"}
        if self._function_call is None:
            self._function_call = _Call(FUNCTION_CALL, None, named=True)
            yield ToolCallStarted(self.index, FUNCTION_CALL, rest)
        else:
            rest.pop("name", None)
            if rest:
                yield Extra(self.index, {"function_call": rest})
        yield from self._arguments(FUNCTION_CALL, item.get("arguments"))

    def _arguments(self, index: int, text: object) -> Iterable[ProviderEvent]:
        if text is not None and not isinstance(text, str):
            text = _encode(text).decode()
        if text:
            yield ToolArguments(self.index, index, text)

    def _made_id(self, number: int) -> str:
        """Return an id for a call without: the same for the same answer, another in the next."""
        place = f"{self._answer_id}/{self.index}/{number}".encode()
        return "call_" + hashlib.blake2s(place, digest_size=12).hexdigest()


def _is_call(key: str, value: object) -> bool:
    return (key == "tool_calls" and isinstance(value, list)) or (
        key == "function_call" and isinstance(value, dict)
    )


def _name(item: dict[str, Any]) -> object:
    function = item.get("function") or item.get("custom")
    return function.get("name") if isinstance(function, dict) else None

"""The deprecated `functions` as tools, for compatible providers that know nothing else, and back again.

OpenAI's own API takes both, so its rows do not come here. A caller who asks with `functions` reads a
`function_call` only; further calls, for which that form has no room, stay calls
(platform.openai.com/docs/api-reference/chat, `function_call`, 2026-11). Native formats read both alike
(`app/wire/conversation_reader.py`).
"""

from collections.abc import Iterator
from typing import Any

from app.domain.errors import InvalidRequest
from app.domain.events import FUNCTION_CALL, ChoiceFinished, ProviderEvent, ToolArguments, ToolCallStarted
from app.wire.format import Body

Document = dict[str, Any]
_PARAMS = ("functions", "function_call")


def speaks_of_functions(document: Document) -> bool:
    """Whether a request has anything of the deprecated form."""
    return any(document.get(name) is not None for name in _PARAMS) or any(
        message.get("role") == "function" or message.get("function_call") is not None
        for message in document["messages"]
    )


def expects_function_call(document: Document) -> bool:
    """Whether a caller can read the deprecated form only: there are functions, and no tools."""
    return bool(document.get("functions")) and not document.get("tools")


def with_tools(document: Document) -> Document:
    """Return the request with tools in place of functions; the one given stays as it is.

    Raises:
        InvalidRequest: the result of a function follows no call.
    """
    said = {name: value for name, value in document.items() if name not in _PARAMS}
    functions, choice = (document.get(name) for name in _PARAMS)
    if functions:
        tools = [{"type": "function", "function": function} for function in functions]
        said["tools"] = [*(document.get("tools") or ()), *tools]
    if choice is not None and functions and document.get("tool_choice") is None:
        is_named = isinstance(choice, dict)
        said["tool_choice"] = {"type": "function", "function": choice} if is_named else choice
    said["messages"] = list(_messages(document["messages"]))
    return said


def _messages(messages: list[Document]) -> Iterator[Document]:
    waiting: str | None = None
    for place, message in enumerate(messages):
        if message["role"] == "function":
            if waiting is None:
                path = f"messages[{place}]"
                raise InvalidRequest(f"`{path}` answers no function call before it.", param=path)
            yield {"role": "tool", "tool_call_id": waiting, "content": message.get("content") or ""}
            waiting = None
        elif message.get("function_call") is not None:
            waiting = f"call_{place}"
            call = {"id": waiting, "type": "function", "function": message["function_call"]}
            rest = {name: value for name, value in message.items() if name != "function_call"}
            yield {**rest, "tool_calls": [*(message.get("tool_calls") or ()), call]}
        else:
            waiting = None
            yield message


class FunctionBody:
    """A body whose first tool call of a choice is told as a `function_call`.

    Args:
        body: as it is read otherwise.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self._callers: set[int] = set()

    @property
    def done(self) -> bool:
        """Whether the body said that it is complete."""
        return self._body.done

    def feed(self, piece: bytes) -> Iterator[ProviderEvent]:
        """Return the events that these bytes complete."""
        yield from map(self._told, self._body.feed(piece))

    def close(self) -> Iterator[ProviderEvent]:
        """Return the last events."""
        yield from map(self._told, self._body.close())

    def _told(self, event: ProviderEvent) -> ProviderEvent:
        if isinstance(event, ToolCallStarted) and event.index == 0:
            self._callers.add(event.choice)
            function = event.fields.get("function") or {}
            return ToolCallStarted(event.choice, FUNCTION_CALL, {"name": function.get("name")})
        if isinstance(event, ToolArguments) and event.index == 0:
            return ToolArguments(event.choice, FUNCTION_CALL, event.text)
        if isinstance(event, ChoiceFinished) and event.choice in self._callers:
            reason = "function_call" if event.reason == "tool_calls" else event.reason
            return ChoiceFinished(event.choice, reason, event.fields)
        return event

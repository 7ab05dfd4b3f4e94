"""From OpenAI's messages to a `Conversation`.

The document has been checked field by field (`app/wire/openai/shapes.py`), so what can be wrong here is what
no type says: arguments that are no JSON, results without a call, media that are none. Errors name the field
and never quote it.

Every call is answered exactly once before the user or the assistant says more and before the end, in any
order; only instructions may stand in between. OpenAI, Anthropic, Converse and Gemini refuse all else, each in
words of its own, so it is said here once, for Cohere too, which would answer to what never happened. Calls of
one turn that share an id, as some servers give them out, need as many results.
"""

from typing import Any

import msgspec

from app.domain.errors import InvalidRequest
from app.wire.conversation import (
    AssistantTurn,
    Call,
    Conversation,
    SystemTurn,
    TextPart,
    ToolTurn,
    Turn,
    UserTurn,
)
from app.wire.conversation_parts import cache_mark, read_parts, read_texts
from app.wire.conversation_tools import read_answer_format, read_choice, read_tools
from app.wire.params import Params

_decode = msgspec.json.Decoder().decode
_MESSAGE_KEYS = frozenset(
    "role content name tool_calls function_call refusal reasoning_content reasoning thinking_blocks".split()
)
_PLAIN_KEYS = frozenset({"role", "content", "name", "tool_calls", "function_call", "refusal"})
"""A message without others has neither thoughts nor fields of its own."""
_BESIDE_TURNS = frozenset(
    "tools functions tool_choice function_call parallel_tool_calls response_format".split()
)
_SAYS_MORE = frozenset({"user", "assistant"})
_CALL_KEYS = frozenset({"id", "type", "function", "index"})


def read_conversation(document: dict[str, Any], params: Params) -> Conversation:
    """Return the request as turns, tools and a wished-for format.

    Args:
        document: the request.
        params: of the same request; those that are part of the conversation are taken from it.

    Raises:
        InvalidRequest: something in it makes no sense, or no other format has words for it.
    """
    system, turns = _Turns().read(document["messages"])
    if not params.gives(_BESIDE_TURNS):
        return Conversation(system=system, turns=turns)
    tools = read_tools(document)
    choice = read_choice(document, tools)
    is_legacy = bool(tools) and not document.get("tools")
    params.take("tools", "functions", "tool_choice", "function_call")
    return Conversation(
        system=system,
        turns=turns,
        tools=tools,
        choice=choice,
        parallel=params.take("parallel_tool_calls"),
        answer_format=read_answer_format(params.take("response_format")),
        is_legacy=is_legacy,
    )


class _Turns:
    """Reads messages in order, and remembers who called what."""

    def __init__(self) -> None:
        self._open: dict[str, list[Call]] = {}
        """Calls of the nearest assistant's turn that wait for a result, by their id."""
        self._function_id: str | None = None
        """Made-up id of its deprecated function call, as long as that waits for its answer."""

    def read(self, messages: list[dict[str, Any]]) -> tuple[tuple[TextPart, ...], tuple[Turn, ...]]:
        system: list[TextPart] = []
        turns: list[Turn] = []
        for i, message in enumerate(messages):
            path = f"messages[{i}]"
            role = message["role"]
            if role in _SAYS_MORE:
                self._check_answered()
            if role == "user":
                turns.append(UserTurn(read_parts(message, path), path))
            elif role == "assistant":
                turns.append(self._assistant(message, path, i))
            elif role == "tool":
                turns.append(self._result(message, path))
            elif role == "function":
                turns.append(self._function_result(message, path))
            elif turns:
                turns.append(SystemTurn(read_texts(message, path), path))
            else:
                system += read_texts(message, path)
        self._check_answered()
        return tuple(system), tuple(turns)

    def _assistant(self, message: dict[str, Any], path: str, number: int) -> AssistantTurn:
        calls = [
            _call(call, f"{path}.tool_calls[{j}]") for j, call in enumerate(message.get("tool_calls") or ())
        ]
        self._function_id = None
        if message.get("function_call") is not None:
            self._function_id = f"call_{number}"
            calls.append(_function_call(message["function_call"], f"{path}.function_call", self._function_id))
        for call in calls:
            self._open.setdefault(call.id, []).append(call)
        parts = read_parts(message, path)
        if _PLAIN_KEYS.issuperset(message):
            return AssistantTurn(parts, tuple(calls), path)
        blocks = message.get("thinking_blocks")
        return AssistantTurn(
            parts,
            tuple(calls),
            path,
            _string(message.get("reasoning_content")) or _string(message.get("reasoning")),
            tuple(block for block in blocks if isinstance(block, dict)) if isinstance(blocks, list) else (),
            {key: value for key, value in message.items() if key not in _MESSAGE_KEYS},
        )

    def _result(self, message: dict[str, Any], path: str) -> ToolTurn:
        call_id = message["tool_call_id"]
        if call_id not in self._open:
            param = f"{path}.tool_call_id"
            raise InvalidRequest(
                f"`{param}` names no call of the assistant's turn before it that waits for its result.",
                param=param,
            )
        is_error = message.get("is_error") is True
        return ToolTurn(
            call_id, self._answered(call_id), read_parts(message, path), path, is_error, cache_mark(message)
        )

    def _function_result(self, message: dict[str, Any], path: str) -> ToolTurn:
        if self._function_id is None or self._function_id not in self._open:
            raise InvalidRequest(f"`{path}` answers no function call before it.", param=path)
        call_id, self._function_id = self._function_id, None
        return ToolTurn(call_id, self._answered(call_id), read_parts(message, path), path)

    def _answered(self, call_id: str) -> str:
        """Take the call from those that wait, and return the name of its function."""
        calls = self._open[call_id]
        call = calls.pop(0)
        if not calls:
            del self._open[call_id]
        return call.name

    def _check_answered(self) -> None:
        if self._open:
            path = next(iter(self._open.values()))[0].path
            raise InvalidRequest(
                f"`{path}` has no result: one must follow each call before the next turn.", param=path
            )


def _call(call: dict[str, Any], path: str) -> Call:
    function = call.get("function")
    if not isinstance(function, dict):
        raise InvalidRequest(f"`{path}` must be the call of a function.", param=path)
    arguments = _arguments(function["arguments"], f"{path}.function")
    if _CALL_KEYS.issuperset(call) and "thought_signature" not in function:
        return Call(call["id"], function["name"], arguments, path)
    fields = {key: value for key, value in call.items() if key not in _CALL_KEYS}
    signature = function.get("thought_signature")  # where Portkey's clients put it
    if isinstance(signature, str) and "extra_content" not in fields:
        fields["extra_content"] = {"google": {"thought_signature": signature}}
    return Call(call["id"], function["name"], arguments, path, fields)


def _function_call(call: dict[str, Any], path: str, call_id: str) -> Call:
    return Call(call_id, call["name"], _arguments(call["arguments"], path), path)


def _arguments(text: str, path: str) -> dict[str, Any]:
    """Return tool arguments as an object; none at all, as some clients write it, is an empty one."""
    param = f"{path}.arguments"
    try:
        value = _decode(text) if text.strip() else None
    except (ValueError, RecursionError):
        raise InvalidRequest(f"`{param}` is not JSON.", param=param) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequest(f"`{param}` must be a JSON object.", param=param)
    return value


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""

"""From OpenAI's messages to a `Conversation`.

The document has been checked field by field (`app/wire/openai_shapes.py`), so what can be wrong here is what
no type says: arguments that are no JSON, results without a call, media that are none. Errors name the field
and never quote it.
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
    tools = read_tools(document)
    choice = read_choice(document, tools)
    params.take("tools", "functions")
    params.take("tool_choice", "function_call")
    return Conversation(
        system=system,
        turns=turns,
        tools=tools,
        choice=choice,
        parallel=params.take("parallel_tool_calls"),
        answer_format=read_answer_format(params.take("response_format")),
    )


class _Turns:
    """Reads messages in order, and remembers who called what."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        """Functions by call id, of the assistant's turns so far."""
        self._open: set[str] = set()
        """Ids of the nearest assistant's turn, which results may answer."""
        self._function_ids: list[str] = []
        """Made-up ids of deprecated function calls that wait for their answer."""

    def read(self, messages: list[dict[str, Any]]) -> tuple[tuple[TextPart, ...], tuple[Turn, ...]]:
        system: list[TextPart] = []
        turns: list[Turn] = []
        for i, message in enumerate(messages):
            path = f"messages[{i}]"
            role = message["role"]
            if role in {"system", "developer"}:
                texts = read_texts(message, path)
                if turns:
                    turns.append(SystemTurn(texts, path))
                else:
                    system += texts
            elif role == "user":
                turns.append(UserTurn(read_parts(message, path), path))
            elif role == "assistant":
                turns.append(self._assistant(message, path, i))
            else:
                turns.append(self._result(message, path))
        return tuple(system), tuple(turns)

    def _assistant(self, message: dict[str, Any], path: str, number: int) -> AssistantTurn:
        calls = [
            self._call(call, f"{path}.tool_calls[{j}]")
            for j, call in enumerate(message.get("tool_calls") or ())
        ]
        legacy = message.get("function_call")
        if legacy is not None:
            place = f"{path}.function_call"
            call_id = f"call_{number}"
            calls.append(Call(call_id, legacy["name"], _arguments(legacy["arguments"], place), place))
            self._function_ids.append(call_id)
        self._names.update((call.id, call.name) for call in calls)
        self._open = {call.id for call in calls}
        blocks = message.get("thinking_blocks")
        return AssistantTurn(
            parts=read_parts(message, path),
            calls=tuple(calls),
            path=path,
            reasoning=_string(message.get("reasoning_content")) or _string(message.get("reasoning")),
            thinking_blocks=tuple(block for block in blocks if isinstance(block, dict))
            if isinstance(blocks, list)
            else (),
            fields={key: value for key, value in message.items() if key not in _MESSAGE_KEYS},
        )

    @staticmethod
    def _call(call: dict[str, Any], path: str) -> Call:
        function = call.get("function")
        if not isinstance(function, dict):
            raise InvalidRequest(f"`{path}` must be the call of a function.", param=path)
        arguments = _arguments(function["arguments"], f"{path}.function")
        fields = {key: value for key, value in call.items() if key not in _CALL_KEYS}
        signature = function.get("thought_signature")  # where Portkey's clients put it
        if isinstance(signature, str) and "extra_content" not in fields:
            fields["extra_content"] = {"google": {"thought_signature": signature}}
        return Call(call["id"], function["name"], arguments, path, fields)

    def _result(self, message: dict[str, Any], path: str) -> ToolTurn:
        if message["role"] == "function":
            if not self._function_ids:
                raise InvalidRequest(f"`{path}` answers no function call before it.", param=path)
            call_id, name = self._function_ids.pop(0), message["name"]
        else:
            call_id = message["tool_call_id"]
            name = self._names.get(call_id, "")
            if call_id not in self._open:
                raise InvalidRequest(
                    f"`{path}.tool_call_id` names no call of the assistant's turn before it.",
                    param=f"{path}.tool_call_id",
                )
        is_error = message.get("is_error") is True
        return ToolTurn(call_id, name, read_parts(message, path), path, is_error, cache_mark(message))


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

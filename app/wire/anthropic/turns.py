"""A conversation's turns as Anthropic's messages.

The vendor's rules (docs.claude.com, "Messages" and "Tool use", 2026-11) and how they are kept:

- Every call is answered in the very next user message, results before anything else. So neighbouring results
  and the user's turn behind them become one message.
- Ids of calls match `[a-zA-Z0-9_-]+` and are used once. Others are replaced, the same by the same.
- Texts are not empty, and the last one of a prefilled answer does not end in white space.
- Signed thoughts go back as they came, before everything else in their turn; unsigned ones cannot.
- A conversation begins with the user. Where it does not, he says ".", the least that can be said.
"""

import hashlib
import re
from typing import Any

from app.domain.errors import InvalidRequest
from app.domain.unique_names import UniqueNames
from app.wire.anthropic.blocks import BlockWriter
from app.wire.conversation import AssistantTurn, SystemTurn, TextPart, ToolTurn, Turn, UserTurn

_FOREIGN = re.compile(r"[^a-zA-Z0-9_-]")
_KEPT = {"thinking": ("thinking", "signature"), "redacted_thinking": ("data",)}
"""Members of the blocks that hold thoughts; what we added beside them does not go back."""
_NOTHING = {"type": "text", "text": "."}


class MessageWriter:
    """Writes the messages of one request.

    Args:
        blocks: writes their content.
        system_in_turns: whether an instruction may stay where it is; else it joins those of the beginning.
    """

    def __init__(self, blocks: BlockWriter, *, system_in_turns: bool) -> None:
        self._blocks = blocks
        self._system_in_turns = system_in_turns
        self.system: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self._ids = _CallIds()
        self._waiting: list[SystemTurn] = []
        """Instructions that came between a call and its answer."""

    def write(self, system: tuple[TextPart, ...], turns: tuple[Turn, ...]) -> None:
        """Fill `system` and `messages`.

        Raises:
            InvalidRequest: a part or the order of turns cannot be expressed.
        """
        hoisted = [part for turn in turns if isinstance(turn, SystemTurn) for part in turn.parts]
        self.system = self._blocks.texts(system if self._system_in_turns else (*system, *hoisted))
        for turn in turns:
            match turn:
                case UserTurn():
                    self._between_turns()
                    self._say("user", self._blocks.user(turn.parts))
                case AssistantTurn():
                    self._between_turns()
                    self._assistant(turn)
                case ToolTurn():
                    self._result(turn)
                case SystemTurn():
                    self._waiting.append(turn)
        self._between_turns()
        self._strip_end()
        if not self.messages:
            self._only_system()
        elif self.messages[0]["role"] == "assistant":
            self.messages.insert(0, {"role": "user", "content": [_NOTHING]})

    def _between_turns(self) -> None:
        """Say what waited for the results to be complete."""
        for turn in self._waiting if self._system_in_turns else ():
            texts = self._blocks.texts(turn.parts)
            if self.messages:
                self._say("system", texts)
            else:  # what came before was empty
                self.system += texts
        self._waiting.clear()

    def _say(self, role: str, blocks: list[dict[str, Any]]) -> None:
        if not blocks:
            return
        if self.messages and self.messages[-1]["role"] == role:
            self.messages[-1]["content"] += blocks
        else:
            self.messages.append({"role": role, "content": blocks})

    def _assistant(self, turn: AssistantTurn) -> None:
        own = turn.fields.get("content_blocks")
        said = _native(own) if isinstance(own, list) else []
        if not said:
            said = [*thoughts(turn.thinking_blocks), *self._blocks.assistant(turn.parts)]
        self._ids.next_turn()
        for call in turn.calls:
            if self._ids.knows(call.id):
                raise InvalidRequest(f"`{call.path}.id` is that of another call.", param=f"{call.path}.id")
            use = {
                "type": "tool_use",
                "id": self._ids.begin(call.id),
                "name": call.name,
                "input": call.arguments,
            }
            cache = call.fields.get("cache_control")
            said.append(self._blocks.mark(use, cache if isinstance(cache, dict) else None))
        self._say("assistant", said)

    def _result(self, turn: ToolTurn) -> None:
        result: dict[str, Any] = {"type": "tool_result", "tool_use_id": self._ids.of(turn.call_id)}
        match turn.parts:
            case (TextPart(cache=None) as only,):
                result["content"] = only.text
            case ():
                pass
            case parts:
                result["content"] = self._blocks.user(parts)
        if turn.is_error:
            result["is_error"] = True
        self._say("user", [self._blocks.mark(result, turn.cache)])

    def _strip_end(self) -> None:
        """Take the white space from the end of an answer that has begun."""
        if not self.messages or self.messages[-1]["role"] != "assistant":
            return
        last = self.messages[-1]["content"][-1]
        if last.get("type") == "text":
            last["text"] = last["text"].rstrip()

    def _only_system(self) -> None:
        """Instructions without a turn are what there is to be answered."""
        if not self.system:
            raise InvalidRequest("`messages` holds no text.", param="messages")
        self.messages.append({"role": "user", "content": self.system})
        self.system = []


def thoughts(blocks: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Return what goes back of thoughts that we gave out; those nobody signed are left out."""
    return [
        {"type": block["type"], **{key: block[key] for key in _KEPT[block["type"]]}}
        for block in blocks
        if _is_thought(block)
    ]


def _is_kept(block: dict[str, Any]) -> bool:
    return isinstance(block.get("type"), str) and block["type"] in _KEPT


def _is_thought(block: dict[str, Any]) -> bool:
    kept = _KEPT[block["type"]] if _is_kept(block) else None
    return kept is not None and all(isinstance(block.get(key), str) for key in kept) and bool(block[kept[-1]])


def _native(blocks: list[Any]) -> list[dict[str, Any]]:
    """Return blocks we gave out as `content_blocks`; calls stand in `tool_calls`."""
    found: list[dict[str, Any]] = []
    for block in blocks:
        if not isinstance(block, dict) or block.get("type") == "tool_use":
            continue
        if _is_kept(block):
            found += thoughts((block,))
        elif block.get("type") != "text" or str(block.get("text", "")).strip():
            found.append({key: value for key, value in block.items() if key != "index"})
    return found


class _CallIds:
    """The vendor's ids for the caller's."""

    def __init__(self) -> None:
        self._used = UniqueNames("_")
        self._now: dict[str, str] = {}
        """Of the nearest assistant's turn: servers exist that begin anew with every turn."""

    def next_turn(self) -> None:
        self._now = {}

    def knows(self, call_id: str) -> bool:
        """Whether it is the id of a call of this turn."""
        return call_id in self._now

    def begin(self, call_id: str) -> str:
        name = call_id
        if not call_id or _FOREIGN.search(call_id):
            digest = hashlib.blake2s(call_id.encode(), digest_size=4).hexdigest()
            name = f"{_FOREIGN.sub('_', call_id)}_{digest}"
        self._now[call_id] = name = self._used.add(name)
        return name

    def of(self, call_id: str) -> str:
        return self._now[call_id]

"""Turns of a conversation as Converse's messages.

Converse wants messages that alternate strictly, user first, and every result of a tool in the very next
message after its call. So turns of one side become one message, results in front; later instructions go to
the others at the top, unless the model takes them between turns.

A conversation that begins with the assistant (the greeting of a chat window, mostly) gets a user's turn that
says nothing in front of it: leaving the greeting out would lose what was said, and refusing would break every
such chat, as OpenAI accepts it.

Where no tool may be called, Converse is given no tools, and then it refuses calls and results in the history
("The toolConfig field must be defined when using toolUse and toolResult content blocks"). There they are
written as text. Rejected: keeping the tools with `auto`, or a made-up tool, as other gateways do; the model
may then call what the caller has forbidden or knows nothing of.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.bedrock.content import FILLER, Block, ContentWriter, cache_point, with_text
from app.wire.conversation import AssistantTurn, Call, Conversation, SystemTurn, ToolTurn, Turn, UserTurn
from app.wire.params import unsupported

_ID = re.compile(r"[a-zA-Z0-9_.:-]{1,64}")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_KNOWS_STATUS = frozenset({"anthropic", "amazon.nova"})
"""Whose models take `toolResult.status` (service model, `ToolResultBlock`)."""
_encode = msgspec.json.Encoder().encode


class TurnsWriter:
    """Writes one conversation.

    Args:
        abilities: of the model.
        family: who made it.
        target: names it, for messages.
        tools: whether the request defines tools; else calls and results become text.
    """

    def __init__(self, abilities: Abilities, family: str, target: str, *, tools: bool) -> None:
        self._abilities = abilities
        self._family = family
        self._target = target
        self._tools = tools
        self._content = ContentWriter(abilities, target)
        self._messages: list[dict[str, Any]] = []

    def system(self, conversation: Conversation) -> list[Block]:
        """Return the instructions."""
        blocks = self._content.blocks(conversation.system)
        if not self._abilities.system_in_turns:
            for turn in conversation.turns:
                if isinstance(turn, SystemTurn):
                    blocks += self._content.blocks(turn.parts)
        return blocks if any("text" in block for block in blocks) else []

    def messages(self, turns: tuple[Turn, ...]) -> list[dict[str, Any]]:
        """Return the messages.

        Raises:
            InvalidRequest: something in them cannot be said.
        """
        for turn in _results_first(turns):
            self._take(turn)
        if not self._messages or self._messages[0]["role"] == "assistant":
            self._messages.insert(0, {"role": "user", "content": []})
        for message in self._messages:
            message["content"] = with_text(message["content"])
        self._check_end(turns)
        return self._messages

    def _take(self, turn: Turn) -> None:
        match turn:
            case UserTurn():
                self._user(self._content.blocks(turn.parts))
            case AssistantTurn():
                self._assistant(turn)
            case ToolTurn():
                self._result(turn)
            case SystemTurn():
                if self._abilities.system_in_turns and turn.parts:
                    self._add("system", self._content.blocks(turn.parts))

    def _user(self, blocks: list[Block]) -> None:
        last = self._messages[-1] if self._messages else None
        if (
            not self._abilities.text_with_tool_results
            and last is not None
            and last["role"] == "user"
            and any("toolResult" in block for block in last["content"])
        ):
            if not blocks:
                return
            self._add("assistant", [{"text": FILLER}])
        self._add("user", blocks)

    def _assistant(self, turn: AssistantTurn) -> None:
        blocks = [block for block in map(thought, turn.thinking_blocks) if block is not None]
        blocks += self._content.blocks(turn.parts, texts_only=True)
        for call in turn.calls:
            if self._tools:
                blocks.append({"toolUse": _tool_use(call)})
            else:
                blocks.append({"text": _call_as_text(call)})
        self._add("assistant", blocks)

    def _result(self, turn: ToolTurn) -> None:
        content = self._content.blocks(turn.parts)
        marks = [block for block in content if "cachePoint" in block]
        if marks:
            content = [block for block in content if "cachePoint" not in block]
        mark = cache_point(turn.cache)
        if not self._tools:
            words = f"The tool {turn.name} {'failed' if turn.is_error else 'answered'}:"
            self._add("user", [{"text": words}, *content])
            return
        result: Block = {"toolUseId": tool_use_id(turn.call_id), "content": content or [{"text": FILLER}]}
        if turn.is_error and self._family in _KNOWS_STATUS:
            result["status"] = "error"
        self._add("user", [{"toolResult": result}, *([mark] if mark is not None else marks[-1:])])

    def _add(self, role: str, blocks: list[Block]) -> None:
        if self._messages and self._messages[-1]["role"] == role:
            self._messages[-1]["content"] += blocks
        else:
            self._messages.append({"role": role, "content": list(blocks)})

    def _check_end(self, turns: tuple[Turn, ...]) -> None:
        """Mend or refuse a conversation that ends with words of the assistant's to go on with."""
        last = self._messages[-1]
        if last["role"] != "assistant":
            return
        if not self._abilities.prefill:
            path = next(turn.path for turn in reversed(turns) if isinstance(turn, AssistantTurn))
            raise unsupported(path, self._target, "The last turn must be the user's.")
        for block in reversed(last["content"]):
            if "text" in block:
                block["text"] = block["text"].rstrip()  # "cannot end with trailing whitespace"
                break


def tool_use_id(call_id: str) -> str:
    """Return the id if Converse takes it, else one of its own for it, always the same."""
    if _ID.fullmatch(call_id):
        return call_id
    return "call_" + hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def checked_name(name: str, path: str) -> str:
    """Return a function's name. Raises `InvalidRequest` if Converse does not take it."""
    if _NAME.fullmatch(name) is None:
        raise InvalidRequest(
            f"`{path}.name` must be 1 to 64 letters, digits, underscores and hyphens.", param=f"{path}.name"
        )
    return name


def _results_first(turns: tuple[Turn, ...]) -> Iterator[Turn]:
    """Yield the turns; among those between two of the assistant's, results of tools come first."""
    others: list[Turn] = []
    for turn in turns:
        if isinstance(turn, ToolTurn):
            yield turn
        elif isinstance(turn, AssistantTurn):
            yield from others
            others.clear()
            yield turn
        else:
            others.append(turn)
    yield from others


def _tool_use(call: Call) -> Block:
    return {
        "toolUseId": tool_use_id(call.id),
        "name": checked_name(call.name, f"{call.path}.function"),
        "input": call.arguments,
    }


def _call_as_text(call: Call) -> str:
    return f"Called the tool {call.name} with {_encode(call.arguments).decode()}"


def thought(block: dict[str, Any]) -> Block | None:
    """Return a thought as the model gave it; one without a signature no model wants back."""
    match block:
        case {"type": "thinking", "thinking": str(text), "signature": str(signature)} if signature:
            return {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}
        case {"type": "redacted_thinking", "data": str(data)} if data:
            return {"reasoningContent": {"redactedContent": data}}
        case _:
            return None

"""What a model says and what it was asked, without any vendor's words.

A vendor (`tests/features/vendors.py`) turns what came over the wire into `Heard`, and what the model says to
that into an answer of its own. The model is obedient and no more: it thinks, calls or writes JSON only if it
was asked to in a way that it understands, so that a wish which got lost on the way is missed in the answer.
"""

import json
from typing import Any, Literal

import msgspec

PROMPT_TOKENS = 30
COMPLETION_TOKENS = 12
THOUGHT_TOKENS = 5
"""Those of the completion that nobody reads, where a vendor counts them apart and there are thoughts."""
CACHED_TOKENS = 8
"""Those of the prompt that were read from a cache, where a vendor counts them apart."""
RETRY_AFTER_S = "7"

Json = dict[str, Any]


class Call(msgspec.Struct, frozen=True):
    """A call of a tool."""

    name: str
    arguments: Json


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is ready to say."""

    text: str = "It is warm in Paris: 21 °C."
    thoughts: str = ""
    """Said only if it is asked to think."""
    calls: tuple[Call, ...] = ()
    """Made only if the tools are there."""
    reluctant: bool = False
    """Whether it calls a tool only if it is made to."""
    data: Json | None = None
    """What it answers if it is asked for JSON."""
    fails: Literal["never", "before", "within"] = "never"
    """Whether it is too busy, and when it says so: with a status, or as the first event of a stream."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a vendor understood."""

    instructions: str
    """All of them, as they came."""
    turns: tuple[tuple[str, str], ...]
    """`user`, `assistant` or `tool`, and what was said, as JSON."""
    tools: tuple[str, ...] = ()
    forced: Literal["no", "one", "any"] = "no"
    """Whether a tool must be called: a certain one, or any."""
    only: tuple[str, ...] = ()
    """Tools that may be called, where not all may."""
    json: Literal["no", "object", "schema"] = "no"
    """Whether the answer must be JSON, as the vendor's format says it."""
    thinks: bool = False

    @property
    def made_up(self) -> str | None:
        """Return the tool whose arguments are to be the answer, if there is one."""
        return next((name for name in self.tools if name.startswith("json_")), None)


def reply(said: Said, heard: Heard) -> Said:
    """Return what the model says to what it heard."""
    thoughts = said.thoughts if heard.thinks else ""
    if said.data is not None:
        return _with_data(said, heard, thoughts)
    allowed = heard.only or heard.tools
    calls = tuple(call for call in said.calls if call.name in allowed)
    if said.reluctant and heard.forced == "no":
        calls = ()
    return Said(text="" if calls else said.text, thoughts=thoughts, calls=calls)


def _with_data(said: Said, heard: Heard, thoughts: str) -> Said:
    data = said.data or {}
    if heard.json != "no":
        return Said(text=json.dumps(data), thoughts=thoughts)
    name = heard.made_up
    if name is not None and (heard.forced != "no" or name in heard.instructions):
        return Said(text="", thoughts=thoughts, calls=(Call(name, data),))
    if '"city"' in heard.instructions or "JSON" in heard.instructions:
        return Said(text=json.dumps(data), thoughts=thoughts)
    return Said(text=said.text, thoughts=thoughts)

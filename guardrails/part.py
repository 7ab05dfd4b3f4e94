"""A part: one piece of a conversation that can be screened, and where it stands.

The library knows texts and their places, not HTTP bodies: whoever calls it takes a request or an answer apart
into parts and puts redacted texts back by path.
"""

import enum

import msgspec


class PartKind(enum.StrEnum):
    """What a text is in its conversation."""

    TEXT = "text"
    """What a message says."""
    TOOL_ARGUMENTS = "tool_arguments"
    """One leaf of the arguments of a tool call, decoded from its JSON."""
    TOOL_RESULT = "tool_result"
    """What a tool answered."""
    REASONING = "reasoning"
    """A model's thoughts, as far as its provider shows them."""
    REFUSAL = "refusal"
    """A model's words for not answering."""
    FIELD = "field"
    """Any other text: names, metadata, tool definitions, fields nobody has documented."""


class Part(msgspec.Struct, frozen=True):
    """One text of a conversation."""

    path: str
    """Where it stands, as callers write it: `messages[0].content`, `choices[1].message.refusal`."""
    text: str
    kind: PartKind = PartKind.TEXT
    role: str = "user"
    """Who said it: `system`, `developer`, `user`, `assistant`, `tool`; empty for what nobody says."""
    is_new: bool = True
    """Whether it came with the latest turn: the assistant has not spoken since, if the caller is right about
    that: the earlier turns are what he says they were. Instructions and what stands
    outside of messages are always new."""
    name: str = ""
    """Of what it is the value, where it is the value of a JSON member: what a value alone does not tell, its
    name may (`guardrails/views/named.py`)."""

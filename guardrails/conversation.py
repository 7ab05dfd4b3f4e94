"""A conversation: what is known of a request before any check is asked, beside the text at hand.

Some checks cannot judge a text alone: whether an answer gives away its system prompt, whether this caller may
ask this model, whether a tool call is one that was offered. Whoever calls the library says what it knows; an
empty conversation is one about which nothing is known.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from guardrails.part import Part


class Tool(msgspec.Struct, frozen=True):
    """A function that a request offers to the model."""

    path: str
    """Where it stands: `tools[0].function`."""
    name: str
    schema: Mapping[str, Any] | None = None
    """JSON Schema of its arguments, as the request gives it."""


class ToolCall(msgspec.Struct, frozen=True):
    """A complete call of a function: of the answer, or of an earlier turn."""

    path: str
    """Where it stands: `choices[0].message.tool_calls[0].function`."""
    name: str
    arguments: str
    """As the model wrote them: JSON, if it did well."""


class Conversation(msgspec.Struct, frozen=True):
    """What is known of a request."""

    model: str = ""
    """As it was asked for."""
    target: str = ""
    """Who is really asked, as `@provider/model`; empty as long as that is not known."""
    request_type: str = "chatComplete"
    """What is asked for, in Portkey's words: `chatComplete`, `complete`, `embed`."""
    metadata: Mapping[str, str] = {}
    """What the caller says about the request."""
    headers: Mapping[str, str] = {}
    """Of the request, names in small letters; only those that a check is configured to read."""
    parts: tuple[Part, ...] = ()
    """Every text of the request, as it came."""
    messages: int = 0
    """How many there are."""
    images: int = 0
    files: int = 0
    """Documents and sound in it."""
    tools: tuple[Tool, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    """Of earlier turns."""


NOTHING_KNOWN = Conversation()

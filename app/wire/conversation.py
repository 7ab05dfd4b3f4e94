"""A request's messages as typed turns: what every format but OpenAI's own starts from.

    Conversation
      system   instructions before the first turn
      turns    UserTurn | AssistantTurn | ToolTurn | SystemTurn, in order
      tools, choice, parallel, answer_format

The work that all formats share is done while reading (`app/wire/conversation_reader.py`): deprecated
functions become tools, texts become parts, tool arguments become objects, media are parsed, results know the
name of the function that gave them. Formats only say it in their own words.

What they hold came from JSON, which has no cycles: the garbage collector need not look at them
(`gc=False`).
"""

from typing import Any, Literal

import msgspec


class TextPart(msgspec.Struct, frozen=True, gc=False):
    """A text; never empty."""

    text: str
    path: str
    cache: dict[str, Any] | None = None
    """`cache_control` of the part as the caller gave it: `{"type": "ephemeral", "ttl": "1h"}`."""


class ImagePart(msgspec.Struct, frozen=True, gc=False):
    """An image: either by URL or by its bytes."""

    path: str
    url: str | None = None
    """`https://...`, `gs://...`, `s3://...`; None: the bytes are here."""
    media_type: str = ""
    """`image/png`; empty where only the URL is known."""
    base64: str = ""
    detail: str | None = None
    cache: dict[str, Any] | None = None


class FilePart(msgspec.Struct, frozen=True, gc=False):
    """A document: by its bytes, by URL, or by the id of an upload."""

    path: str
    media_type: str = ""
    base64: str = ""
    url: str | None = None
    file_id: str | None = None
    filename: str | None = None
    cache: dict[str, Any] | None = None


class AudioPart(msgspec.Struct, frozen=True, gc=False):
    """Sound."""

    path: str
    format: str
    """`wav`, `mp3`, ..."""
    base64: str


class OtherPart(msgspec.Struct, frozen=True, gc=False):
    """A part of a type nobody has documented; a format that does not know it refuses it by its path."""

    path: str
    type: str
    fields: dict[str, Any]


Part = TextPart | ImagePart | FilePart | AudioPart | OtherPart


class Call(msgspec.Struct, frozen=True, gc=False):
    """A function the assistant called."""

    id: str
    name: str
    arguments: dict[str, Any]
    path: str
    fields: dict[str, Any] = {}
    """What else stood in the call: `extra_content`, for one."""


class SystemTurn(msgspec.Struct, frozen=True, gc=False):
    """Instructions that come after the first turn."""

    parts: tuple[TextPart, ...]
    path: str


class UserTurn(msgspec.Struct, frozen=True, gc=False):
    """What the user says; may be without parts where all his texts are empty."""

    parts: tuple[Part, ...]
    path: str


class AssistantTurn(msgspec.Struct, frozen=True, gc=False):
    """What the model said."""

    parts: tuple[Part, ...]
    calls: tuple[Call, ...]
    path: str
    reasoning: str = ""
    """Its `reasoning_content` (or `reasoning`)."""
    thinking_blocks: tuple[dict[str, Any], ...] = ()
    """Signed thoughts as we gave them out: `{"type": "thinking", "thinking": ..., "signature": ...}` or
    `{"type": "redacted_thinking", "data": ...}`."""
    fields: dict[str, Any] = {}
    """What else stood in the message."""


class ToolTurn(msgspec.Struct, frozen=True, gc=False):
    """What a tool answered."""

    call_id: str
    name: str
    """Of the function that was called."""
    parts: tuple[Part, ...]
    path: str
    is_error: bool = False
    cache: dict[str, Any] | None = None


Turn = SystemTurn | UserTurn | AssistantTurn | ToolTurn


class Tool(msgspec.Struct, frozen=True, gc=False):
    """A function the model may call."""

    name: str
    description: str
    """Empty if there is none."""
    parameters: dict[str, Any] | None
    """JSON Schema; None: the function takes none."""
    path: str
    strict: bool = False
    cache: dict[str, Any] | None = None


class ToolChoice(msgspec.Struct, frozen=True, gc=False):
    """Which function must or may be called."""

    mode: Literal["auto", "none", "required"]
    names: tuple[str, ...] = ()
    """The functions it is limited to; empty: all. `required` with one name is a forced function."""


class AnswerFormat(msgspec.Struct, frozen=True, gc=False):
    """What JSON the answer must be."""

    schema: dict[str, Any] | None = None
    """None: any JSON object (`json_object`)."""
    name: str = "answer"
    description: str = ""
    strict: bool = False


class Conversation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is asked, apart from parameters."""

    system: tuple[TextPart, ...] = ()
    turns: tuple[Turn, ...] = ()
    tools: tuple[Tool, ...] = ()
    choice: ToolChoice | None = None
    parallel: bool | None = None
    """`parallel_tool_calls`."""
    is_legacy: bool = False
    """Whether the caller asked with the deprecated `functions`, and so reads a `function_call` only."""
    answer_format: AnswerFormat | None = None

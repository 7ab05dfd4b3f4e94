"""What happens in an answer, in order. The one language between providers, screening, record and HTTP.

    Started ( TextDelta | ToolCallStarted | ToolArguments | Extra )* ChoiceFinished+ UsageReported?    words
    Started Embedded+ UsageReported?                                                                   vectors
    ... Blocked                                                                   a guardrail ended it
    ... Failed                                                                    an error ended it

A whole answer and a stream are the same events: a whole answer has one `TextDelta` a text, a stream has many.
Events are typed values; bytes are made once, at the border (`app/wire/openai/stream.py`), and never parsed
again. Everything a provider said that no field below names rides along in `fields` or as an `Extra`, so that
nothing is lost.
"""

from typing import Any

import msgspec

from app.domain.errors import HandrailError
from guardrails.verdict import Verdict

FUNCTION_CALL = -1
"""`index` of the one, deprecated `function_call` of a choice, which has no place in `tool_calls`."""


COMPLETION_TEXT = "text"
"""Channel of the text of a completion: `choices[0].text`."""


class Started(msgspec.Struct, frozen=True):
    """The answer begins."""

    fields: dict[str, Any]
    """Top level: `id`, `created`, `model`, `system_fingerprint`, ...; without `object`, `choices`,
    `usage`."""


class TextDelta(msgspec.Struct, frozen=True):
    """Text of one choice goes on."""

    choice: int
    channel: str
    """Key of the text in the message: `content`, `refusal`, `reasoning_content`, `reasoning`;
    `COMPLETION_TEXT` for the text of a completion, which has no message."""
    text: str
    logprobs: dict[str, Any] | None = None
    """The choice's `logprobs` that came with it: they spell the text once more, so they share its fate."""


class ToolCallStarted(msgspec.Struct, frozen=True):
    """A tool call begins: everything of it but its arguments."""

    choice: int
    index: int
    """Place in `tool_calls`, from 0, or `FUNCTION_CALL`."""
    fields: dict[str, Any]
    """`id`, `type`, `function: {name}` or `custom: {name}`, and whatever else came; for `FUNCTION_CALL`:
    `name`."""


class ToolArguments(msgspec.Struct, frozen=True):
    """Arguments of a tool call go on: of `function.arguments` (JSON) or `custom.input` (free text)."""

    choice: int
    index: int
    text: str


class Extra(msgspec.Struct, frozen=True):
    """Fields nobody has documented, or that are no running text: `annotations`, `audio`, `citations`."""

    choice: int | None
    """None: top level of the answer."""
    fields: dict[str, Any]


class ChoiceFinished(msgspec.Struct, frozen=True):
    """One choice is complete."""

    choice: int
    reason: str | None
    """`stop`, `length`, `tool_calls`, `content_filter`, `function_call`, or the provider's own word."""
    fields: dict[str, Any]
    """What else stands in the choice beside `message` or `delta`."""


class Embedded(msgspec.Struct, frozen=True):
    """The vector of one text."""

    index: int
    """Of the text, from 0."""
    vector: list[float] | str
    """Its coordinates, or these as 32-bit floats in base64, as the caller asked for them."""


class UsageReported(msgspec.Struct, frozen=True):
    """What the provider counted, in OpenAI's shape."""

    fields: dict[str, Any]


class Blocked(msgspec.Struct, frozen=True):
    """A guardrail ended the exchange; the last event. What was held back is gone."""

    verdict: Verdict


class Failed(msgspec.Struct, frozen=True):
    """An error ended the exchange; the last event."""

    error: HandrailError


ProviderEvent = (
    Started | TextDelta | ToolCallStarted | ToolArguments | Extra | ChoiceFinished | Embedded | UsageReported
)
"""What a provider yields. It says that it failed by raising an `UpstreamError`."""

Event = ProviderEvent | Blocked | Failed
"""What the pipeline yields. It never raises for what can go wrong with an exchange."""

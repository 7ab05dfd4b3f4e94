"""What a model can do, where models of the same wire format differ.

Data, not code: patterns of model names give these values in the catalogue, and `handrail.yaml` overrides
them. A format (`app/wire`) reads them to say a request in the words that this very model takes.
"""

from typing import Literal

import msgspec

Thinking = Literal["none", "budget", "adaptive", "level", "effort"]
"""How a model is told how hard to think.

    none      not at all: a wish for it cannot be expressed
    budget    by a number of tokens (Claude up to 4.5, Gemini 2.5)
    adaptive  it decides, within an effort (Claude from 4.6)
    level     by a word of its own vocabulary (Gemini 3)
    effort    by `reasoning_effort`, as OpenAI does
"""


class Abilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one model. The defaults are those of a model that nobody has said anything about.

    A format heeds what it has words for. OpenAI's, which most servers speak, heeds `refused`,
    `refused_while_thinking`, `temperature_or_top_p`, `forced_tools`, `vision` and `efforts`; how such a
    server keeps to a schema is its row's affair (`app/catalogue/dialect.py`).
    """

    refused: tuple[str, ...] = ()
    """OpenAI's parameters that it answers with an error, whatever their value: `temperature`, `stop`."""
    refused_while_thinking: tuple[str, ...] = ()
    """Those it answers with an error where it is asked to think (a `reasoning_effort` other than `none`)."""
    temperature_or_top_p: bool = False
    """Whether it takes only one of the two at a time."""
    forced_tools: bool = True
    """Whether `tool_choice` may be `required` or name a function."""
    forced_tools_while_thinking: bool = False
    structured_output: Literal["native", "tool"] = "native"
    """How a JSON schema is kept to: by a field of the format, or by a tool the model is made to call."""
    structured_output_with_tools: bool = True
    """Whether the native form goes together with tools."""
    strict_tools: bool = True
    """Whether `strict` of a function's schema is understood."""
    vision: bool = True
    documents: bool = True
    audio: bool = False
    thinking: Thinking = "none"
    always_thinks: bool = False
    """Whether thinking cannot be switched off."""
    efforts: tuple[str, ...] | None = None
    """Values of `reasoning_effort` it takes; None: all. A value in between goes to the nearest."""
    max_output_tokens: int | None = None
    """None: not known. What is asked for where a format must name a number and the caller does not."""
    prefill: bool = True
    """Whether the conversation may end with the assistant's turn."""
    system_in_turns: bool = False
    """Whether an instruction may stand between turns, where the format has no such place in general."""
    text_with_tool_results: bool = True
    """Whether a user's turn may hold results of tools and text alike."""

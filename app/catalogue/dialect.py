"""How an OpenAI-compatible API differs from OpenAI's, as data.

The defaults are OpenAI's own API: a request goes out as it came. Every field is a deviation that a vendor
documents or that gateways met; the rows that use one say where it is from (`providers.yaml`). What is done
about each is in `app/wire/openai/dialect.py` for requests, `app/wire/openai/mending.py` for answers.
"""

from typing import Any, Literal

import msgspec

MaxTokensField = Literal["either", "max_tokens", "max_completion_tokens"]
JsonSchemaForm = Literal["native", "schema", "object", "none"]
"""How a JSON schema is asked for.

    native  {type: json_schema, json_schema: {name, schema, strict}}, as OpenAI does
    schema  {type: json_schema, schema}
    object  {type: json_object, schema}
    none    by instruction: it knows `json_object` only, and a system message holds the schema; where it
            knows neither, a request for a schema is an error
"""
JsonObjectForm = Literal["native", "word", "schema", "none"]
"""How any JSON object is asked for.

    native  {type: json_object}
    word    the same, and the conversation must speak of JSON; where it does not, the instructions will
    schema  as the schema of any object
    none    not at all
"""
EffortForm = Literal["native", "reasoning", "thinking", "enable_thinking"]
"""How it is told how hard to think.

    native           reasoning_effort
    reasoning        reasoning: {effort}
    thinking         thinking: {type: enabled or disabled}, and reasoning_effort unless it is `none`
    enable_thinking  enable_thinking: true or false
"""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping of the catalogue: no unknown keys."""


class Range(Section, frozen=True):
    """Bounds of a number, both included."""

    min: float | None = None
    max: float | None = None


class Replacement(Section, frozen=True):
    """A value that is not taken, and the one that says the same."""

    value: Any
    by: Any


class ToolIds(Section, frozen=True):
    """What ids of tool calls must look like. Others are turned into `length` letters and digits."""

    pattern: str
    length: int


class ErrorWithin(Section, frozen=True):
    """An error that comes with status 200, beside or instead of an answer."""

    object: str
    """Top-level member that holds it: `base_resp`."""
    code: str
    """Member of that: a number, 0 if all is well."""
    message: str
    statuses: dict[int, int] = {}
    """HTTP status of a code; 502 for others."""


class Embeddings(Section, frozen=True):
    """How vectors of texts are asked for."""

    path: str = "embeddings"
    """Below the base URL."""
    rename: dict[str, str] = {}
    """Parameters it calls something else."""
    drop: tuple[str, ...] = ()
    """Parameters that it refuses or ignores; dealt with as the provider's `unsupported` says."""


class Dialect(Section, frozen=True):
    """How an OpenAI-compatible API differs from OpenAI's."""

    chat_path: str = "chat/completions"
    """Below the base URL."""
    completions_path: str | None = "completions"
    """Below the base URL; None: it has none of that older kind."""
    embeddings: Embeddings | None = Embeddings()
    """None: it has none."""
    models_path: str | None = "models"
    """Below the base URL; None: it lists none."""

    max_tokens_field: MaxTokensField = "either"
    """Which of the two it knows; the other is renamed."""
    rename: dict[str, str] = {}
    """Parameters it calls something else."""
    drop: tuple[str, ...] = ()
    """Parameters that it refuses or ignores; dealt with as the provider's `unsupported` says. `functions` are
    asked for as tools, unless these are listed too."""
    unknown_fields: Literal["pass", "refuse"] = "pass"
    """Whether fields it does not know are an error: then all but `known` are as those in `drop`."""
    known: tuple[str, ...] = ()
    """All fields it knows, where it refuses others; `model`, `messages` and `stream` besides."""
    force: dict[str, Any] = {}
    """Sent whatever the caller says."""
    defaults: dict[str, Any] = {}
    """Sent where the caller says nothing."""
    clamp: dict[str, Range] = {}
    """Numbers go to the nearest it takes."""
    replace: dict[str, tuple[Replacement, ...]] = {}
    """Values it does not take, by parameter."""
    effort: EffortForm = "native"

    roles: dict[str, str] = {}
    """Roles it calls something else: `developer: system`."""
    message_fields: tuple[str, ...] | None = None
    """All members of messages it knows; None: it ignores what it does not know."""
    message_drop: tuple[str, ...] = ()
    """Members of messages it refuses: `name`. Where they say something they are dealt with as parameters
    are."""
    flat_content: bool = False
    """Whether `content` that is texts only must be one text; which other parts there may be, `parts` says."""
    parts: tuple[str, ...] | None = None
    """All types of parts it knows; any other is an error, but for a refusal, which is a text then. None:
    whatever comes is sent."""
    alternate_roles: bool = False
    """Whether two turns of one role may not follow each other: they become one, and instructions in between
    go to the front."""
    bridge_tool_to_user: str | None = None
    """What the assistant is made to say where a user's turn follows a tool's; None: it may follow."""
    tool_names: bool = False
    """Whether a tool's message must name its function."""
    tool_ids: ToolIds | None = None
    tool_choice: dict[str, str | None] = {}
    """Other words for `none`, `auto`, `required` and `named` (the object that names one); null: it cannot be
    said. `none` that cannot be said is kept to by sending no tools."""
    parameters_required: bool = False
    """Whether a function without parameters must say that it has none."""
    strict_tools: bool = True
    """Whether `strict` of a function is known; otherwise it is left out, as it only narrows."""
    reasoning_replay: Literal["keep", "strip", "parts"] = "keep"
    """What becomes of the reasoning in an assistant's earlier turns: sent back (thinking models of DeepSeek,
    Moonshot and OpenRouter insist), left out, or as `thinking` parts of its content."""
    reasoning_field: Literal["reasoning_content", "reasoning"] | None = None
    """What it calls that reasoning in requests; None: as the caller does."""
    json_schema: JsonSchemaForm = "native"
    json_object: JsonObjectForm = "native"

    stream_usage: Literal["native", "opt-in", "absent"] = "opt-in"
    """Whether usage comes with a stream: unasked, by `stream_options.include_usage`, or not at all. Only with
    `opt-in` are `stream_options` sent."""
    think_tags: bool = False
    """Whether content may begin with `<think>...</think>`, which becomes `reasoning_content`."""
    rename_reasoning: bool = False
    """Whether reasoning that comes as `reasoning` becomes `reasoning_content` too, unless a caller wants the
    provider's own words."""
    thinking_parts: bool = False
    """Whether content may be a list with parts `thinking`, which become `reasoning_content`."""
    reasoning_outside: bool = False
    """Whether `completion_tokens` may lack the reasoning tokens; they are added where `total_tokens` shows
    it."""
    cached_field: str | None = None
    """Member of `usage` with the tokens read from a cache, if that is not where OpenAI has it."""
    stop_with_calls: bool = False
    """Whether `stop` is left where tools were called. OpenAI says so where a function was forced; elsewhere
    it is a fault that ends agents' loops early, so callers get `tool_calls`."""
    finish: dict[str, str] = {}
    """OpenAI's word for its finish reasons."""
    failing: dict[str, int] = {}
    """Finish reasons that are failures, and their HTTP status."""
    error_within: ErrorWithin | None = None

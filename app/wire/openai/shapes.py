"""The types of a Chat Completions request, field by field, to check a document against.

From the `openai` SDK 3.54 (`openai.types.chat.completion_create_params`), 2026-11. Nothing is built from
these shapes: the document itself goes on to the provider, so fields nobody documented are neither named nor
refused here. What is documented as optional may also be null, as OpenAI mostly takes it; enumerations that
vendors extend (`reasoning_effort`, `tool_choice`, types of parts and tools) are open; bounds on numbers are
the provider's affair. `image_url` may be a bare string, as Mistral documents it.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Struct

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
Json = dict[str, Any]
Number = int | float
Text = str | None
"""An optional text."""
Flag = bool | None
"""An optional yes or no."""


class ImageUrl(Struct, kw_only=True):
    """An image by URL or `data:` URL."""

    url: str
    detail: Text = None


class InputAudio(Struct, kw_only=True):
    """Sound in base64."""

    data: str
    format: str


class File(Struct, kw_only=True):
    """A document, inline or by id."""

    file_data: Text = None
    file_id: Text = None
    filename: Text = None


class Part(Struct, kw_only=True):
    """One part of a content list; other types than the documented ones pass."""

    type: str
    text: Text = None
    refusal: Text = None
    image_url: ImageUrl | str | None = None
    input_audio: InputAudio | None = None
    file: File | None = None


Content = str | list[Part]


class CalledFunction(Struct, kw_only=True):
    """Which function an assistant called; arguments are JSON in a string."""

    name: str
    arguments: str


class CalledCustom(Struct, kw_only=True):
    """Which custom tool an assistant called."""

    name: str
    input: str


class ToolCall(Struct, kw_only=True):
    """A call in an assistant's message."""

    id: str
    type: Text = None
    function: CalledFunction | None = None
    custom: CalledCustom | None = None


class Audio(Struct, kw_only=True):
    """Sound said earlier, by id."""

    id: str


class Message(Struct, kw_only=True, tag_field="role"):
    """What every message may have."""

    name: Text = None


class DeveloperMessage(Message, kw_only=True, tag="developer"):
    """Instructions; the newer name of `system`."""

    content: Content


class SystemMessage(Message, kw_only=True, tag="system"):
    """Instructions."""

    content: Content


class UserMessage(Message, kw_only=True, tag="user"):
    """What the user says."""

    content: Content


class AssistantMessage(Message, kw_only=True, tag="assistant"):
    """What the model said earlier."""

    content: Content | None = None
    refusal: Text = None
    reasoning_content: Text = None
    tool_calls: list[ToolCall] | None = None
    function_call: CalledFunction | None = None
    audio: Audio | None = None


class ToolMessage(Message, kw_only=True, tag="tool"):
    """What a tool answered."""

    content: Content
    tool_call_id: str


class FunctionMessage(Struct, kw_only=True, tag_field="role", tag="function"):
    """What a function answered; deprecated."""

    name: str
    content: Content | None


AnyMessage = DeveloperMessage | SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage
ROLES = ("developer", "system", "user", "assistant", "tool", "function")


class Function(Struct, kw_only=True):
    """A function a model may call."""

    name: str
    description: Text = None
    parameters: Json | None = None
    strict: Flag = None


class CustomTool(Struct, kw_only=True):
    """A tool that takes free text."""

    name: str
    description: Text = None
    format: Json | None = None


class Tool(Struct, kw_only=True):
    """A tool a model may call; other types than the documented ones pass."""

    type: str
    function: Function | None = None
    custom: CustomTool | None = None


class ToolChoice(Struct, kw_only=True):
    """Which tool must or may be called."""

    type: str
    function: Json | None = None
    custom: Json | None = None
    allowed_tools: Json | None = None


class NamedFunction(Struct, kw_only=True):
    """Which function must be called; deprecated."""

    name: str


class JsonSchema(Struct, kw_only=True):
    """A schema the answer must follow."""

    name: str
    description: Text = None
    schema: Json | None = None
    strict: Flag = None


class ResponseFormat(Struct, kw_only=True):
    """What an answer must look like."""

    type: str
    json_schema: JsonSchema | None = None


class StreamOptions(Struct, kw_only=True):
    """How to stream."""

    include_usage: Flag = None
    include_obfuscation: Flag = None


class SpokenAnswer(Struct, kw_only=True):
    """How an answer is to sound."""

    format: str
    voice: str | Json


class Prediction(Struct, kw_only=True):
    """What the answer will mostly be."""

    type: str
    content: Content


class Request(Struct, kw_only=True):
    """The whole document."""

    model: NonEmpty
    messages: Annotated[list[AnyMessage], msgspec.Meta(min_length=1)]
    audio: SpokenAnswer | None = None
    frequency_penalty: Number | None = None
    function_call: NamedFunction | str | None = None
    functions: list[Function] | None = None
    logit_bias: dict[str, Number] | None = None
    logprobs: Flag = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    metadata: dict[str, str] | None = None
    modalities: list[str] | None = None
    moderation: Json | None = None
    n: int | None = None
    parallel_tool_calls: Flag = None
    prediction: Prediction | None = None
    presence_penalty: Number | None = None
    prompt_cache_key: Text = None
    prompt_cache_options: Json | None = None
    prompt_cache_retention: Text = None
    reasoning_effort: Text = None
    response_format: ResponseFormat | None = None
    safety_identifier: Text = None
    seed: int | None = None
    service_tier: Text = None
    stop: str | list[str] | None = None
    store: Flag = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Number | None = None
    tool_choice: ToolChoice | str | None = None
    tools: list[Tool] | None = None
    top_logprobs: int | None = None
    top_p: Number | None = None
    user: Text = None
    verbosity: Text = None
    web_search_options: Json | None = None

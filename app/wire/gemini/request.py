"""A `GenerateContentRequest` out of OpenAI's request.

    contents, systemInstruction     app/wire/gemini/turns.py
    tools, toolConfig               app/wire/gemini/tools.py
    generationConfig                here: sampling, bounds, format, thinking, modalities
    safetySettings, labels, ...     app/wire/gemini/native.py

Field names are google-genai 3.4's (`types.GenerationConfig`).
"""

from typing import Any

import msgspec

from app.domain.errors import InvalidRequest
from app.wire.answer_tool import AnswerTool
from app.wire.conversation import AnswerFormat
from app.wire.conversation_reader import read_conversation
from app.wire.format import Question
from app.wire.gemini.native import NATIVE_NAMES, take_native
from app.wire.gemini.parts import Host, PartWriter, media_resolution
from app.wire.gemini.schema import clean_schema
from app.wire.gemini.signatures import Signatures
from app.wire.gemini.thinking import thinking_config
from app.wire.gemini.tools import ToolSet, native_tools, tool_set
from app.wire.gemini.turns import TurnWriter
from app.wire.params import Params

_CONFIG = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "n": "candidateCount",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
    "image_config": "imageConfig",
}
"""Members of `generationConfig` by OpenAI's names, values as they are."""
_TIERS = {"flex": "flex", "priority": "priority", "standard": "standard"}


class Prepared(msgspec.Struct, frozen=True):
    """A request in Gemini's words."""

    body: dict[str, Any]
    json_call: AnswerTool | None
    dropped: tuple[str, ...]
    is_legacy: bool = False
    """As `app.wire.conversation.Conversation.is_legacy`."""


def prepare(question: Question, host: Host, signatures: Signatures) -> Prepared:
    """Say the question in Gemini's words.

    Raises:
        InvalidRequest: it cannot be said.
    """
    target = f"{'Vertex AI' if host == 'vertex' else 'Gemini'}'s {question.model}"
    params = Params(question.document, question.unsupported, target)
    _lose(params, question.abilities.refused)
    document, native = native_tools(question.document)
    conversation = read_conversation(document, params)
    parts = PartWriter(host, question.abilities, target)
    system, contents = TurnWriter(parts, question.abilities, signatures).write(conversation)
    if contents[-1]["role"] == "model" and not question.abilities.prefill:
        raise InvalidRequest(
            f"{target} does not go on with an assistant's message; the last must be the user's.",
            param=conversation.turns[-1].path,
        )
    tools = tool_set(conversation, params, question.abilities)
    config = _config(params, question, tools, parts)
    body: dict[str, Any] = {"contents": contents}
    if system:
        body["systemInstruction"] = {"parts": system}
    if tools.tools or native:
        body["tools"] = [*tools.tools, *native]
    if tools.config is not None:
        body["toolConfig"] = {"functionCallingConfig": tools.config}
    _tier(params, body)
    if not NATIVE_NAMES.isdisjoint(question.document):
        take_native(params, body, config)
    body.update(params.rest())
    if config:
        body["generationConfig"] = config
    return Prepared(body, tools.json_call, params.dropped, conversation.is_legacy)


def _lose(params: Params, names: tuple[str, ...]) -> None:
    """Deal with what the model answers with an error, whatever its value."""
    for name in names:
        value = params.take(name)
        if value is not None:
            params.lose(name, value)


def _config(params: Params, question: Question, tools: ToolSet, parts: PartWriter) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for name in question.document:
        value = params.take(name) if name in _CONFIG else None
        if value is not None:
            config[_CONFIG[name]] = value
    _tidy(config)
    length = params.take("max_completion_tokens", "max_tokens")
    if length is not None:
        config["maxOutputTokens"] = length
    if tools.answer_format is not None:
        _answer_format(tools.answer_format, config)
    if not params.left and not parts.details:
        return config
    further = {
        "stopSequences": _stops(params.take("stop")),
        "responseModalities": _modalities(params.take("modalities")),
        "thinkingConfig": thinking_config(params, question.abilities),
        "mediaResolution": media_resolution(parts.details),
    }
    config.update((name, value) for name, value in further.items() if value)
    return config


def _stops(stop: str | list[str] | None) -> list[str] | None:
    stops = [stop] if isinstance(stop, str) else stop or []
    return [text for text in stops if text] or None


def _modalities(modalities: list[str] | None) -> list[str] | None:
    """Return what the answer may hold, None if that is text as ever."""
    if modalities is None or modalities == ["text"]:
        return None
    return [modality.upper() for modality in modalities]


def _tidy(config: dict[str, Any]) -> None:
    """Leave out what says nothing, or what Google allows beside something else only."""
    if config.get("candidateCount") == 1:
        del config["candidateCount"]
    if not config.get("responseLogprobs"):
        config.pop("responseLogprobs", None)
        config.pop("logprobs", None)


def _answer_format(wish: AnswerFormat, config: dict[str, Any]) -> None:
    config["responseMimeType"] = "application/json"
    if wish.schema:
        config["responseJsonSchema"] = clean_schema(wish.schema)


def _tier(params: Params, body: dict[str, Any]) -> None:
    tier = params.take("service_tier")
    if tier in _TIERS:
        body["serviceTier"] = _TIERS[tier]
    elif tier not in {None, "auto", "default"}:
        params.lose("service_tier", tier)

"""The parameters of a request in Converse's words, those of the conversation apart.

What all models share has its place in Converse (`inferenceConfig`, `serviceTier`, `requestMetadata`, ...);
what only some know goes into `additionalModelRequestFields` under the names of their own APIs (Bedrock User
Guide, "Inference request parameters", 2026-11).
"""

import re
from typing import Any

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.params import Params

_MODEL_FIELDS: dict[str, dict[str, str]] = {
    "anthropic": {"top_k": "top_k"},
    "mistral": {"top_k": "top_k"},
    "cohere": {
        "top_k": "k",
        "seed": "seed",
        "frequency_penalty": "frequency_penalty",
        "presence_penalty": "presence_penalty",
    },
    "ai21": {"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty"},
    "qwen": {"top_k": "top_k"},
}
"""Parameters that a family takes under a name of its own. Nova's stand below."""
_OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "anthropic": ("thinking", "anthropic_beta", "anthropic_version", "context_management"),
    "amazon.nova": ("reasoningConfig",),
    "cohere": ("documents", "search_queries_only", "preamble", "prompt_truncation", "safety_mode"),
}
"""Fields of a family's own API that callers may give as they are."""
_CONVERSE_FIELDS = {
    "guardrailConfig": "guardrail_config",
    "performanceConfig": "performance_config",
    "promptVariables": "prompt_variables",
    "requestMetadata": "request_metadata",
    "additionalModelResponseFieldPaths": "additional_model_response_field_paths",
}
"""Converse's own, in its spelling and in the one its users know from elsewhere."""
_CONVERSE_NAMES = frozenset(
    {*_CONVERSE_FIELDS, *_CONVERSE_FIELDS.values(), "serviceTier", "service_tier", "metadata"}
)
_TIERS = {"flex": "flex", "priority": "priority", "reserved": "reserved"}
_METADATA_TEXT = re.compile(r"[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}")
"""`RequestMetadata` of the service model; its pattern's `,-.` is a range that holds just these three."""
_MAX_METADATA = 16
_MAX_STOPS = 2500
_SNAKE = re.compile(r"_([a-z])")
_WITH_THINKING = {"temperature": (1, 1), "top_p": (0.95, 1)}
"""What Claude takes while it thinks (docs.claude.com, "Extended thinking", 2026-11)."""


def take_refused(abilities: Abilities, params: Params) -> None:
    """Lose what the model answers with an error."""
    for name in abilities.refused:
        value = params.take(name)
        if value is not None:
            params.lose(name, value, "The model refuses it.")


def inference_config(
    params: Params, abilities: Abilities, max_tokens: int | None, *, thinks: bool
) -> dict[str, Any]:
    """Return `inferenceConfig`, empty if nothing is said.

    Args:
        params: of the request.
        abilities: of the model.
        max_tokens: as the caller wants.
        thinks: whether the model is Claude and is told to think.
    """
    config: dict[str, Any] = {} if max_tokens is None else {"maxTokens": max_tokens}
    temperature, top_p = _share(params, "temperature", thinks), _share(params, "top_p", thinks)
    if temperature is not None and top_p is not None and abilities.temperature_or_top_p:
        params.lose("top_p", top_p, "It cannot be combined with temperature.")
        top_p = None
    if temperature is not None:
        config["temperature"] = temperature
    if top_p is not None:
        config["topP"] = top_p
    stop = params.take("stop")
    stops = [text for text in ([stop] if isinstance(stop, str) else stop or ()) if text.strip()]
    if len(stops) > _MAX_STOPS:
        raise InvalidRequest(f"`stop` may hold at most {_MAX_STOPS} texts.", param="stop")
    if stops:
        config["stopSequences"] = stops
    return config


def model_fields(params: Params, family: str, *, thinks: bool) -> dict[str, Any]:
    """Return what goes into `additionalModelRequestFields`, what the caller wants passed included."""
    if not params.left:
        return params.rest()
    fields: dict[str, Any] = {}
    if family == "amazon.nova":
        top_k = params.take("top_k")
        if top_k is not None:
            fields["inferenceConfig"] = {"topK": top_k}
    for name, own in _MODEL_FIELDS.get(family, {}).items():
        value = params.take(name)
        if value is not None and thinks and name == "top_k":
            params.lose(name, value, "It cannot be combined with thinking.")
        elif value is not None:
            fields[own] = value
    given = params.take("additionalModelRequestFields", "additional_model_request_fields")
    if given is not None and not isinstance(given, dict):
        raise _no_object("additionalModelRequestFields")
    fields.update(params.rest(_OWN_FIELDS.get(family, ())))
    return {**fields, **(given or {})}


def converse_fields(params: Params, *, stream: bool) -> dict[str, Any]:
    """Return Converse's own members: tier, metadata, guardrail, ..."""
    if not params.gives(_CONVERSE_NAMES):
        return {}
    fields = _given(params)
    if not stream and "guardrailConfig" in fields:
        fields["guardrailConfig"].pop("streamProcessingMode", None)  # only ConverseStream knows it
    _take_metadata(params, fields)
    _take_tier(params, fields)
    return fields


def _given(params: Params) -> dict[str, Any]:
    """Return the members that the caller gave in Converse's own terms."""
    fields: dict[str, Any] = {}
    for name, snake in _CONVERSE_FIELDS.items():
        value = params.take(name, snake)
        if value is None:
            continue
        if name == "additionalModelResponseFieldPaths":
            if not isinstance(value, list):
                raise InvalidRequest(f"`{name}` must be a list.", param=name)
        elif not isinstance(value, dict):
            raise _no_object(name)
        elif name in {"guardrailConfig", "performanceConfig"}:
            value = _camel(value)
        if value:
            fields[name] = value
    return fields


def _take_tier(params: Params, fields: dict[str, Any]) -> None:
    tier = params.take("serviceTier")
    if isinstance(tier, dict):
        fields["serviceTier"] = tier
    wish = params.take("service_tier")
    if wish in _TIERS:
        fields["serviceTier"] = {"type": _TIERS[wish]}
    elif wish not in {None, "auto", "default"}:
        params.lose("service_tier", wish)


def _take_metadata(params: Params, fields: dict[str, Any]) -> None:
    """Put OpenAI's `metadata` where AWS's logs show it; entries in other characters cannot be."""
    metadata = params.take("metadata")
    if not isinstance(metadata, dict) or "requestMetadata" in fields:
        return
    said = {
        key: value
        for key, value in metadata.items()
        if key
        and isinstance(value, str)
        and _METADATA_TEXT.fullmatch(key)
        and _METADATA_TEXT.fullmatch(value)
    }
    said = dict(list(said.items())[:_MAX_METADATA])
    if said:
        fields["requestMetadata"] = said
    if len(said) < len(metadata):
        params.lose("metadata.*", None, "Bedrock takes 16 pairs of short plain texts.")


def _share(params: Params, name: str, thinks: bool) -> float | None:
    """Return a temperature or `top_p`, which Converse wants between 0 and 1; OpenAI's go up to 2."""
    value = params.take(name)
    if value is None:
        return None
    value = min(max(value, 0), 1)
    low, high = _WITH_THINKING[name]
    if thinks and not low <= value <= high:
        params.lose(name, value, "It cannot be combined with thinking.")
        return None
    return value  # type: ignore[no-any-return]  # a number, by app/wire/openai/shapes.py


def _camel(value: dict[str, Any]) -> dict[str, Any]:
    return {_SNAKE.sub(lambda found: found[1].upper(), key): item for key, item in value.items()}


def _no_object(name: str) -> InvalidRequest:
    return InvalidRequest(f"`{name}` must be an object.", param=name)

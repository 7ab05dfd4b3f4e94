"""Google's own fields in an OpenAI request.

Callers who know Gemini may give them beside OpenAI's where they are unmistakable, or below `google`, or below
`extra_body.google` as Google's OpenAI endpoint has it (ai.google.dev/gemini-api/docs/openai, 2026-11), in
either spelling. What they hold goes on as it is, and wins over what was said in OpenAI's words. Names are
google-genai 3.4's (`types.GenerateContentConfig`).
"""

import re
from collections.abc import Iterator
from typing import Any

from app.domain.errors import InvalidRequest
from app.wire.params import Params

_BODY = frozenset({"safetySettings", "cachedContent", "labels", "modelArmorConfig", "serviceTier", "store"})
"""Members of the request."""
_CONFIG = frozenset(
    "thinkingConfig mediaResolution speechConfig imageConfig responseModalities responseSchema "
    "responseJsonSchema responseMimeType routingConfig audioTimestamp enableEnhancedCivicAnswers "
    "enableAffectiveDialog modelSelectionConfig stopSequences topK topP".split()
)
"""Members of `generationConfig` that may stand outside of it."""
_BESIDE = ("safety_settings", "safetySettings", "cached_content", "cachedContent", "labels")
NATIVE_NAMES = frozenset({*_BESIDE, "google", "extra_body"})
"""Fields of OpenAI's request that hold Google's own."""
_SNAKE = re.compile(r"_([a-z])")


def take_native(params: Params, body: dict[str, Any], config: dict[str, Any]) -> None:
    """Take Google's own fields from the parameters.

    Args:
        params: of the request.
        body: of the request to Gemini; changed.
        config: its `generationConfig`; changed.

    Raises:
        InvalidRequest: `google` is no object.
    """
    for key, value in _given(params):
        name = _camel(key)
        if name in _BODY:
            body[name] = value
        elif name in _CONFIG:
            config[name] = _camel_members(value)
        elif name == "tools" and isinstance(value, list):
            body["tools"] = [*body.get("tools", ()), *value]
        elif name == "generationConfig" and isinstance(value, dict):
            config.update(_camel_members(value))
        elif name == "toolConfig" and isinstance(value, dict):
            body["toolConfig"] = {**body.get("toolConfig", {}), **_camel_members(value)}
        else:
            params.lose(f"google.{key}", value)


def _given(params: Params) -> Iterator[tuple[str, Any]]:
    for name in _BESIDE:
        value = params.take(name)
        if value is not None:
            yield name, value
    given, nested = params.take("google"), params.take("extra_body")
    for fields in (given, nested.get("google") if isinstance(nested, dict) else None):
        if isinstance(fields, dict):
            yield from fields.items()
        elif fields is not None:
            raise InvalidRequest("`google` must be an object of Gemini's own fields.", param="google")


def _camel_members(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return an object with its own keys in Google's spelling, so that none is there twice."""
    return {_camel(key): member for key, member in value.items()} if isinstance(value, dict) else value


def _camel(name: str) -> str:
    return _SNAKE.sub(lambda found: found[1].upper(), name)

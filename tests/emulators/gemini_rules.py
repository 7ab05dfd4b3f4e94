"""What Gemini refuses in a request, in its own words, as far as no type says it.

Collected from ai.google.dev/gemini-api/docs (function calling, thinking, thought signatures, troubleshooting;
2026-11) and from errors quoted in issues of its clients. Types are `tests/gemini.py`'s affair.
"""

from collections.abc import Iterator
from typing import Any

_KNOWN = frozenset(
    "contents systemInstruction generationConfig tools toolConfig safetySettings cachedContent labels "
    "serviceTier store".split()
)
_CONFIG = frozenset(
    "temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs "
    "presencePenalty frequencyPenalty seed responseMimeType responseSchema responseJsonSchema "
    "responseModalities mediaResolution speechConfig thinkingConfig imageConfig".split()
)
_DATA = ("text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode")
_COUNT = (
    "Please ensure that the number of function response parts is equal to the number of function call parts "
    "of the function call turn."
)
_ORDER = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response "
    "turn."
)
_JSON = "Function calling with a response mime type: 'application/json' is unsupported"
_NAMED = ("ANY", "VALIDATED")
Parts = list[dict[str, Any]]


def broken_rule(body: Any, model: str, *, vertex: bool = False) -> str | None:
    """Return the message of the error that a body meets; None if it meets none."""
    if not isinstance(body, dict):
        return "Invalid JSON payload received. Unexpected token."
    for check in (_names, _contents, _calls, _functions, _config):
        for message in check(body):
            return message
    three = model.startswith("gemini-3")
    if three:
        return next(_signatures(body["contents"]), None)
    config = body.get("generationConfig", {})
    if _declared(body) and config.get("responseMimeType") == "application/json":
        return _JSON
    if "thinkingLevel" in config.get("thinkingConfig", {}):
        return "Thinking level is not supported for this model."
    return next(_places(body["contents"]), None) if vertex else None


def _names(body: dict[str, Any]) -> Iterator[str]:
    for key in body.keys() - _KNOWN:
        yield f'Invalid JSON payload received. Unknown name "{key}": Cannot find field.'
    for key in body.get("generationConfig", {}).keys() - _CONFIG:
        place = f"\"{key}\" at 'generation_config'"
        yield f"Invalid JSON payload received. Unknown name {place}: Cannot find field."


def _contents(body: dict[str, Any]) -> Iterator[str]:
    contents = body.get("contents")
    if not contents:
        yield "* GenerateContentRequest.contents: contents is not specified"
        return
    for number, content in enumerate(contents):
        if content.get("role") not in {"user", "model"}:
            yield "Please use a valid role: user, model."
        if not content.get("parts"):
            yield f"* GenerateContentRequest.contents[{number}].parts: contents.parts must not be empty."
            return
        for place, part in enumerate(content["parts"]):
            if sum(name in part for name in _DATA) != 1:
                yield (
                    f"* GenerateContentRequest.contents[{number}].parts[{place}].data: required oneof field "
                    "'data' must have one initialized field"
                )


def _calls(body: dict[str, Any]) -> Iterator[str]:
    before: Parts = []
    contents = body["contents"]
    for number, content in enumerate(contents):
        calls = _of("functionCall", before)
        responses = _of("functionResponse", content["parts"])
        if len(calls) != len(responses) or any(
            call["name"] != response["name"] for call, response in zip(calls, responses, strict=False)
        ):
            yield _COUNT
        if any(not isinstance(response.get("response"), dict) for response in responses):
            yield "function_response.response: must be an object"
        follows_user = number > 0 and contents[number - 1]["role"] == "user"
        if _of("functionCall", content["parts"]) and not follows_user:
            yield _ORDER
        before = content["parts"]
    if _of("functionCall", before):
        yield _COUNT


def _functions(body: dict[str, Any]) -> Iterator[str]:
    tools = body.get("tools", ())
    if sum("functionDeclarations" in tool for tool in tools) > 1:
        yield "Multiple tools are supported only when they are all search tools."
    declared = _declared(body)
    for tool in declared:
        if "parameters" in tool and "parametersJsonSchema" in tool:
            yield "parameters and parameters_json_schema are mutually exclusive."
        schema = tool.get("parametersJsonSchema")
        if schema is not None and not schema.get("properties") and schema.get("type") != "object":
            yield "parameters.properties: should be non-empty for OBJECT type"
    config = body.get("toolConfig", {}).get("functionCallingConfig", {})
    names = config.get("allowedFunctionNames", ())
    if names and config.get("mode") not in _NAMED:
        yield "Allowed function names should be set only when function calling mode is ANY or VALIDATED."
    if not set(names) <= {tool["name"] for tool in declared}:
        yield "Allowed function names must be a subset of the declared functions."
    if config and not declared:
        yield "Function calling config is set without function_declarations."


def _config(body: dict[str, Any]) -> Iterator[str]:
    config = body.get("generationConfig", {})
    thinking = config.get("thinkingConfig", {})
    if "thinkingLevel" in thinking and "thinkingBudget" in thinking:
        yield "You can only set only one of thinking budget and thinking level."
    if not 0 <= config.get("temperature", 1) <= 2:
        yield "temperature must be in the range [0.0, 2.0]."
    if config.get("maxOutputTokens", 1) < 1:
        yield "max_output_tokens must be positive."


def _signatures(contents: list[dict[str, Any]]) -> Iterator[str]:
    """Look at the current turn: all behind the last words of the user."""
    begin = max(
        (
            number
            for number, content in enumerate(contents)
            if content["role"] == "user" and any("functionResponse" not in part for part in content["parts"])
        ),
        default=0,
    )
    for number, content in enumerate(contents[begin:], begin):
        first = next((part for part in content["parts"] if "functionCall" in part), None)
        if first is not None and not first.get("thoughtSignature"):
            name = first["functionCall"]["name"]
            yield (
                "Function call is missing a thought_signature in functionCall parts. "
                f"Function call `{name}`, position {number}."
            )


def _places(contents: list[dict[str, Any]]) -> Iterator[str]:
    for content in contents:
        for file in _of("fileData", content["parts"]):
            if not file.get("mimeType"):
                yield "Unable to submit request because it must have a mimeType."


def _of(kind: str, parts: Parts) -> list[dict[str, Any]]:
    return [part[kind] for part in parts if kind in part]


def _declared(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [function for tool in body.get("tools", ()) for function in tool.get("functionDeclarations", ())]

"""Messages, instructions and tools as OpenTelemetry's GenAI conventions write them (v1.41.1, 2026-05).

Source: `gen-ai-input-messages.json`, `gen-ai-output-messages.json`, `gen-ai-system-instructions.json` and
`gen-ai-tool-definitions.json` of the conventions: a message is a role and parts. One way only, from documents
of OpenAI's chat and completions; what they hold has been screened and redacted before. Of media there is a
place-holder with its size; of an address only where it leads, for what is behind its `?` may be a signature.
What is none of the known kinds is a part that has its type alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from app.domain.json_text import value_of

Item = dict[str, Any]
"""A message, a part of one, or a tool."""

_ROLES = frozenset(("system", "developer", "user", "assistant", "tool", "function"))
_INSTRUCTING = frozenset(("system", "developer"))
_REASONS = {"tool_calls": "tool_call", "function_call": "tool_call"}
_KNOWN_REASONS = frozenset(("stop", "length", "content_filter", "tool_call", "error"))
_MAX_WORD = 64
"""Characters of a type."""


def input_messages(document: Mapping[str, Any]) -> list[Item]:
    """Return what a request says, the oldest first."""
    if "prompt" in document:
        return list(_prompts(document["prompt"]))
    messages = document.get("messages")
    return [_message(one) for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []


def without_instructions(messages: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Return the parts of the instructions at the head of a conversation, and the messages behind them.

    For a provider that takes instructions beside the conversation.
    """
    head = next((i for i, one in enumerate(messages) if one["role"] not in _INSTRUCTING), len(messages))
    return [part for one in messages[:head] for part in one["parts"]], list(messages[head:])


def tool_definitions(document: Mapping[str, Any]) -> list[Item]:
    """Return the tools that a request offers."""
    tools, functions = document.get("tools"), document.get("functions")
    found = [_tool(one) for one in tools if isinstance(one, dict)] if isinstance(tools, list) else []
    if isinstance(functions, list):
        found += [_function("function", one) for one in functions if isinstance(one, dict)]
    return found


def output_messages(document: Mapping[str, Any], cut_off: str = "error") -> list[Item]:
    """Return what an answer says, a message a choice.

    Args:
        document: the answer.
        cut_off: the reason of a choice that came to no end (`error` in the conventions' newer text, note 36).
    """
    choices = document.get("choices")
    if not isinstance(choices, list):
        return []
    return [_choice(choice, cut_off) for choice in choices if isinstance(choice, dict)]


def _choice(choice: Mapping[str, Any], cut_off: str) -> Item:
    message = choice.get("message")
    if not isinstance(message, dict):
        message = {"content": choice.get("text")}
    reason = choice.get("finish_reason") or cut_off
    reason = _REASONS.get(reason, reason)
    known = reason if reason in _KNOWN_REASONS else "other"
    return {"role": "assistant", "parts": list(_parts(message)), "finish_reason": known}


def _prompts(prompt: object) -> Iterator[Item]:
    """Yield what a completion is asked to go on with: texts, or tokens."""
    for one in prompt if isinstance(prompt, list) else [prompt]:
        part = _text(one) if isinstance(one, str) else {"type": "tokens"}
        yield {"role": "user", "parts": [part]}
        if not isinstance(one, str):
            return


def _message(message: Mapping[str, Any]) -> Item:
    role = message.get("role")
    role = role if isinstance(role, str) and role in _ROLES else "other"
    if role in {"tool", "function"}:
        return {"role": "tool", "parts": [_tool_response(message)]}
    return {"role": role, "parts": list(_parts(message))}


def _parts(message: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the parts of a message: thoughts, texts, calls."""
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(thoughts, str) and thoughts:
        yield {"type": "reasoning", "content": thoughts}
    yield from _contents(message.get("content"))
    if isinstance(text := message.get("refusal"), str) and text:
        yield {"type": "refusal", "content": text}
    yield from _spoken(message.get("audio"))
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            yield _tool_call(call)
    if isinstance(call := message.get("function_call"), dict):
        yield _tool_call({"function": call})


def _spoken(audio: object) -> Iterator[Item]:
    if isinstance(audio, dict):
        yield _blob("audio", audio.get("data"), None)
        if isinstance(text := audio.get("transcript"), str) and text:
            yield _text(text)


def _contents(content: object) -> Iterator[Item]:
    if isinstance(content, str):
        if content:
            yield _text(content)
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, dict):
                yield _content(part)
            elif isinstance(part, str):
                yield _text(part)


def _content(part: Mapping[str, Any]) -> Item:
    """Return a part of a content; of one that nobody knows its type."""
    kind = part.get("type")
    said = part.get(kind) if isinstance(kind, str) else None
    match kind:
        case "text" | "refusal" if isinstance(said, str):
            return {"type": kind, "content": said}
        case "thinking" if isinstance(said, str):
            return {"type": "reasoning", "content": said}
        case "image_url":
            return _linked("image", said.get("url") if isinstance(said, dict) else said)
        case "input_audio" if isinstance(said, dict):
            return _blob("audio", said.get("data"), f"audio/{said.get('format')}")
        case "file" if isinstance(said, dict):
            if isinstance(said.get("file_id"), str):
                return {"type": "file", "modality": "document", "file_id": said["file_id"]}
            return _linked("document", said.get("file_data"))
        case _:
            return {"type": kind[:_MAX_WORD] if isinstance(kind, str) else "other"}


def _linked(modality: str, address: object) -> Item:
    """Return what stands for something at an address; a `data:` URL is the thing itself (RFC 2397)."""
    if not isinstance(address, str):
        return {"type": "uri", "modality": modality, "uri": ""}
    if address.startswith("data:"):
        head, _, body = address.partition(",")
        return _blob(modality, body, head.removeprefix("data:").partition(";")[0] or None)
    try:
        url = urlsplit(address)
        place = f"{url.scheme}://{url.hostname or ''}{url.path}" if url.scheme else ""
    except ValueError:
        place = ""
    if not place:
        return _blob(modality, address, None)
    return {"type": "uri", "modality": modality, "uri": place}


def _blob(modality: str, data: object, mime_type: str | None) -> Item:
    """Return what stands for media: how long it is in base64, and nothing of it."""
    length = len(data) if isinstance(data, str) else 0
    named = {} if mime_type is None else {"mime_type": mime_type[:_MAX_WORD]}
    return {"type": "blob", "modality": modality, **named, "content": "", "base64_length": length}


def _tool_call(call: Mapping[str, Any]) -> Item:
    kind = "custom" if "custom" in call and "function" not in call else "function"
    said = call.get(kind)
    function = said if isinstance(said, dict) else {}
    arguments = function.get("arguments" if kind == "function" else "input")
    if isinstance(arguments, str) and kind == "function":
        arguments = value_of(arguments)
    known = {"id": call.get("id"), "name": function.get("name") or "", "arguments": arguments}
    return {"type": "tool_call", **{key: value for key, value in known.items() if value is not None}}


def _tool_response(message: Mapping[str, Any]) -> Item:
    content = message.get("content")
    response = content if isinstance(content, str) else list(_contents(content))
    known = {"id": message.get("tool_call_id"), "name": message.get("name"), "response": response}
    return {"type": "tool_call_response", **{key: one for key, one in known.items() if one is not None}}


def _tool(tool: Mapping[str, Any]) -> Item:
    kind = tool.get("type")
    kind = kind[:_MAX_WORD] if isinstance(kind, str) else "function"
    said = tool.get(kind)
    return _function(kind, said if isinstance(said, dict) else {})


def _function(kind: str, said: Mapping[str, Any]) -> Item:
    named = {key: said[key] for key in ("name", "description", "parameters") if said.get(key) is not None}
    return {"type": kind, **named}


def _text(text: str) -> Item:
    return {"type": "text", "content": text}

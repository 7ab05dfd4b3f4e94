"""Words that a guardrail wants before what a message says.

A request may hold its texts in pieces, or have no message of the role: what becomes of it then is Portkey's
rule of `addPrefix`.
"""

from collections.abc import Sequence
from typing import Any

from guardrails import Prefix


def prefixed(document: dict[str, Any], prefixes: Sequence[Prefix]) -> dict[str, Any]:
    """Return the request with the prefixes written into it, one after the other."""
    if "messages" not in document:
        return _before_prompt(document, prefixes)
    for prefix in prefixes:
        document = document | {"messages": _written(list(document.get("messages") or ()), prefix)}
    return document


def _before_prompt(document: dict[str, Any], prefixes: Sequence[Prefix]) -> dict[str, Any]:
    """Return a completion's request with the prefixes before its prompts; vectors are left what they are."""
    text, prompt = "".join(prefix.text for prefix in reversed(prefixes)), document.get("prompt")
    if not text or prompt is None:
        return document
    if isinstance(prompt, list):
        return document | {"prompt": [text + one if isinstance(one, str) else one for one in prompt]}
    return document | {"prompt": text + prompt}


def _written(messages: list[Any], prefix: Prefix) -> list[Any]:
    place = next((i for i, message in enumerate(messages) if message.get("role") == prefix.role), None)
    own = {"role": prefix.role, "content": prefix.text}
    if place is None:
        return [own, *messages] if prefix.role == "system" else [*messages, own]
    content = messages[place].get("content")
    if prefix.only_if_empty and _says_something(content):
        return messages
    if not prefix.to_existing:
        return [*messages[:place], own, *messages[place:]]
    messages[place] = messages[place] | {"content": _before(content, prefix.text)}
    return messages


def _before(content: Any, text: str) -> Any:  # noqa: ANN401 (JSON)
    if not isinstance(content, list):
        return text + (content or "")
    for i, piece in enumerate(content):
        if isinstance(piece, dict) and isinstance(piece.get("text"), str):
            return [*content[:i], piece | {"text": text + piece["text"]}, *content[i + 1 :]]
    return [{"type": "text", "text": text}, *content]


def _says_something(content: Any) -> bool:  # noqa: ANN401 (JSON)
    if isinstance(content, list):
        return any(bool(piece.get("text")) for piece in content if isinstance(piece, dict))
    return bool(content)

"""What of a request is compared by its meaning, and what must be the same to the letter.

Portkey compares the texts of user messages and ignores the system prompt; requests have at most four messages
and 8,191 tokens (its documentation, 2026-08). Compared here is the text of the last turn of the user, and of
it only the words: earlier turns, the system prompt, tools and all parameters must be equal, and so must the
numbers in the text and what stands for redacted values. "Refund order 4711" and "refund order 4712" mean
nearly the same to embedding models, and what is said about `[EMAIL_KVQZMD]` is no answer about another.
Stricter than Portkey, since a hit it has and we have not costs one call, and the other way round costs trust.
"""

import re
from typing import Any

import msgspec

MAX_MESSAGES = 4
"""Portkey's bound: longer conversations hardly ever repeat."""
MAX_CHARS = 32_764
"""Portkey's 8,191 tokens, the bound of OpenAI's embedding models, at four characters each."""
_MARK = re.compile(r"\[[A-Z][A-Z0-9_]*\]|\d+")
"""A placeholder (`guardrails/pseudonym.py`), or a number."""
_TEXT_KEYS = frozenset({"type", "text", "cache_control", "prompt_cache_breakpoint"})
"""Of a part of text; the last two say only what the provider shall remember."""


class Meaning(msgspec.Struct, frozen=True):
    """A request taken apart."""

    text: str
    """To be compared by meaning."""
    rest: dict[str, Any]
    """The request without that text: to be equal."""
    marks: tuple[str, ...]
    """Numbers and placeholders in the text, in order: to be equal, too."""


def meaning_of(document: dict[str, Any]) -> Meaning | None:
    """Return what a request means, None where it is none to compare by meaning.

    It ends with one or more messages of the user that are nothing but text; no image, no result of a tool.
    """
    messages = document.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        return None
    texts: list[str] = []
    bare: list[dict[str, Any]] = []
    kept = len(messages)
    while kept and isinstance(messages[kept - 1], dict) and messages[kept - 1].get("role") == "user":
        kept -= 1
        text = _text(messages[kept].get("content"))
        if text is None:
            return None
        texts.insert(0, text)
        bare.insert(0, {name: value for name, value in messages[kept].items() if name != "content"})
    whole = "\n".join(texts)
    if not whole.strip() or len(whole) > MAX_CHARS:
        return None
    rest = {**document, "messages": [*messages[:kept], *bare]}
    return Meaning(whole, rest, tuple(_MARK.findall(whole)))


def _text(content: object) -> str | None:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts: list[str] = []
    for part in content:
        if not isinstance(part, dict) or part.get("type") != "text" or not part.keys() <= _TEXT_KEYS:
            return None
        text = part.get("text")
        if not isinstance(text, str):
            return None
        texts.append(text)
    return "\n".join(texts)

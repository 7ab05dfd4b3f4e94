"""A document of which it is not known what to hide, with all hidden that anybody said.

Findings name places, and `redaction.py` hides those. They are not all there is where a guardrail failed
before it could say what it found, or found more than it kept. Then nothing but the shape stays: the
protocol's own words and keys, small numbers, the answer's id and the model's name.
"""

import re
from collections.abc import Iterable
from typing import Any

from app.domain.json_leaves import is_long_number
from app.domain.json_text import REDACTED
from app.domain.parts import KNOWN_KEYS, request_parts
from app.domain.unique_names import UniqueNames
from guardrails.verdict import Decision, Side, Verdict

_KEYS = KNOWN_KEYS | frozenset(
    """
    choices message index finish_reason object created usage prompt_tokens completion_tokens total_tokens
    prompt_tokens_details completion_tokens_details cached_tokens reasoning_tokens audio_tokens
    accepted_prediction_tokens rejected_prediction_tokens system_fingerprint
    """.split()
)
"""Of a request, and of an answer (platform.openai.com/docs/api-reference/chat/object, 2026-11)."""
_WORDS = frozenset(("stop", "length", "tool_calls", "content_filter", "function_call", "chat.completion"))
"""What an answer says beside a request's words (the same page)."""
_LONGEST_WORD = 32
"""Guardrails pass over the protocol's words and base64 of media; longer than this is no word."""
_STEP = re.compile(r'\[\d+\]|[.#]{0,2}([^.\[\]#~"]+)|#')
"""A step of a path as `app/domain/json_text.py` writes it; a key that needs quotes is none."""


def is_uncertain(verdicts: Iterable[Verdict], side: Side) -> bool:
    """Whether more may have been found on a side than its verdicts' findings say."""
    return any(
        verdict.findings_dropped > 0 or verdict.decision is Decision.ERROR
        for verdict in verdicts
        if verdict.side is side
    )


def concealed_request(document: dict[str, Any]) -> dict[str, Any]:
    """Return a request with everything hidden but the protocol's words and `model`. Not touched itself."""
    return _with(_concealed(document), document, ("model",))


def concealed_response(document: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with everything hidden but its shape, its id and `model`. Not touched itself."""
    return _with(_concealed(document), document, ("id", "created", "model"))


def concealed_path(path: str) -> str:
    """Return the path of a part up to the first key that is not the protocol's."""
    end = 0
    while (step := _STEP.match(path, end)) and (step[1] is None or step[1] in _KEYS):
        end = step.end()
    return path if end == len(path) else f"{path[:end]}.{REDACTED}".removeprefix(".")


def _with(hidden: dict[str, Any], document: dict[str, Any], kept: tuple[str, ...]) -> dict[str, Any]:
    return hidden | {key: document[key] for key in kept if isinstance(document.get(key), str | int)}


def _concealed(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return value if _is_word(value) else REDACTED
    if isinstance(value, dict):
        return _concealed_members(value)
    if isinstance(value, list | tuple):
        return [_concealed(item) for item in value]
    return REDACTED if is_long_number(value) else value


def _concealed_members(value: dict[str, Any]) -> dict[str, Any]:
    hidden: dict[str, Any] = {}
    names = UniqueNames("_")
    for key, item in value.items():
        name = names.add(key if key in _KEYS or key == "logprobs" else REDACTED)
        # Log probabilities spell the text once more, in bytes too, which are small numbers.
        is_spelled = key == "logprobs" and isinstance(item, dict | list)
        hidden[name] = None if is_spelled else _concealed(item)
    return hidden


def _is_word(text: str) -> bool:
    return text in _WORDS or (len(text) <= _LONGEST_WORD and not request_parts({"user": text}))

"""Mutations: ways in which whoever wants past a guardrail disguises a text, to try guardrails with.

They are plain disguises that a reader, or a model, sees through at once. Each is a function of the text
alone: the same text is always disguised alike, so that a trial can be repeated.
"""

import base64
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_WORD = re.compile(r"\w{2,}")
_LOOK_ALIKE = str.maketrans("aceopxyijsABCEHIKMOPTX", "асеорхуіјѕАВСЕНІКМОРТХ")  # noqa: RUF001 (the point)
"""Latin letters to Cyrillic ones that look the same in most fonts (Unicode's confusables, UTS 39)."""
_FULL_WIDTH = {code: code - 0x21 + 0xFF01 for code in range(0x21, 0x7F)}
"""ASCII to the full-width forms of CJK fonts (Unicode block Halfwidth and Fullwidth Forms)."""


def zero_width(text: str) -> str:
    """Put a zero-width space into the middle of each word and number."""
    return _WORD.sub(lambda word: _halved(word[0]), text)


def homoglyph(text: str) -> str:
    """Replace the first letter of each word that has a look-alike; digits have none and stay."""
    return _WORD.sub(lambda word: _one_letter_replaced(word[0]), text)


def full_width(text: str) -> str:
    """Write all of it in full-width characters, spaces excepted."""
    return text.translate(_FULL_WIDTH)


def base64_encoded(text: str) -> str:
    """Encode all of it, and say so."""
    return f"Decode this base64: {base64.b64encode(text.encode('utf-8', 'replace')).decode()}"


MUTATIONS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "base64": base64_encoded,
        "full-width": full_width,
        "homoglyph": homoglyph,
        "zero-width": zero_width,
    }
)
"""By name. That a text comes in pieces is no mutation of it: see `split` in `app/guard_cases/trial.py`."""


def _halved(word: str) -> str:
    middle = len(word) // 2
    return f"{word[:middle]}\u200b{word[middle:]}"


def _one_letter_replaced(word: str) -> str:
    for i, character in enumerate(word):
        replaced = character.translate(_LOOK_ALIKE)
        if replaced != character:
            return word[:i] + replaced + word[i + 1 :]
    return word

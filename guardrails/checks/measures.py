r"""Measures of a text: its bytes, words, sentences and lines, each counted from the left.

| measure | one is |
|---|---|
| bytes | of UTF-8 |
| words | what stands between white space; in Chinese and Japanese, which have none, a character |
| sentences | what ends with `.`, `!`, `?` or `…` in front of white space, or with their wide forms |
| lines | what ends with a line feed |

What is left behind the last sentence or line is one too, and `e.g. ` ends a sentence.

The counterpart is `guardrails/checks/length.py`, which holds them to bounds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

_UNSPACED_LETTERS = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Ideographs and kana. Hangul is written with spaces between its words."""
_UNSPACED_MARKS = (
    r"\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)

# Python's own engine, for it is the faster one where there are many matches; no pattern here can backtrack.
_WORD = re.compile(rf"[{_UNSPACED_LETTERS}]|[^\s{_UNSPACED_LETTERS}{_UNSPACED_MARKS}]++")
_SENTENCE_END = re.compile(
    r"(?<![.!?\u2026])[.!?\u2026]++[\"'\u2019\u201d)\]]*+(?=\s|\Z)|[\u3002\uff01\uff1f]"
)
_NOT_SPACE = re.compile(r"\S")
_LINE = re.compile(r"[^\n]*+\n|[^\n]++\Z")

Crossing = Callable[[str, int], int | None]
"""Of a text and a number: where the one after this many begins, in code points; None if there is none."""


def _bytes(text: str, count: int) -> int | None:
    if text.isascii():
        return count if count < len(text) else None
    encoded = text.encode(errors="replace")
    return len(encoded[:count].decode(errors="ignore")) if count < len(encoded) else None


def _words(text: str, count: int) -> int | None:
    if text.isascii():  # ten times as fast
        pieces = text.split(maxsplit=count)
        return len(text) - len(pieces[count]) if len(pieces) > count else None
    return _nth(_starts(_WORD, text), count)


def _lines(text: str, count: int) -> int | None:
    return _nth(_starts(_LINE, text), count)


def _sentences(text: str, count: int) -> int | None:
    ends = (found.end() for found in _SENTENCE_END.finditer(text))
    behind = 0 if count == 0 else _nth(ends, count - 1)
    rest = None if behind is None else _NOT_SPACE.search(text, behind)
    return None if rest is None else rest.start()


def _starts(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    return (found.start() for found in pattern.finditer(text))


def _nth(places: Iterator[int], index: int) -> int | None:
    return next(islice(places, index, None), None)


MEASURES: Mapping[str, Crossing] = MappingProxyType(
    {"bytes": _bytes, "words": _words, "sentences": _sentences, "lines": _lines}
)
"""By name."""

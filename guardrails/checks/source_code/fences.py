r"""Fenced blocks of a text, as models write them.

They are CommonMark's (spec 0.31, 4.5) with two liberties. A fence may open behind white space anywhere in a
line, for models write `Sure: ```py` too, and in a list or a quotation; and its tag may be anything that
renderers take: `c++`, `{.python}`, `python title="x"`, `python:src/a.py`. A fence that nothing closes goes to
the end of the text.
"""

import re
from collections.abc import Iterator

import msgspec

from guardrails.checks.patterns import SPACE, UNSPACED, compiled

_OPENING = compiled(rf"(?:\A|[{SPACE}{UNSPACED}])(`{{3,}}|~{{3,}})([^`~\n]*)(?m:$)")
"""Up to the line feed, not with it: another fence may open right behind that."""
_OPENING_IN_PROGRESS = compiled(rf"(?:\A|[{SPACE}{UNSPACED}])(?:`{{3,}}|~{{3,}})[^`~\n]*\z")
_CLOSING = re.compile(r"\n[ \t>]*+(`{3,}+|~{3,}+)[ \t\r]*+(?=\n|\Z)")
"""Python's own engine, since it is asked from a place on; it cannot backtrack."""
_TAG = re.compile(r"[\s{.]*(?:language-|lang-)?([A-Za-z][A-Za-z0-9+#_-]*)?")

TRIGGER = "`{3}|~{3}"
"""Without one of these there is no fence."""


class Fence(msgspec.Struct, frozen=True):
    """A fenced block."""

    tag: str
    """What it says about its language, in small letters; often empty."""
    start: int
    """Of its opening marks, in code points."""
    end: int
    """Behind its closing marks, without what ends their line."""
    inside_start: int
    inside_end: int
    is_closed: bool
    """Whether a line of its own closes it, complete with its line feed."""


def fences(text: str) -> Iterator[Fence]:
    """Yield the fenced blocks of a text, from the left."""
    if "```" not in text and "~~~" not in text:
        return
    behind = 0
    for opening in _OPENING.finditer(text):
        if opening.start(1) >= behind and opening.end() < len(text):
            fence = _fence(text, opening.span(1), opening.span(2))
            behind = fence.end
            yield fence


def in_progress(text: str) -> bool:
    """Return whether a fence may go on behind this text, or a line that opens one."""
    if "`" not in text and "~" not in text:
        return False
    last = None
    for last in fences(text):  # noqa: B007 (the last one is wanted)
        pass
    if last is not None and not last.is_closed:
        return True
    return _OPENING_IN_PROGRESS.search(text[0 if last is None else last.end :]) is not None


def _fence(text: str, marks: tuple[int, int], info: tuple[int, int]) -> Fence:
    tag = _TAG.match(text, *info)
    named = (tag[1] or "").lower() if tag else ""
    inside = info[1] + 1
    for closing in _CLOSING.finditer(text, info[1]):
        start, end = closing.span(1)
        if text[start] == text[marks[0]] and end - start >= marks[1] - marks[0]:
            is_closed = closing.end() < len(text)
            return Fence(named, marks[0], end, inside, max(inside, closing.start()), is_closed)
    return Fence(named, marks[0], len(text), inside, len(text), is_closed=False)

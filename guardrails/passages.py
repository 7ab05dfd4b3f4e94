"""Passages: how a text is cut for checks that judge sentences and ask another service.

The cut is the same for a whole text and for one that grows, whatever the fragments: whether a passage ends at
a place is decided by the text to the left of that place alone. That is what lets a stream be released passage
by passage and still be judged as the whole text is.

A passage ends behind a sentence or a line, once it is long enough. The first may be short, for until it has
been judged nothing of a stream goes out; later ones grow with what stands before them, so that a long text
costs few questions. One that does not end by itself is cut at a word, and at last anywhere: what has been
seen before is given along with it.
"""

import re

import msgspec

FIRST_LENGTH = 24
"""Least length of the first passage, in code points: a short sentence."""
LEAST_LENGTH = 160
"""Of every later one: one or two sentences."""
GROWN_LENGTH = 800
"""What the least length grows to: a quarter of what stands before the passage, up to this."""
WORD_LENGTH = 1_200
"""From here on a passage ends with a word."""
MOST_LENGTH = 1_400
"""Here it ends anywhere."""
BEFORE_LENGTH = 500
"""What is given of the text before a passage."""

_UNSPACED_ENDS = "\u3002\uff01\uff1f\uff61"
"""Ideographic and full-width full stops and marks: no space follows them."""
_PLACE = re.compile(rf"[\s{_UNSPACED_ENDS}]")
"""The last character of whatever a passage may end with."""
_ENDED = re.compile(
    rf"(?:[.!?\u2026\u061f\u06d4\u0964][\"'\u2019\u201d\u00bb)\]]{{0,3}}\s|\n|[{_UNSPACED_ENDS}])\Z"
)
"""What stands at the end of a sentence or a line: a full stop or mark (also Arabic, Urdu, Hindi) with what
closes behind it and white space; a new line; a mark of a script without spaces."""
_CONTEXT = 5
"""Characters that `_ENDED` looks at."""


class Cut(msgspec.Struct, frozen=True):
    """One passage of a text."""

    text: str
    start: int
    """In code points of the text."""
    before: str
    """The end of what stands before it."""
    last: bool
    """Whether it was ended by the end of the text."""

    @property
    def end(self) -> int:
        """Return where it ends in the text, exclusive."""
        return self.start + len(self.text)


class Cutter:
    """Cuts one text that grows. Not to be shared between texts."""

    __slots__ = ("_before", "_held", "_looked", "_start")

    def __init__(self) -> None:
        self._held = ""
        self._looked = 0
        self._start = 0
        self._before = ""

    def feed(self, text: str) -> list[Cut]:
        """Take the next fragment; return the passages that are complete by now."""
        held = self._held + text
        cuts: list[Cut] = []
        begin, looked = 0, self._looked
        while (end := self._end(held, begin, looked)) is not None:
            cuts.append(self._cut(held[begin:end], last=False))
            begin = looked = end
        self._held = held[begin:] if begin else held
        self._looked = len(self._held)
        return cuts

    def finish(self) -> list[Cut]:
        """Return what is left, if anything is: the text has ended."""
        held, self._held, self._looked = self._held, "", 0
        return [self._cut(held, last=True)] if held else []

    def _cut(self, text: str, *, last: bool) -> Cut:
        cut = Cut(text, self._start, self._before, last)
        self._start += len(text)
        self._before = (self._before + text)[-BEFORE_LENGTH:]
        return cut

    def _end(self, held: str, begin: int, looked: int) -> int | None:
        """Return where the passage that begins there ends, None if that is not known yet."""
        least = begin + least_length(self._start)
        if len(held) < least:
            return None
        most = begin + MOST_LENGTH
        for found in _PLACE.finditer(held, max(looked, least - 1), most):
            end = found.end()
            if end - begin >= WORD_LENGTH or _ENDED.search(held, max(begin, end - _CONTEXT), end):
                return end
        return most if len(held) >= most else None


def least_length(start: int) -> int:
    """Return how long a passage that begins there is at least, in code points."""
    return min(max(start // 4, LEAST_LENGTH), GROWN_LENGTH) if start else FIRST_LENGTH


def passages(text: str) -> list[Cut]:
    """Cut a whole text. Put together again, the passages are the text."""
    cutter = Cutter()
    return [*cutter.feed(text), *cutter.finish()]

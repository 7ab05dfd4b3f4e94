r"""Payloads: texts in a text that are written in base64 or hexadecimal digits.

A *stretch* is all that is written in such digits without a gap, or in lines without one, as mail and key
files wrap base64. It is a payload if what comes out is text, or has text among it (`octets.py`). Nearly no
word, hash or random token does. Digits glued to its front only shift it, so text is looked for at each of
the four places where it may begin. What a `data:` URL says of its type is not asked: the bytes of an image
are no text wherever they stand, and a text that is called an image is one.

A stretch may go on behind a line break and nowhere else; `is_begun` says so.
"""

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec

from guardrails.checks.patterns import compiled
from guardrails.views.octets import is_media, nearly_text_of, runs, text_of

MIN_DIGITS = 14
"""Digits of the shortest stretch: ten bytes, fewer than a card, a phone number or a key has."""

MIN_LINE = 24
"""Digits of the shortest line behind which a stretch may go on in the next: fewer than any encoder wraps at
(RFC 1421: 64, RFC 2045: 76), more than nearly all words have."""

TRIGGER = f"[A-Za-z0-9+/_-]{{{MIN_DIGITS}}}"
"""In RE2: stands in every text that has a stretch."""

_INDENT = r"\r?\n[\t ]{0,8}"
_STRETCH = compiled(
    rf"[A-Za-z0-9+/_-]{{{MIN_LINE},}}(?:{_INDENT}[A-Za-z0-9+/_-]{{{MIN_LINE},}})*"
    rf"(?:{_INDENT}[A-Za-z0-9+/_-]+(?:={{1,2}}|[\r\n]|\z)|={{0,2}})"
    rf"|[A-Za-z0-9+/_-]{{{MIN_DIGITS},}}={{0,2}}"
)
_TELLING = re.compile(r"[A-Z0-9]")
"""A stretch without one is a long word: it would take an odd text to be written without any."""

_LINES = re.compile(r"[A-Za-z0-9+/_-]+")
_MAX_BREAK = 10
"""Characters of the longest break between two lines of a stretch."""

BEGUN = rf"[A-Za-z0-9+/_-]{{{MIN_LINE}}}\r?\n?[\t ]{{0,8}}\z"
"""In RE2: stands in every text of which `is_begun` is true."""
_BEGUN = re.compile(BEGUN.replace(r"\z", r"\Z"))
_HEX_PREFIXES = frozenset({"0x", "0X"})
_GLUE = re.compile(r"[+/_-]")
_STANDARD = str.maketrans("-_", "+/")
_QUAD, _TRIPLE = 4, 3
"""Digits of base64, and the bytes that they are (RFC 4648)."""


class Payload(msgspec.Struct, frozen=True):
    """A text in another one."""

    encoding: str
    """How it was written: `base64`, `hex`, `tags`, `variation_selectors`."""
    text: str
    start: int
    """Where in the other text what it is written in begins."""
    end: int


def payloads(text: str) -> Iterator[Payload]:
    """Yield what is written in base64 or hexadecimal digits, a longer one before its parts."""
    for found in _STRETCH.finditer(text):
        start, end = found.span()
        stretch = text[start:end]
        if _TELLING.search(stretch) is None:
            continue
        lines = [line.span() for line in _LINES.finditer(stretch)]
        found_here = list(_in_stretch(stretch, lines, start))
        yield from found_here
        if len(lines) > 1 or not found_here:
            yield from _beyond(found_here, _among(stretch, lines, start))


def is_begun(text: str) -> bool:
    """Return whether a stretch may go on behind a text, which ends with a break."""
    tail = text[-MIN_LINE - _MAX_BREAK :]
    return tail[-1:].isspace() and _BEGUN.search(tail) is not None


def _in_stretch(stretch: str, lines: Sequence[tuple[int, int]], offset: int) -> Iterator[Payload]:
    """Yield the payloads of a stretch: of its lines as many together as are one text, from the first.

    Lines of different width are also read by themselves: they may be several texts, one behind the other.
    """
    first = 0
    while first < len(lines):
        count, read = _longest(stretch, lines[first:]) if len(lines) > 1 else (1, None)
        if read is None:
            alone = _in_line(stretch, *lines[first], offset)
            if alone is not None:
                yield alone
        else:
            together = lines[first : first + count]
            yield _of_lines(read, stretch, together, offset)
            groups = list(_of_one_width(stretch, together))
            for group in groups if len(groups) > 1 else ():
                _, read = _longest(stretch, group)
                if read is not None:
                    yield _of_lines(read, stretch, group, offset)
        first += count


def _of_one_width(stretch: str, lines: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    """Yield lines as an encoder wraps, with one kind of break between them.

    All are as long as the first, but for the last, which may be shorter.
    """
    first = 0
    for place in range(1, len(lines)):
        width = lines[first][1] - lines[first][0]
        (_, first_end), (start, end) = lines[first], lines[place]
        goes_on = (
            lines[place - 1][1] - lines[place - 1][0] == width
            and end - start <= width
            and stretch[lines[place - 1][1] : start] == stretch[first_end : lines[first + 1][0]]
        )
        if not goes_on:
            yield lines[first:place]
            first = place
    yield lines[first:]


def _of_lines(read: tuple[str, str], stretch: str, lines: Sequence[tuple[int, int]], offset: int) -> Payload:
    end = lines[-1][1]
    return Payload(*read, offset + lines[0][0], offset + end + _padding(stretch, end))


def _longest(stretch: str, lines: Sequence[tuple[int, int]]) -> tuple[int, tuple[str, str] | None]:
    """Return how many lines, from the first, are one text, and that; 1 and None if it begins none.

    Twice as many are tried each time, then the place is halved in: about as much work as there are lines.
    """
    most = len(lines)
    good, bad, best = 0, most + 1, None
    count = 1
    while good < count < bad:
        read = _together(stretch, lines[:count])
        if read is None:
            bad = count
        else:
            good, best = count, read
        count = min(2 * good, most) if bad > most else (good + bad) // 2
    if good > 1 and _together(stretch, lines[: good - 1]) == best:
        good -= 1  # a last line that adds nothing is none of it
    return max(good, 1), best


def _together(stretch: str, lines: Sequence[tuple[int, int]]) -> tuple[str, str] | None:
    return _read("".join(stretch[start:end] for start, end in lines))


def _in_line(stretch: str, start: int, end: int, offset: int) -> Payload | None:
    """Return the payload of one line, or of its longest piece: `path/` or `token_` may be glued to it."""
    digits = stretch[start:end]
    longest = max(_GLUE.split(digits), key=len)
    at = start + digits.rindex(longest)
    for piece, begin in {digits: start, longest: at}.items():
        read = _read(piece) if len(piece) >= MIN_DIGITS else None
        if read is not None:
            stop = begin + len(piece)
            return Payload(*read, offset + begin, offset + stop + _padding(stretch, stop))
    text = nearly_text_of(_octets(digits))
    return (
        None
        if text is None
        else Payload("base64", text, offset + start, offset + end + _padding(stretch, end))
    )


def _among(stretch: str, lines: Sequence[tuple[int, int]], offset: int) -> Iterator[Payload]:
    """Yield texts among the bytes that the digits are, or would be without those glued to their front."""
    digits = "".join(stretch[start:end] for start, end in lines)
    if is_media(_octets(digits)):
        return
    ends = list(accumulate(end - start for start, end in lines))
    for shift in range(_QUAD):
        for text, first, last in runs(_octets(digits[shift:])):
            begin = _place(shift + first // _TRIPLE * _QUAD, lines, ends)
            stop = _place(min(shift - (-last // _TRIPLE) * _QUAD, len(digits)) - 1, lines, ends) + 1
            yield Payload("base64", text, offset + begin, offset + stop + _padding(stretch, stop))


def _place(digit: int, lines: Sequence[tuple[int, int]], ends: Sequence[int]) -> int:
    """Return where in the stretch a digit of its lines stands."""
    line = bisect_right(ends, digit)
    return lines[line][1] - (ends[line] - digit)


def _beyond(read: Sequence[Payload], others: Iterator[Payload]) -> Iterator[Payload]:
    """Yield those of the others that say more than some letters before or behind what has been read."""
    margin = _MAX_BREAK + _QUAD
    starts = [payload.start - margin for payload in read]
    ends = list(accumulate((payload.end + margin for payload in read), max, initial=0))
    for other in others:
        if ends[bisect_right(starts, other.start)] < other.end:
            yield other


def _padding(stretch: str, end: int) -> int:
    return len(stretch[end : end + 2]) - len(stretch[end : end + 2].lstrip("="))


def _read(digits: str) -> tuple[str, str] | None:
    """Return the encoding and the text of digits, None if they are no text."""
    try:  # there is no white space among them, which it would skip
        octets = bytes.fromhex(digits[2:] if digits[:2] in _HEX_PREFIXES else digits)
    except ValueError:
        octets = b""
    text = text_of(octets)
    if text is not None:
        return "hex", text
    text = text_of(_octets(digits))
    return None if text is None else ("base64", text)


def _octets(digits: str) -> bytes:
    usable = len(digits) - (len(digits) % _QUAD == 1)
    return binascii.a2b_base64(digits[:usable].translate(_STANDARD) + "=" * (-usable % _QUAD))

r"""Payloads: texts in a text that are written in base64 or hexadecimal digits.

A *stretch* is all that is written in such digits without a gap, or in lines without one, as mail and key
files wrap base64. It is a payload if what comes out is text: UTF-8 (or UTF-16, as PowerShell takes it)
without control characters. Nearly no word, hash or random token does.

A stretch may go on behind a line break and nowhere else; `is_begun` says so. Images in `data:` URLs are left
alone: they hold no text, and there may be megabytes of them.
"""

import binascii
import re
from collections.abc import Iterator, Sequence

import msgspec

from guardrails.checks.patterns import compiled

MIN_DIGITS = 14
"""Digits of the shortest stretch: ten bytes, fewer than a card, a phone number or a key has."""

MIN_LINE = 24
"""Digits of the shortest line behind which a stretch may go on in the next: fewer than any encoder wraps at
(RFC 1421: 64, RFC 2045: 76), more than nearly all words have."""

TRIGGER = f"[A-Za-z0-9+/_-]{{{MIN_DIGITS}}}"
"""In RE2: stands in every text that has a stretch."""

_MIN_BYTES = 8

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

_BEGUN = re.compile(rf"[A-Za-z0-9+/_-]{{{MIN_LINE}}}\r?\n?[\t ]{{0,8}}\Z")
_HEX = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2})+)\Z")
_GLUE = re.compile(r"[+/_-]")
_STANDARD = str.maketrans("-_", "+/")
_MEDIA = re.compile(
    r"data:(?:image|audio|video|font)/[\w.+-]{1,40}(?:;[\w.=-]{1,40}){0,3};base64,\Z", re.ASCII
)
_MAX_MEDIA = 200
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


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
        if _TELLING.search(stretch) is None or _MEDIA.search(text, max(0, start - _MAX_MEDIA), start):
            continue
        yield from _in_stretch(stretch, start)


def is_begun(text: str) -> bool:
    """Return whether a stretch may go on behind a text, which ends with a break."""
    tail = text[-MIN_LINE - _MAX_BREAK :]
    return tail[-1:].isspace() and _BEGUN.search(tail) is not None


def _in_stretch(stretch: str, offset: int) -> Iterator[Payload]:
    """Yield the payloads of a stretch: of its lines as many together as are one text, from the first.

    Lines of different width are also read by themselves: they may be several texts, one behind the other.
    """
    lines = [found.span() for found in _LINES.finditer(stretch)]
    if len(lines) == 1:
        yield from _in_line(stretch, *lines[0], offset)
        return
    first = 0
    while first < len(lines):
        count, read = _longest(stretch, lines[first:])
        if read is None:
            yield from _in_line(stretch, *lines[first], offset)
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


def _in_line(stretch: str, start: int, end: int, offset: int) -> Iterator[Payload]:
    """Yield the payload of one line, or of its longest piece: `path/` or `token_` may be glued to it."""
    digits = stretch[start:end]
    longest = max(_GLUE.split(digits), key=len)
    at = start + digits.rindex(longest)
    for piece, begin in {digits: start, longest: at}.items():
        read = _read(piece) if len(piece) >= MIN_DIGITS else None
        if read is not None:
            stop = begin + len(piece)
            yield Payload(*read, offset + begin, offset + stop + _padding(stretch, stop))
            return


def _padding(stretch: str, end: int) -> int:
    return len(stretch[end : end + 2]) - len(stretch[end : end + 2].lstrip("="))


def _read(digits: str) -> tuple[str, str] | None:
    """Return the encoding and the text of digits, None if they are no text."""
    hexadecimal = _HEX.match(digits)
    if hexadecimal is not None:
        text = _text(bytes.fromhex(hexadecimal.group(1)))
        if text is not None:
            return "hex", text
    usable = len(digits) - (len(digits) % 4 == 1)
    padded = digits[:usable].translate(_STANDARD) + "=" * (-usable % 4)
    text = _text(binascii.a2b_base64(padded))
    return None if text is None else ("base64", text)


def _text(octets: bytes) -> str | None:
    """Return the text that bytes are, None if they are none."""
    if len(octets) < _MIN_BYTES:
        return None
    encoding = "utf-16-le" if octets[1] == octets[3] == 0 and len(octets) % 2 == 0 else "utf-8"
    try:
        text = octets.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or error.start < _MIN_BYTES:
            return None
        text = octets[: error.start].decode(encoding)  # cut in the middle of a character
    return None if _UNSEEN.search(text) else text

r"""Payloads: texts in a text that are written in base64 or hexadecimal digits.

A *stretch* is all that is written in such digits without a gap, or in lines without one, as mail and key
files wrap base64. It is a payload if what comes out is text: UTF-8 (or UTF-16, as PowerShell takes it)
without control characters. Nearly no word, hash or random token does.

A stretch may go on behind a line break and nowhere else; `is_begun` says so. Images in `data:` URLs are left
alone: they hold no text, and there may be megabytes of them.
"""

import binascii
import re
from collections.abc import Iterator

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
    """Yield what is written in base64 or hexadecimal digits, from the left; none overlap."""
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
    lines = [found.span() for found in _LINES.finditer(stretch)]
    ends = [len(lines)] if len(lines) == 1 else [len(lines), len(lines) - 1]
    for end in ends:
        payload = _payload(stretch, lines[:end], offset)
        if payload is not None:
            yield payload
            return
    if len(lines) > 1:
        alone = (_payload(stretch, [line], offset) for line in lines)
        yield from (payload for payload in alone if payload is not None)


def _payload(stretch: str, lines: list[tuple[int, int]], offset: int) -> Payload | None:
    """Return what some lines of a stretch say together, None if that is no text."""
    start, end = lines[0][0], lines[-1][1]
    digits = stretch[start:end] if len(lines) == 1 else "".join(stretch[a:b] for a, b in lines)
    padded = len(stretch[end : end + 2]) - len(stretch[end : end + 2].lstrip("="))
    pieces = [(digits, start)]
    if len(lines) == 1 and (glued := max(_GLUE.split(digits), key=len)) != digits:
        pieces.append((glued, start + digits.rindex(glued)))  # `path/` or `token_` before it, or behind
    for piece, at in pieces:
        read = _read(piece) if len(piece) >= MIN_DIGITS else None
        if read is not None:
            encoding, text = read
            to = at + len(piece) if at + len(piece) < end and len(lines) == 1 else end + padded
            return Payload(encoding, text, offset + at, offset + to)
    return None


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
    except UnicodeDecodeError:
        return None
    return None if _UNSEEN.search(text) else text

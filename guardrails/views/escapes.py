r"""Escapes: characters written out, as `%41`, `&#65;`, `&commat;`, `\u0041` or `\x41`.

They are read in place: the text around them is part of what they say (`ignore previous &#105;nstructions`).
None has a break in it, so a text reads the same whole and cut at breaks. What would not come out as
characters that one can see stays as it is.
"""

import html
import re
from collections.abc import Iterator

from guardrails.checks.patterns import compiled
from guardrails.view import View
from guardrails.views.payloads import Payload
from guardrails.views.reading import Pieces, Reading

TRIGGER = r"%[0-9A-Fa-f]{2}|&#[0-9xX]|&[A-Za-z][0-9A-Za-z]{1,31};|\\[uUx][0-9A-Fa-f{]"
"""In RE2: stands in every text that has an escape."""

FIRST_CHARACTERS = "%&\\"
"""With one of which every escape begins."""

_TELLING = compiled(TRIGGER)

_ESCAPES = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|(?P<reference>&(?:\#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});?|[A-Za-z][0-9A-Za-z]{1,31};))"
    r"|(?P<bytes>(?:\\{1,8}x[0-9A-Fa-f]{2})+)"
    r"|(?P<units>(?:\\{1,8}u[0-9A-Fa-f]{4})+)"
    r"|(?P<code>\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8})"
)
"""Percent-encoding (RFC 3986), character references (HTML 5), the escapes of JSON, JavaScript and Python, the
backslashes of which may be escaped themselves, as in JSON in JSON, three times over."""

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


def runs(text: str) -> Iterator[Payload]:
    """Yield what is written in escapes alone, one behind the other, from the left."""
    if not _TELLING.holds(text):
        return
    meant: list[str] = []
    start = end = 0
    for found in _ESCAPES.finditer(text):
        one, _ = _meant(found)
        if _UNSEEN.search(one):
            continue
        if found.start() != end or not meant:
            if meant:
                yield Payload("escapes", "".join(meant), start, end)
            meant, start = [], found.start()
        meant.append(one)
        end = found.end()
    if meant:
        yield Payload("escapes", "".join(meant), start, end)


def unescape(text: str, source: Reading | None = None) -> Reading | None:
    """Return the text with its escapes resolved; None where it has none.

    Args:
        text: scannable.
        source: what the text is a reading of; None for an original.
    """
    if not _TELLING.holds(text):
        return None
    pieces = Pieces()
    at = 0
    for found in _ESCAPES.finditer(text):
        meant, stride = _meant(found)
        if _UNSEEN.search(meant) is None:
            start, end = found.span()
            pieces.add(text[at:start], at, start)
            pieces.add(meant, start, end, stride)
            at = end
    if not at:
        return None
    pieces.add(text[at:], at, len(text))
    return pieces.reading(View.DECODED, pieces.text(), source)


def _meant(found: re.Match[str]) -> tuple[str, int]:
    """Return what an escape stands for, and how many characters each of it is written with; 0: any."""
    written, kind = found.group(), found.lastgroup
    if kind == "reference":
        return html.unescape(written), 0
    if kind == "percent":
        return _of_bytes(written.replace("%", ""), 3)
    if kind == "bytes":
        return _of_bytes(written.replace("\\", "").replace("x", ""), 4)
    if kind == "units":
        units = bytes.fromhex(written.replace("\\", "").replace("u", "")).decode("utf-16-be", "surrogatepass")
        return units, 6 if len(units) * 6 == len(written) else 0
    code = int(written.strip("\\uU{}"), 16)
    return (chr(code) if code <= 0x10FFFF else "\ufffd"), 0  # noqa: PLR2004 (the last code point)


def _of_bytes(digits: str, stride: int) -> tuple[str, int]:
    octets = bytes.fromhex(digits)
    try:
        return octets.decode(), stride if octets.isascii() else 0
    except UnicodeDecodeError:
        return octets.decode("latin-1"), stride

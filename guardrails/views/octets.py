"""Octets that came out of an encoding: whether they are a text, have a text among them, or are media.

A model reads over a stray byte, so what is nearly all text is text, and in bytes that are none every longer
run of ASCII is looked at. The counterpart is `payloads.py`, which knows where encoded stretches are.
"""

import re
from collections.abc import Iterator

_MIN_BYTES = 8
"""Of a text."""

_MIN_NEARLY_BYTES = 16
"""Of what is a text only without its ends: eight such bytes come out of one random token in 1,500."""

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_UNSEEN_AT_ENDS = re.compile(r"\A[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]+|[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]+\Z")
_SHARE = 16
"""Characters of a text of which one may be none that shows: of random bytes two in three are."""

_HEAD = 4096
"""Characters in which as many unseen ones say enough."""

_VISIBLE = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
_MIN_RUN = 14
_RUN = re.compile(rb"[\t\n\r\x20-\x7e]{%d,}" % _MIN_RUN)
"""Text among other bytes; of a million places in random ones one begins a run so long."""

_BLOCK = 1 << 16
"""Bytes looked at in one call, during which no other thread of this process runs: about a millisecond."""

_MAGIC = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....(?:WEBP|WAVE|AVI )|BM.{4}\0\0\0\0|II\*\0|MM\0\*"
    rb"|\x00\x00\x01\x00"
    rb"|....ftyp|%PDF-|OggS|fLaC|ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb\xf1\xf9]|\x1aE\xdf\xa3|PK\x03\x04|\x1f\x8b\x08"
    rb"|FORM....AIFF|wOF[F2]|\x00\x01\x00\x00\x00|OTTO",
    re.DOTALL,
)
"""How pictures, sound, films, fonts, PDF and packed documents begin (WHATWG MIME Sniffing Standard, 2026-06,
and the formats' own)."""


def text_of(octets: bytes) -> str | None:
    """Return the text that bytes are, in UTF-8 or as PowerShell writes it in UTF-16; None if they are none.

    There is nothing in it that does not show, and only at its end half of a character, which is left out.
    """
    if len(octets) < _MIN_BYTES:
        return None
    encoding = _encoding(octets)
    try:
        text = octets.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or error.start < _MIN_BYTES:
            return None
        text = octets[: error.start].decode(encoding)
    return None if _UNSEEN.search(text) else text


def nearly_text_of(octets: bytes) -> str | None:
    """Return the text that bytes are but for what does not show: at both ends, and a little between them."""
    if len(octets) < _MIN_BYTES:
        return None
    text = octets.decode(_encoding(octets), "replace")
    if len(_UNSEEN.findall(text, 0, _HEAD)) > _HEAD // 4:
        return None
    shown = _UNSEEN_AT_ENDS.sub("", text)
    if len(shown.encode()) < _MIN_NEARLY_BYTES:
        return None
    return shown if len(_UNSEEN.findall(shown)) * _SHARE <= len(shown) else None


def said_in(octets: bytes) -> str | None:
    """Return what bytes say that are nearly text, or mostly and do not begin as media do; else None."""
    text = text_of(octets) or nearly_text_of(octets)
    if text is not None or _MAGIC.match(octets) or _is_mostly_unseen(octets):
        return text
    return octets.decode("utf-8", "replace")


def runs(octets: bytes, block: int = _BLOCK) -> Iterator[tuple[str, int, int]]:
    """Yield each longer run of ASCII among other bytes, and where it starts and ends."""
    place = 0
    while place < len(octets):
        end = place + block
        found = _RUN.search(octets, place, end)
        if found is None:
            place = end - _MIN_RUN + 1
            continue
        if found.end() == end:
            found = _RUN.match(octets, found.start())
            assert found is not None
        yield found.group().decode(), *found.span()
        place = found.end()


def is_media(octets: bytes) -> bool:
    """Return whether these bytes begin as a picture, sound or a document does, and are no text all the same.

    Who writes a text behind such a beginning has written a text.
    """
    return _MAGIC.match(octets) is not None and _is_mostly_unseen(octets)


def _is_mostly_unseen(octets: bytes) -> bool:
    return 2 * len(octets.translate(None, _VISIBLE)) > len(octets)


def _encoding(octets: bytes) -> str:
    """Return what to decode with: two bytes a character where many are 0 and there is no text in ASCII."""
    is_wide = octets[1] == octets[3] == 0 and len(octets) % 2 == 0 and 4 * octets.count(0) >= len(octets)
    return "utf-16-le" if is_wide and _RUN.search(octets) is None else "utf-8"

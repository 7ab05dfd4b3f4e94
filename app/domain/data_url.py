"""`data:` URLs (RFC 2397), as images and documents come in."""

import base64
import re
import string
from urllib.parse import unquote_to_bytes

import msgspec

_HEAD = re.compile(
    r"data:(?P<type>[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)?(?P<params>(?:;[^;,=]+=[^;,]*)*)(?P<b64>;base64)?,",
    re.IGNORECASE,
)
_MAX_HEAD = 1024


class Media(msgspec.Struct, frozen=True):
    """Some bytes and what they are."""

    media_type: str
    """In lower case, without parameters: `image/png`."""
    base64: str
    """In the standard alphabet, padded, without white space."""


def parse_data_url(url: str) -> Media | None:
    """Return what the URL holds; None if it is no `data:` URL at all.

    Raises:
        ValueError: it is one, but broken; the message says how, and nothing of it.
    """
    comma = url.find(",", 0, _MAX_HEAD)
    usual = _USUAL.get(url[5:comma]) if url.startswith("data:") else None
    if usual is not None:
        return Media(usual, standard_base64(url[comma + 1 :]))
    if url[:5].lower() != "data:":
        return None
    head = _HEAD.match(url[:_MAX_HEAD])
    if head is None:
        raise ValueError("it is no data: URL of the form data:TYPE;base64,DATA")
    media_type = (head["type"] or "text/plain").lower()
    body = url[head.end() :]
    if head["b64"] is None:
        return Media(media_type, base64.b64encode(unquote_to_bytes(body)).decode())
    return Media(media_type, standard_base64(body))


def standard_base64(text: str) -> str:
    """Return base64 in its standard form: RFC 4648 section 4, padded, no white space.

    Raises:
        ValueError: it is none.
    """
    if _is_standard(text):
        return text
    if "%" in text:
        text = unquote_to_bytes(text).decode("latin-1")
    text = text.translate(_TIDIED)
    bare = text.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    if len(text) - len(bare) > _MAX_PADDING or not _is_standard(padded):
        raise ValueError("its data is not base64")
    return padded


def _is_standard(text: str) -> bool:
    """Whether it is base64 as it should be; looks at each byte once, and copies nothing but bytes."""
    if len(text) % 4 or not text.isascii():
        return False
    others = text.encode("ascii").translate(None, _ALPHABET)
    return not others or (others in _PADDINGS and text.endswith(others.decode()))


_ALPHABET = (string.ascii_letters + string.digits + "+/").encode()
_PADDINGS = (b"=", b"==")
_MAX_PADDING = 2
_TIDIED = str.maketrans("-_", "+/", string.whitespace)
"""From the alphabet for URLs (RFC 4648 section 5) to the standard one, lines joined."""
_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf")
_USUAL = {f"{media_type};base64": media_type for media_type in _TYPES}
"""Heads that need no parsing."""

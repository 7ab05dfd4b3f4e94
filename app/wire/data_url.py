"""`data:` URLs (RFC 2397), as images and documents come in."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

import msgspec

_HEAD = re.compile(
    r"data:(?P<type>[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)?(?P<params>(?:;[^;,=]+=[^;,]*)*)(?P<b64>;base64)?,",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*\Z")
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
    if "%" in text:
        text = unquote_to_bytes(text).decode("latin-1")
    text = text.replace("-", "+").replace("_", "/")
    if not _BASE64.match(text):
        raise ValueError("its data is not base64")
    text = "".join(text.split()).rstrip("=")
    padded = text + "=" * (-len(text) % 4)
    try:
        binascii.a2b_base64(padded[-4:] if padded else "", strict_mode=True)
    except binascii.Error:
        raise ValueError("its data is not base64") from None
    return padded

"""Text inside a `data:` URL, or in base64 where media are expected: a document that somebody wrote.

Whoever gets such a request decodes it, so a guard must see what is decoded, and a redaction is written back
as it came. What the bytes are decides, not the type they are given: a text that is called an image is a text,
and so is one of an unknown type. Pictures and sound are not; what is said in them is not looked at.
"""

import base64
import re

from app.domain.data_url import parse_data_url, standard_base64
from guardrails.part import Part, PartKind
from guardrails.views.octets import is_media, said_in

_HEAD = 1024
"""Characters in which the type must stand."""
_TEXTUAL = re.compile(
    r"data:(?:text/|application/(?:json|xml|yaml|x-yaml|csv|javascript|rtf|sql|x-sh|x-ndjson|toml)\b"
    r"|[a-z0-9.+/-]+\+(?:json|xml)\b)",
    re.IGNORECASE,
)


_HALF_A_TYPE = re.compile(r"data:[a-z]{1,20};base64", re.IGNORECASE)
"""A head that is none and says nothing; what is behind it may be read all the same."""
_MIN_BARE = 1024
"""Characters of base64 without a URL around it: shorter is scanned as any text is, and decoded there."""
_LOOK = 4096
"""Digits in which media are told: whoever decodes them takes what begins so for nothing else."""
_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def data_text_part(path: str, url: str, kind: PartKind, role: str) -> Part | None:
    """Return what a `data:` URL or long base64 says, as a part behind `#`; None if it is no text."""
    text = _decoded(url)
    return None if text is None else Part(path + "#", text, kind, role)


def redacted_data_url(url: str, text: str) -> str | None:
    """Return the URL, or the base64, with another text in it; None if it holds no text."""
    if _decoded(url) is None:
        return None
    written = base64.b64encode(text.encode()).decode()
    try:
        media = parse_data_url(url)
    except ValueError:
        return f"{url.partition(',')[0]},{written}"
    return written if media is None else f"data:{media.media_type};base64,{written}"


def _decoded(url: str) -> str | None:
    if url[:5].lower() != "data:":
        return _said(url, url) if len(url) >= _MIN_BARE and _DIGITS.issuperset(url[:_LOOK]) else None
    head, _, body = url.partition(",")
    if _TEXTUAL.match(head[:_HEAD]) or ";base64" not in head[:_HEAD].lower():
        octets = _octets(url)
        return None if octets is None else octets.decode("utf-8", "replace")
    return _said(url, body) if _HALF_A_TYPE.fullmatch(head) is None else _said(body, body)


def _said(written: str, digits: str) -> str | None:
    if is_media(_octets(digits[:_LOOK]) or b""):
        return None
    octets = _octets(written)
    return None if octets is None else said_in(octets)


def _octets(written: str) -> bytes | None:
    """Return the bytes of a `data:` URL or of base64; None if they are broken."""
    try:
        media = parse_data_url(written)
        return base64.b64decode(standard_base64(written) if media is None else media.base64)
    except ValueError:
        return None

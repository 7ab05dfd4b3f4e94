"""Text inside a `data:` URL: a document that somebody wrote, in base64 or percent signs.

Whoever gets such a request decodes it, so a guard must see what is decoded, and a redaction is written back
as a URL. Pictures, sound and bytes of unknown types are not text; what is said in them is not looked at.
"""

import base64
import re

from app.domain.data_url import parse_data_url
from guardrails.part import Part, PartKind

_HEAD = 1024
"""Characters in which the type must stand."""
_TEXTUAL = re.compile(
    r"data:(?:text/|application/(?:json|xml|yaml|x-yaml|csv|javascript|rtf|sql|x-sh|x-ndjson|toml)\b"
    r"|[a-z0-9.+/-]+\+(?:json|xml)\b)",
    re.IGNORECASE,
)


def data_text_part(path: str, url: str, kind: PartKind, role: str) -> Part | None:
    """Return what a `data:` URL says, as a part behind `#`; None if it is no text, or no such URL."""
    text = _decoded(url)
    return None if text is None else Part(path + "#", text, kind, role)


def redacted_data_url(url: str, text: str) -> str | None:
    """Return the URL with another text in it; None if it holds no text."""
    if _decoded(url) is None:
        return None
    media_type = parse_data_url(url)
    assert media_type is not None, "it has just been decoded"
    return f"data:{media_type.media_type};base64,{base64.b64encode(text.encode()).decode()}"


def _decoded(url: str) -> str | None:
    if url[:5].lower() != "data:":
        return None
    head = url[:_HEAD].partition(",")[0]
    if not (_TEXTUAL.match(head) or ";base64" not in head.lower()):
        return None
    try:
        media = parse_data_url(url)
    except ValueError:
        return None
    return None if media is None else base64.b64decode(media.base64).decode("utf-8", "replace")

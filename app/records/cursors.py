"""Where the next page of a list begins, as a word that callers hand back and need not understand.

It holds the moment and id of the last exchange that was shown, and a hash of the question, so that the pages
of one question cannot be continued as those of another. It is checked and not signed: it opens nothing that
its bearer could not ask for.
"""

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

import msgspec

from app.records.filters import BadQuestion, Filter

_FORM = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) ([0-9a-f]{16})"
)
_DIGITS = 16


class Place(NamedTuple):
    """One exchange in the order of all."""

    started_at: str
    id: str


def cursor_behind(place: Place, asked: Filter, *, newest_first: bool) -> str:
    """Return the cursor of the page behind an exchange."""
    text = f"{place.started_at} {place.id} {_hash(asked, newest_first=newest_first)}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_before(cursor: str, asked: Filter, *, newest_first: bool) -> Place:
    """Return the exchange behind which the page begins.

    Raises:
        BadQuestion: it is no cursor, or that of another question.
    """
    try:
        text = base64.b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}", b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    found = _FORM.fullmatch(text)
    if found is None:
        raise BadQuestion("cursor is none that was given: leave it out to begin anew", "cursor")
    if found[3] != _hash(asked, newest_first=newest_first):
        message = "cursor belongs to another question: the filters must stay the same on every page"
        raise BadQuestion(message, "cursor")
    return Place(found[1], found[2])


def _hash(asked: Filter, *, newest_first: bool) -> str:
    asked_for = msgspec.json.encode((asked, newest_first))
    return hashlib.sha256(asked_for).hexdigest()[:_DIGITS]

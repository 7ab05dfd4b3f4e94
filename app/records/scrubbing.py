r"""The second net: a function sees every text of a document before it is recorded.

Every text: values, keys, numbers long enough to be a card, and what decodes from JSON that stands inside a
string, where `a\u0040b.example` would hide an e-mail address. The first net, the places that guardrails
found, is `redaction.py`.
"""

from collections.abc import Callable
from typing import Any

from app.domain.json_leaves import is_long_number, name_of
from app.domain.json_text import REDACTED, JsonText, Redactions
from app.domain.part_list import TooManyTexts
from app.domain.unique_names import UniqueNames
from guardrails.part import PartKind

Redact = Callable[[str], str]
"""Returns a text without what must not be on record; the text itself where there is nothing to hide."""

_JSON_IN_JSON = 4
"""How many levels of JSON inside strings inside JSON are decoded; deeper ones are seen as they stand."""
_MIN_VALUE, _MAX_VALUE, _MAX_NAME = 4, 4096, 64
"""As `guardrails/views/named.py` reads a value behind its name."""
_SHORT = 64
_MOST_REMEMBERED = 4096
"""Half a megabyte at most."""


class Remembering:
    """A `Redact` that asks another one only once about each short text with nothing to hide: keys, roles.

    It only ever remembers what may be recorded as it stands. Used by one thread.
    """

    def __init__(self, redact: Redact) -> None:
        self._redact = redact
        self._harmless: set[str] = set()

    def __call__(self, text: str) -> str:
        """Return what the other one returns."""
        if text in self._harmless:
            return text
        seen = self._redact(text)
        if seen == text and len(text) <= _SHORT and len(self._harmless) < _MOST_REMEMBERED:
            self._harmless.add(text)
        return seen


def scrubbed(value: Any, redact: Redact, name: str = "") -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON value with every text seen by `redact`, equal where there was nothing to hide.

    Args:
        value: of any kind.
        redact: sees it.
        name: of what it is the value, as `Part.name`.
    """
    if isinstance(value, str):
        return _behind_name(scrubbed_text(value, redact) if "\\" in value else redact(value), name, redact)
    if isinstance(value, dict):
        return _scrubbed_members(value, redact, name)
    if isinstance(value, list | tuple):
        return [scrubbed(item, redact, name) for item in value]
    if is_long_number(value):
        text = str(value)
        seen = _behind_name(redact(text), name, redact)
        return value if seen == text else seen
    return value


def scrubbed_text(text: str, redact: Redact, depth: int = _JSON_IN_JSON) -> str:
    """Return a text as `redact` leaves it, seen as it stands and, where it has escapes, as it decodes."""
    if "\\" in text and depth:
        inner = JsonText("", text)
        try:
            parts = inner.parts(PartKind.FIELD, "")
        except TooManyTexts:
            return REDACTED
        changed = {}
        for part in parts:
            seen = scrubbed_text(part.text, redact, depth - 1) if part.path else part.text
            seen = _behind_name(seen, part.name, redact)
            if seen != part.text:
                changed[part.path] = seen
        if changed:
            text = inner.redact(Redactions(changed, frozenset()))
    return redact(text)


def _scrubbed_members(value: dict[str, Any], redact: Redact, name: str) -> dict[str, Any]:
    """Return an object with its keys seen too; two keys that become one are kept apart."""
    names = UniqueNames("_")
    return {
        names.add(scrubbed(key, redact)): scrubbed(item, redact, name_of(key, value, name))
        for key, item in value.items()
    }


def _behind_name(text: str, name: str, redact: Redact) -> str:
    """Return a text as `redact` leaves it where it sees its name before it, as in JSON."""
    if not name or not _MIN_VALUE <= len(text) <= _MAX_VALUE:
        return text
    before = f'"{redact(name[-_MAX_NAME:])}": "'
    pair = f'{before}{text}"'
    seen = redact(pair)
    if seen == pair:
        return text
    return seen[len(before) : -1] if seen.startswith(before) and seen.endswith('"') else REDACTED

"""The places of a JSON document that findings name, and the document with them hidden.

Paths are those of `app/domain/parts.py` and `app/screening.py`, which both write them with
`app/domain/json_text.py`. Texts are cut and filled as `guardrails/redaction.py` does it.
"""

from typing import Any

from app.domain.json_leaves import json_parts, key_path
from app.domain.json_text import REDACTED, Redactions, replace_members, strings_around
from app.domain.parts import request_parts
from guardrails.check import Match
from guardrails.part import PartKind
from guardrails.redaction import redact, spans
from guardrails.verdict import Finding

_AFTER_A_PLACE = frozenset(("", ".", "[", "#"))
"""What can follow a path in the paths of what is inside of it."""


class Places:
    """Collects what is to be hidden in one document.

    Args:
        document: a request or an answer; it is not touched.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._leaves = {part.path: part.text for part in json_parts(document, "", PartKind.FIELD, "")}
        """Every key, string and long number as it stands."""
        self._texts = self._leaves | {part.path: part.text for part in request_parts(document)}
        """These, and what decodes from JSON inside strings."""
        self._matches: dict[str, list[Match]] = {}
        self._whole: set[str] = set()
        self._missing: set[str] = set()

    def hide(self, finding: Finding, *, cut: bool) -> bool:
        """Hide what was found; return False where the document has no such place.

        Args:
            finding: its offsets are those of the text in this document.
            cut: whether the text may be shorter than what the guardrail saw; if not, an offset outside of
            it means
                that it is another text, and all of it is hidden.
        """
        text = self._texts.get(finding.part)
        if text is None or (finding.end > len(text) and not cut):
            return self.hide_all(finding.part)
        if finding.start < len(text):
            self._matches.setdefault(finding.part, []).append(as_match(finding))
        return True

    def hide_all(self, path: str) -> bool:
        """Hide the whole text at a path, or what it is in, or all that is in it; False if there is none."""
        if path in self._texts:
            self._whole.add(path)
            return True
        if path in self._missing:
            return False
        own_key = key_path(path)
        around = [
            leaf
            for leaf in self._leaves
            if (is_within(leaf, path) and leaf != own_key) or is_within(path, leaf)
        ]
        self._whole.update(around)
        if not around:
            self._missing.add(path)
        return bool(around)

    def document(self) -> dict[str, Any]:
        """Return the document with everything hidden that was asked for."""
        texts = {path: redact(self._texts[path], spans(found)) for path, found in self._matches.items()}
        texts |= dict.fromkeys(self._whole, REDACTED)
        decoded = {path: leaf for path in texts if (leaf := self._leaf_around(path)) is not None}
        twice = (
            texts.keys() & decoded.values()
        )  # hidden as it stands and as it decodes: both cannot be written back
        texts = {path: text for path, text in texts.items() if decoded.get(path) not in twice}
        texts |= dict.fromkeys(twice, REDACTED)
        inside = strings_around(path for path in texts if decoded.get(path) is not None)
        return replace_members(self._document, "", Redactions(texts, inside))

    def _leaf_around(self, path: str) -> str | None:
        """Return the string in whose JSON the path leads, None if it does not lead into a string."""
        end = path.find("#")
        while end >= 0:
            if path[:end] in self._leaves:
                return path[:end]
            end = path.find("#", end + 1)  # that one stood in the name of a key
        return None


def as_match(finding: Finding) -> Match:
    """Return a finding as what a check said; a replacement of its own is not kept, so it becomes `[RULE]`."""
    return Match(finding.rule, finding.start, finding.end, finding.score)


def is_within(path: str, place: str) -> bool:
    """Whether a path is a place or leads to something inside of it."""
    return path.startswith(place) and path[len(place) : len(place) + 1] in _AFTER_A_PLACE


def parent(path: str) -> str:
    """Return the path of what holds this member; a quoted key (`a["b.c"]`) cannot hold `["` itself."""
    if path.endswith('"]'):
        return path[: path.rindex('["')]
    return path[: max(path.rfind("."), path.rfind("#") + 1, 0)]

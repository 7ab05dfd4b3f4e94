"""The vault: which pseudonym stands for which value in one exchange.

It is filled while a request is redacted and asked while the answer is restored, and it lives in memory for as
long as the exchange does. No server has to remember it: the next request of the conversation brings the real
values again, since its earlier answers were restored, and they get the same pseudonyms.

Only what was given out here is ever restored. A pseudonym that stands in the request already (somebody typed
it, or copied it out of another conversation) is not given out: the value gets another one, the same each
time.

Spellings are kept apart, for what comes back must be what was there: where `Alice@example.com` is
`[EMAIL_KVQZMD]`, `alice@example.com` is `[EMAIL_KVQZMD_2]`. A model sees that both are one person's.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

import msgspec

from guardrails.fingerprint import normalised
from guardrails.pseudonym import mark_of, marks_in, name_of, pseudonym
from guardrails.redaction import Span
from guardrails.restorer import Restorer, Written

_PLACEHOLDER = re.compile(r"\[([A-Z0-9_]+)\]")


class Vault:
    """The pseudonyms of one exchange. Falsy until it has given one out.

    Args:
        key: secret; under equal keys equal values have equal pseudonyms.
    """

    __slots__ = ("_given", "_key", "_ordered", "_spellings", "_taken", "_values", "longest")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._taken: set[str] = set()
        self._values: dict[str, str] = {}
        self._ordered: list[str] = []
        self._given: dict[tuple[str, str], str] = {}
        """By rule and value."""
        self._spellings: dict[tuple[str, str], list[str]] = {}
        """By rule and normalised value, the first one first."""
        self.longest = 0
        """How many characters the longest pseudonym has, without brackets."""

    def __bool__(self) -> bool:
        return bool(self._values)

    def note(self, texts: Iterable[str]) -> None:
        """Take note of the texts of a request: what stands there already is not given out from now on."""
        self._taken |= marks_in(texts)

    def placeholder(self, rule: str, value: str) -> str:
        """Return what is to stand for a value: `[EMAIL_KVQZMD]`, the same each time."""
        value = self.restore(value)
        name = name_of(rule)
        given = self._given.get((name, value))
        if given is None:
            given = self._given[name, value] = self._new(name, value)
            self._values[given] = value
            self.longest = max(self.longest, len(given))
            insort(self._ordered, given)
        return f"[{given}]"

    def pseudonymised(self, text: str, covered: Sequence[Span]) -> list[Span]:
        """Return what is to be redacted in a text, with a pseudonym wherever it may be restored.

        A span that lies in a pseudonym that was given out before is left out: what that says about itself
        (the word `email`) is nobody's.
        """
        own = self._places(text) if self and covered else []
        return [
            span
            if span.rule is None
            else msgspec.structs.replace(
                span, placeholder=self.placeholder(span.rule, text[span.start : span.end])
            )
            for span in covered
            if not _is_within(span, own)
        ]

    def restore(self, text: str, written: Written = str) -> str:
        """Return a whole text with the values back in place.

        Args:
            text: of the answer.
            written: how a value is written; as it is, if not given.
        """
        if not self._values:
            return text
        restorer = Restorer(self, written)
        return restorer.feed(text) + restorer.finish()

    def restorer(self, written: Written = str) -> Restorer:
        """Return what restores one text that comes in pieces."""
        return Restorer(self, written)

    def value(self, pseudonym: str) -> str | None:
        """Return what a pseudonym (in capitals, no brackets) stands for, None if it was not given out."""
        return self._values.get(pseudonym)

    def may_begin(self, start: str) -> bool:
        """Whether any pseudonym starts like this."""
        place = bisect_left(self._ordered, start)
        return place < len(self._ordered) and self._ordered[place].startswith(start)

    def _new(self, name: str, value: str) -> str:
        spellings = self._spellings.setdefault((name, normalised(value)), [])
        if spellings:
            given = f"{spellings[0]}_{len(spellings) + 1}"
        else:
            attempt = 0
            given = pseudonym(self._key, name, value)
            while mark_of(given) in self._taken or given in self._values:
                attempt += 1
                given = pseudonym(self._key, name, value, attempt)
        spellings.append(given)
        return given

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Return where a text has placeholders that were given out."""
        return [found.span() for found in _PLACEHOLDER.finditer(text) if found[1] in self._values]


def _is_within(span: Span, places: Sequence[tuple[int, int]]) -> bool:
    """Whether a span lies in one of these places, which are in order."""
    before = bisect_right(places, span.start, key=lambda place: place[0])
    return before > 0 and span.end <= places[before - 1][1]

r"""Identifiers: numbers and codes of people, accounts and devices, each kind of them a row of data.

A kind is told by its form and its check digits. Nine digits with one check digit are no form: every tenth
number passes. Such kinds count only where words before them say what they are, as in `NHS no. 943 476 5919`;
kinds with a form that nothing else has, as `756.1234.5678.97`, count anywhere. Words behind a number do not
count: a stream would have to hold every number back until what follows it has come.

A class for each kind was rejected: ninety kinds differ in nothing but data, and what is hard (where a match
may be interrupted, how far a word reaches) is here once.
"""

from collections.abc import Callable, Iterator

import msgspec

from guardrails.checks.patterns import compiled
from guardrails.checks.pii.announcement import GAP, says_otherwise, words_pattern
from guardrails.checks.pii.check_digits import plain
from guardrails.checks.pii.entity import DASH, SPACE, glued, glued_before
from guardrails.checks.places import Places

_SEPARATOR = rf"[{SPACE}{DASH}./]?"
"""What may stand between two groups of a number."""

_MARKS = frozenset("-./@#$%&+=~\\")
"""Directly before or behind a code they say that it is a piece of something longer: an address, a key."""


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of identifier.

    In forms a space stands for one separator or none; elsewhere a form is RE2, without breaks. Everything in
    a form is in capitals; behind words small letters are taken too.
    """

    name: str
    countries: str = ""
    """Whose it is: ISO 3166-1 alpha-2 codes with spaces between them; empty where it is international."""
    is_valid: Callable[[str], bool]
    """Whether what has the form is one; asked with its separators and, behind words, without."""
    forms: tuple[str, ...] = ()
    """Those that tell enough by themselves."""
    called_forms: tuple[str, ...] = ()
    """Those that count only behind `words`."""
    words: tuple[str, ...] = ()
    """In small letters; a space in them may be left out."""
    score: float = 0.9


class Identified:
    """Finds the identifiers of one kind."""

    def __init__(self, kind: Identifier) -> None:
        self.name = kind.name
        self.score = kind.score
        self._is_valid = kind.is_valid
        self.words = kind.words
        forms = rf"\b(?:{'|'.join(map(_form, kind.forms))})" if kind.forms else ""
        words = words_pattern(kind.words) if kind.words else ""
        called_forms = "|".join(map(_form, kind.called_forms))
        self._anywhere = compiled(forms) if forms else None
        self._called = compiled(rf"{words}({GAP}?)\b(?i:({called_forms}))") if words else None
        self.triggers = tuple(filter(None, (forms, words)))
        self.open_tail = "|".join(_interrupted(form) for form in kind.forms if " " in form)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where identifiers stand, ordered by start; they do not overlap."""
        spans = list(self._standing_alone(text))
        if self._called is not None:
            taken = Places(spans)
            spans += [span for span in self._behind_words(text) if not taken.meet(*span)]
        yield from sorted(spans)

    def _standing_alone(self, text: str) -> Iterator[tuple[int, int]]:
        if self._anywhere is None:
            return
        for found in self._anywhere.finditer(text):
            start, end = found.span()
            if not _is_piece(text, start, end) and self._is_valid(text[start:end]):
                yield start, end

    def _behind_words(self, text: str) -> Iterator[tuple[int, int]]:
        assert self._called is not None
        for found in self._called.finditer(text):
            start, end = found.span(2)
            if glued(text, end) or glued_before(text, start) or says_otherwise(text[slice(*found.span(1))]):
                continue
            number = text[start:end].upper()
            if self._is_valid(number) or self._is_valid(plain(number)):
                yield start, end


def _is_piece(text: str, start: int, end: int) -> bool:
    """Return whether a code is joined to something at either side."""
    if glued(text, end) or text[max(start - 1, 0) : start] in _MARKS:
        return True
    behind = text[end : end + 2]
    return behind[:1] in _MARKS and behind[1:].isalnum()


def _form(form: str) -> str:
    """Return the pattern of a form, to the end of its word."""
    return form.replace(" ", _SEPARATOR) + ("" if form.endswith(r"\)") else r"\b")


def _interrupted(form: str) -> str:
    """Return a pattern of what stands before a break inside of this form: some of its groups."""
    return rf"\b{_first_groups(form.split(' ')[:-1])}[{SPACE}]"


def _first_groups(groups: list[str]) -> str:
    first, *others = groups
    return f"{first}(?:{_SEPARATOR}{_first_groups(others)})?" if others else first

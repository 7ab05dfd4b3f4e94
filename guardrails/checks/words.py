"""The `words` check: phrases that must not be said, or the only ones that may be."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated

import msgspec

from guardrails.check import Match, Run, is_break
from guardrails.checks.patterns import compiled
from guardrails.checks.phrases import Phrases, alternation
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_IS_READ, AS_IT_STANDS

_WORD = compiled(r"[\pL\pM\pN_]+(?:['\x{2019}-][\pL\pM\pN_]+)*")
_JOINTS = "'\u2019-"

_MAX_TRIGGER_CHARS = 8_192
"""A longer alternation would make the engine's one pattern set of all checks slow to build; `find` is quick
as it is."""


_TRIGGER_GAP = r"\W+"
"""Stands for white space there: what RE2 calls no word character is far shorter to say."""


class WordsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two lists of phrases, of which at least one is given.

    With `deny`, each of its phrases is a match, unless a phrase of `allow` covers it (`deny: [bank]`, `allow:
    [river bank]`). With `allow` alone, each word that is in none of its phrases is a match.
    """

    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    ignore_case: bool = True
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")] | None = None
    """The rule of its matches, such as `competitor`; null for `denied_word` and `unlisted_word`."""
    replace: str | None = None
    """What a redaction writes instead; null for the placeholder of the rule."""


class DeniedWords:
    """Finds phrases that must not be said."""

    kind = "words"
    redactable = True
    views = AS_IT_IS_READ

    def __init__(self, config: WordsConfig) -> None:
        self._listed = Phrases(config.deny + config.allow, ignore_case=config.ignore_case)
        self._allowed = Phrases(config.allow, ignore_case=config.ignore_case) if config.allow else None
        trigger = alternation(config.deny, ignore_case=config.ignore_case, gap=_TRIGGER_GAP)
        self._name = config.name or "denied_word"
        self._replace = config.replace
        self.openers = self._listed.openers
        self.triggers = (trigger,) if len(trigger) <= _MAX_TRIGGER_CHARS else ()

    def find(self, run: Run) -> Sequence[Match]:
        """Return each denied phrase."""
        return [
            Match(self._name, start, end, replacement=self._replace)
            for start, end in self._listed.spans(run.text)
            if self._allowed is None or not self._allowed.holds(run.text[start:end])
        ]

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the text ends inside of a phrase."""
        return self._listed.begun(text)


class OnlyAllowedWords:
    """Finds words that are in no phrase of a list: as they stand, for a disguised word is not on the list."""

    kind = "words"
    redactable = True
    views = AS_IT_STANDS
    triggers: tuple[str, ...] = ()

    def __init__(self, config: WordsConfig) -> None:
        self._allowed = Phrases(config.allow, ignore_case=config.ignore_case)
        self._name = config.name or "unlisted_word"
        self._replace = config.replace

    def find(self, run: Run) -> Sequence[Match]:
        """Return each word that no allowed phrase covers."""
        covers = self._allowed.spans(run.text)
        cover = next(covers, None)
        covered_to = 0
        matches = []
        for start, end in _words(run.text):
            while cover is not None and cover[0] <= start:
                covered_to = max(covered_to, cover[1])
                cover = next(covers, None)
            if end > covered_to:
                matches.append(Match(self._name, start, end, replacement=self._replace))
        return matches

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the text ends inside of a phrase."""
        return self._allowed.begun(text)


def build(config: object, path: str) -> DeniedWords | OnlyAllowedWords:
    """Build the check from its configuration."""
    decoded = decode(WordsConfig, config, path)
    for name, phrases in (("deny", decoded.deny), ("allow", decoded.allow)):
        for index, phrase in enumerate(phrases):
            if not phrase.strip():
                raise ConfigError(f"{path}.{name}[{index}]", "a phrase is blank")
    if decoded.deny:
        return DeniedWords(decoded)
    if decoded.allow:
        return OnlyAllowedWords(decoded)
    raise ConfigError(path, "give deny, allow or both")


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Yield where words stand: letters, digits and what joins them; a CJK character is a word alone."""
    for found in _WORD.finditer(text):
        start, end = found.span()
        if text[start:end].isascii():
            yield start, end
        else:
            yield from _pieces(text, start, end)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for breaks, group in groupby(range(start, end), key=lambda place: is_break(text[place])):
        places = list(group)
        if breaks:
            yield from ((place, place + 1) for place in places)
            continue
        piece = text[places[0] : places[-1] + 1]
        left = places[0] + len(piece) - len(piece.lstrip(_JOINTS))
        right = places[-1] + 1 - (len(piece) - len(piece.rstrip(_JOINTS)))
        if left < right:
            yield left, right

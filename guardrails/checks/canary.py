"""The `canary` check: words that stand in a system prompt only to be recognised elsewhere.

An answer that has one in it gives its instructions away, however little of them it quotes. A token is found
spelled in either case and with other characters between its letters (`C-A-N-A-R-Y 7 f 3`), up to eight at a
time: a model that is told to disguise it does that first. What is compared are its letters and digits alone.

Tokens are configured, or marked in the system prompt by a pattern, so that each application has its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from guardrails.check import Check, Match, Run
from guardrails.checks.patterns import Found, Pattern, PatternError, compiled
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError, decode
from guardrails.part import PartKind
from guardrails.verdict import Side
from guardrails.view import AS_IT_IS_READ

_MIN_LENGTH = 8
"""Letters and digits of a token; less could stand in any text."""
_MAX_LENGTH = 128
_MAX_GAP = 8
"""Other characters between two of its letters."""
_MAX_MARKED = 32
"""Tokens that one system prompt may mark."""
_OTHERS = re.compile(r"[\W_]+")
_ASCII_OTHERS = bytes(code for code in range(128) if not chr(code).isalnum())
"""The same, of the characters that most texts have alone: those are gone at C speed."""
_ROLES = frozenset({"system", "developer"})


class CanaryConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """At least one is given."""

    tokens: tuple[str, ...] = ()
    """With eight letters and digits at least: `CANARY-7f3a-9c41`."""
    pattern: str | None = None
    r"""RE2: what it matches in a system prompt is a token, or its first group: `canary: (\S+)`."""


class CanaryCheck:
    """Finds tokens.

    Args:
        tokens: as they were given.
    """

    kind = "canary"
    triggers: tuple[str, ...] = ()
    redactable = True
    views = AS_IT_IS_READ
    sides = frozenset({Side.OUTPUT})

    def __init__(self, tokens: Iterable[str]) -> None:
        self._tokens = tuple(dict.fromkeys(map(_squeezed, tokens)))
        self._shortest = min(map(len, self._tokens), default=0)
        self._reach = max(map(len, self._tokens), default=0) * (_MAX_GAP + 1)
        self._beginnings: dict[str, list[str]] = {}
        """Of tokens, by their last character."""
        for token in self._tokens:
            for end in range(1, len(token)):
                self._beginnings.setdefault(token[end - 1], []).append(token[:end])

    def find(self, run: Run) -> Sequence[Match]:
        """Return every token."""
        if not self._tokens or (len(run.text) < self._shortest and run.text.isascii()):
            return ()
        squeezed = _squeezed(run.text)
        if not any(token in squeezed for token in self._tokens):
            return ()
        places = [
            place
            for place, character in enumerate(run.text)
            if not _OTHERS.match(character)
            for _ in character.casefold()
        ]
        matches = [match for token in self._tokens for match in _found(token, squeezed, places)]
        return sorted(matches, key=lambda match: (match.start, match.end))

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (a token may stand anywhere)
        """Return whether the text ends with the beginning of a token."""
        last = text.rstrip()[-1:]
        if last.isascii() and last.isalnum() and last.casefold() not in self._beginnings:
            return False
        squeezed = _squeezed(text[-self._reach :]) if self._reach else ""
        return bool(squeezed) and squeezed.endswith(tuple(self._beginnings.get(squeezed[-1], ())))


class MarkedCanaryCheck:
    """Finds tokens that system prompts mark, and configured ones."""

    kind = "canary"
    redactable = True
    sides = frozenset({Side.OUTPUT})

    def __init__(self, tokens: tuple[str, ...], pattern: Pattern) -> None:
        self._tokens = tokens
        self._pattern = pattern

    def of(self, conversation: Conversation) -> Check:
        """Return the check of one conversation."""
        return CanaryCheck((*self._tokens, *self._marked(conversation)))

    def _marked(self, conversation: Conversation) -> list[str]:
        found = (
            part.text[slice(*_span(place))]
            for part in conversation.parts
            if part.role in _ROLES and part.kind is PartKind.TEXT
            for place in self._pattern.finditer(part.text)
        )
        tokens = dict.fromkeys(token for token in found if _fits(token))
        return list(tokens)[:_MAX_MARKED]


def build(config: object, path: str) -> Check | MarkedCanaryCheck:
    """Build the check from its configuration."""
    decoded = decode(CanaryConfig, config, path)
    if not decoded.tokens and decoded.pattern is None:
        raise ConfigError(path, "give tokens or a pattern")
    for index, token in enumerate(decoded.tokens):
        if not _fits(token):
            message = f"has not between {_MIN_LENGTH} and {_MAX_LENGTH} letters and digits"
            raise ConfigError(f"{path}.tokens[{index}]", message)
    if decoded.pattern is None:
        return CanaryCheck(decoded.tokens)
    try:
        return MarkedCanaryCheck(decoded.tokens, compiled(decoded.pattern))
    except PatternError as error:
        raise ConfigError(f"{path}.pattern", str(error)) from error


def _span(found: Found) -> tuple[int, int]:
    """Return where its first group is, or all of it if the pattern has none."""
    try:
        return found.span(1)
    except (IndexError, KeyError):
        return found.span()


def _found(token: str, squeezed: str, places: Sequence[int]) -> Iterator[Match]:
    at = squeezed.find(token)
    while at >= 0:
        spelled = places[at : at + len(token)]
        if all(after - before <= _MAX_GAP + 1 for before, after in pairwise(spelled)):
            yield Match("canary", spelled[0], spelled[-1] + 1)
        at = squeezed.find(token, at + 1)


def _squeezed(text: str) -> str:
    """Return the letters and digits of a text, all in one case."""
    if text.isascii():
        return text.encode().translate(None, _ASCII_OTHERS).lower().decode()
    return _OTHERS.sub("", text).casefold()


def _fits(token: str) -> bool:
    return _MIN_LENGTH <= len(_squeezed(token)) <= _MAX_LENGTH

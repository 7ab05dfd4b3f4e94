"""The `system_leak` check: answers that repeat their system prompt.

Whoever repeats so many words of it in a row is found for sure; nothing is that has less than two thirds of
them in a row. In between it depends on which words they are: only windows that begin with a long word of
their neighbourhood are looked for. That keeps streams flowing, for a match that may begin with any word is
one that may be under way behind any word, and `the` is in every prompt.

Case, punctuation and line breaks do not matter, nor do look-alikes and invisible characters, nor is the
prompt safe from being quoted in base64. A translation is not found, and no paraphrase.

In Chinese, Japanese and Korean each character is a word.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import msgspec

from guardrails.asking import scannable
from guardrails.check import Check, Match, Run
from guardrails.conversation import Conversation
from guardrails.decoding import decode
from guardrails.part import PartKind
from guardrails.verdict import Side
from guardrails.view import AS_IT_IS_READ
from guardrails.views.folded import fold

_UNSPACED = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
"""As `guardrails/check.py` has it: a border may stand behind each of these."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_ASCII_WORDS = bytes(
    ord(chr(code).lower()) if _WORD.match(chr(code)) else 0x20 for code in range(128)
) + bytes(128)
"""Small letters for capital ones, and spaces for what stands between words."""
_MAX_WORD = 64
"""Characters; a longer one is no word of a prompt, and ends a match."""
_MAX_GAP = 32
"""Characters between two words; more ends a match."""
_KEPT = 64
"""System prompts remembered: applications send theirs with every request."""
_ROLES = frozenset({"system", "developer"})


class SystemLeakConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much of a prompt is a leak."""

    words: Annotated[int, msgspec.Meta(ge=6, le=100)] = 12
    """In a row."""


class SystemLeakCheck:
    """Finds repetitions of system prompts."""

    kind = "system_leak"
    redactable = True
    sides = frozenset({Side.OUTPUT})

    def __init__(self, config: SystemLeakConfig) -> None:
        self._repetition = functools.lru_cache(_KEPT)(functools.partial(_repetition, config.words))

    def of(self, conversation: Conversation) -> Check:
        """Return the check of one conversation."""
        prompts = (
            scannable(part.text)
            for part in conversation.parts
            if part.role in _ROLES and part.kind is PartKind.TEXT
        )
        return self._repetition(tuple(prompts))


class RepetitionCheck:
    """Finds windows of words.

    Args:
        windows: each as many words, with spaces between.
    """

    kind = "system_leak"
    triggers: tuple[str, ...] = ()
    redactable = True
    views = AS_IT_IS_READ

    def __init__(self, windows: frozenset[str]) -> None:
        self._windows = windows
        self._size = max((window.count(" ") + 1 for window in windows), default=0)
        self._shortest = min(map(len, windows), default=0)
        split = [window.split(" ") for window in windows]
        self._first = frozenset(words[0] for words in split)
        self._beginnings = frozenset(
            " ".join(words[:count]) for words in split for count in range(1, self._size)
        )
        self._vocabulary = frozenset(word for words in split for word in words)
        self._reach = self._size * (_MAX_WORD + _MAX_GAP)

    def find(self, run: Run) -> Sequence[Match]:
        """Return every stretch of windows that overlap each other."""
        is_short = len(run.text) < self._shortest and run.text.isascii()
        if not self._windows or is_short or self._first.isdisjoint(_words(run.text)):
            return ()
        matches: list[Match] = []
        for stretch in _stretches(run.text):
            words = [word for word, _, _ in stretch]
            last = -1
            for at, word in enumerate(words[: len(words) - self._size + 1]):
                if word not in self._first or " ".join(words[at : at + self._size]) not in self._windows:
                    continue
                start = matches.pop().start if at <= last else stretch[at][1]
                last = at + self._size - 1
                matches.append(Match("repetition", start, stretch[last][2]))
        return matches

    def is_open(self, text: str, start: int) -> bool:
        """Return whether the text ends with the beginning of a window."""
        if not self._windows:
            return False
        reversed_tail = text[: -self._reach - 1 : -1]
        words, before = "", 0
        for found in _WORD.finditer(reversed_tail):
            start, end = found.span()
            if start - before > _MAX_GAP or end - start > _MAX_WORD or end == self._reach:
                return False
            word = found[0][::-1].casefold()
            if word not in self._vocabulary:
                return False
            words, before = f"{word} {words}" if words else word, end
            if words in self._beginnings:
                return True
        return False


def build(config: object, path: str) -> SystemLeakCheck:
    """Build the check from its configuration."""
    return SystemLeakCheck(decode(SystemLeakConfig, config, path))


def _repetition(count: int, prompts: tuple[str, ...]) -> RepetitionCheck:
    """Return the check that finds so many words in a row of any of these."""
    spread = count // 3
    windows: set[str] = set()
    for prompt in prompts:
        folded = fold(prompt)
        for text in (prompt,) if folded is None else (prompt, folded.text):
            for stretch in _stretches(text):
                windows.update(_windows([word for word, _, _ in stretch], count - spread + 1, spread))
    return RepetitionCheck(frozenset(windows))


def _windows(words: Sequence[str], size: int, spread: int) -> Iterator[str]:
    """Yield windows of some words of which one begins at one of every so many places in a row."""
    starts = len(words) - size + 1
    for at in range(max(0, starts - spread + 1)):
        best = max(range(at, at + spread), key=lambda place: len(words[place]))
        yield " ".join(words[best : best + size])


def _words(text: str) -> Iterable[str]:
    """Return the words of a text; of ASCII, as most are, at C speed."""
    if text.isascii():
        return text.encode().translate(_ASCII_WORDS).decode().split()
    return map(str.casefold, _WORD.findall(text))


def _stretches(text: str) -> Iterator[list[tuple[str, int, int]]]:
    """Yield words, each with its place, as long as they stand near to each other."""
    stretch: list[tuple[str, int, int]] = []
    for found in _WORD.finditer(text):
        start, end = found.span()
        is_long = end - start > _MAX_WORD
        if stretch and (is_long or start - stretch[-1][2] > _MAX_GAP):
            yield stretch
            stretch = []
        if not is_long:
            stretch.append((found[0].casefold(), start, end))
    if stretch:
        yield stretch

"""Portkey's counts: `sentenceCount`, `wordCount`, `characterCount`."""

from collections.abc import Callable
from typing import Annotated

import msgspec

from guardrails.decoding import ConfigError, decode
from guardrails.portkey.texts import TextVerdict

_Count = Annotated[float, msgspec.Meta(ge=0)]
"""Portkey takes any number, fractions too."""
_SENTENCE_ENDS = ".!?"


class SentenceCountConfig(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """Both bounds belong to it; `not` turns the verdict round."""

    min_sentences: _Count
    max_sentences: _Count
    inverted: bool = msgspec.field(default=False, name="not")


class WordCountConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """As `SentenceCountConfig`."""

    min_words: _Count
    max_words: _Count
    inverted: bool = msgspec.field(default=False, name="not")


class CharacterCountConfig(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """As `SentenceCountConfig`; characters are UTF-16 units, as JavaScript counts them."""

    min_characters: _Count
    max_characters: _Count
    inverted: bool = msgspec.field(default=False, name="not")


def sentence_count(config: object, path: str) -> TextVerdict:
    """Build `default.sentenceCount`: how many of `.`, `!` and `?` there are."""
    given = decode(SentenceCountConfig, config, path)
    low, high = given.min_sentences, given.max_sentences
    return _between("sentenceCount", _sentences, _bounds(low, high, f"{path}.minSentences"), given.inverted)


def word_count(config: object, path: str) -> TextVerdict:
    """Build `default.wordCount`: how many stretches without white space there are."""
    given = decode(WordCountConfig, config, path)
    low, high = given.min_words, given.max_words
    return _between(
        "wordCount", lambda text: len(text.split()), _bounds(low, high, f"{path}.minWords"), given.inverted
    )


def character_count(config: object, path: str) -> TextVerdict:
    """Build `default.characterCount`: how long the text is, white space included."""
    given = decode(CharacterCountConfig, config, path)
    low, high = given.min_characters, given.max_characters
    bounds = _bounds(low, high, f"{path}.minCharacters")
    return _between("characterCount", _utf16_units, bounds, given.inverted)


def _between(
    name: str, count: Callable[[str], int], bounds: tuple[float, float], inverted: bool
) -> TextVerdict:
    low, high = bounds
    return TextVerdict(name, lambda text: (low <= count(text) <= high) is not inverted)


def _bounds(low: float, high: float, path: str) -> tuple[float, float]:
    if low > high:
        raise ConfigError(path, "is greater than the maximum")
    return low, high


def _sentences(text: str) -> int:
    return sum(map(text.count, _SENTENCE_ENDS))


def _utf16_units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)

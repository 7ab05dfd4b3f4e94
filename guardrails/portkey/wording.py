"""Portkey's checks of wording: `regexMatch`, `contains`, `endsWith`, `alluppercase`, `notNull` and so on.

What must not be there (`not`, `operator: none`) must not be anywhere.
"""

import re
from typing import Literal

import msgspec

from guardrails.checks.patterns import Pattern, PatternError, compiled
from guardrails.decoding import ConfigError, decode
from guardrails.portkey.texts import TextVerdict

_SMALL = re.compile(r"[a-z]")
_CAPITAL = re.compile(r"[A-Z]")


class NotConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For checks that need nothing else."""

    inverted: bool = msgspec.field(default=False, name="not")


class RegexMatchConfig(NotConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pattern without flags."""

    rule: str


class ContainsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words, as they are written, anywhere in a text."""

    words: tuple[str, ...]
    operator: Literal["any", "all", "none"] = "any"


class EndsWithConfig(NotConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a text must end with, a full stop behind it or not."""

    suffix: str


def regex_match(config: object, path: str) -> TextVerdict:
    """Build `default.regexMatch`: the pattern matches somewhere."""
    given = decode(RegexMatchConfig, config, path)
    pattern = rule_of(given.rule, f"{path}.rule")
    return TextVerdict(
        "regexMatch",
        lambda text: (pattern.search(text) is not None) is not given.inverted,
        everywhere=given.inverted,
    )


def contains(config: object, path: str) -> TextVerdict:
    """Build `default.contains`: any, all or none of the words are in the text."""
    given = decode(ContainsConfig, config, path)
    for i, word in enumerate(given.words):
        if not word:
            raise ConfigError(f"{path}.words[{i}]", "an empty word is in every text")

    def holds(text: str) -> bool:
        there = [word in text for word in given.words]
        if given.operator == "none":
            return not any(there)
        return all(there) if given.operator == "all" else any(there)

    return TextVerdict("contains", holds, everywhere=given.operator == "none")


def ends_with(config: object, path: str) -> TextVerdict:
    """Build `default.endsWith`."""
    given = decode(EndsWithConfig, config, path)
    if not given.suffix:
        raise ConfigError(f"{path}.suffix", "every text ends with nothing; give a suffix")
    ends = (given.suffix, f"{given.suffix}.")
    return TextVerdict("endsWith", lambda text: text.endswith(ends) is not given.inverted)


def all_uppercase(config: object, path: str) -> TextVerdict:
    """Build `default.alluppercase`: there is no small letter of ASCII."""
    given = decode(NotConfig, config, path)
    return TextVerdict("alluppercase", lambda text: (not _SMALL.search(text)) is not given.inverted)


def all_lowercase(config: object, path: str) -> TextVerdict:
    """Build `default.alllowercase`: there is no capital letter of ASCII."""
    given = decode(NotConfig, config, path)
    return TextVerdict("alllowercase", lambda text: (not _CAPITAL.search(text)) is not given.inverted)


def not_null(config: object, path: str) -> TextVerdict:
    """Build `default.notNull`: something is said."""
    given = decode(NotConfig, config, path)
    return TextVerdict("notNull", lambda text: bool(text.strip()) is not given.inverted)


def rule_of(rule: str, path: str, flags: str = "") -> Pattern:
    """Compile a pattern as JavaScript writes it, as far as RE2 takes it.

    Raises:
        ConfigError: RE2 does not take it, or it is empty.
    """
    if not rule:
        raise ConfigError(path, "give a pattern")
    try:
        return compiled(f"(?{flags}:{rule})" if flags else rule)
    except PatternError as error:
        raise ConfigError(
            path, f"RE2 does not take this pattern ({error}); it has no look-around and no back-references"
        ) from error

r"""The `regex` check: patterns of the operator's own.

A pattern is applied to one unit of the text at a time: to each word, to each line, or to the whole part. A
match can then never cross a unit, and a stream can be released unit by unit, whatever the pattern is. (To
work out from any pattern what its matches may cross is not decidable by looking at it; to hold a whole answer
back for `\bfoo\b` would be a poor trade.)
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.patterns import PatternError, PatternSet, compiled
from guardrails.checks.units import Unit, units
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_IS_READ

_ESCAPED = compiled(r"\\.")
_UNIT_ANCHOR = compiled(r"(?:^|[^\[])\^|\$")
_TEXT_ANCHOR = compiled(r"\\[AzQ]|\(\?[A-Za-z]*-[A-Za-z]*m")
_TELLING = (r"\A", r"\z", r"\Q", r"\C")
_PROBES = ("", "a", "a b", "1", "a.", "\n", "a\nb", "\u4e2d")
"""Texts in which a pattern that can match nothing shows it: `\\b` needs a word, `$` needs an end."""


class RegexConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Patterns and how they are applied."""

    pattern: str | tuple[str, ...]
    """In RE2's syntax. None may match the empty string."""
    per: Unit = "line"
    """The unit it is applied to: a `word` is what stands between white space, a `line` what stands between
    line feeds, the `text` is the whole part, which a stream then holds back to its end. `^` and `$` are the
    borders of the unit."""
    ignore_case: bool = False
    replace: str | None = None
    """What a redaction writes instead of a match; null for the placeholder of the rule."""
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")] = "regex"
    """The rule of its matches."""


class RegexCheck:
    """Finds what the patterns match, unit by unit."""

    kind = "regex"
    redactable = True
    views = AS_IT_IS_READ

    def __init__(self, config: RegexConfig, patterns: Sequence[str]) -> None:
        self._per = config.per
        self._name = config.name
        self._replace = config.replace
        self._patterns = tuple(compiled(pattern) for pattern in patterns)
        hints = [_hint(pattern) for pattern in patterns]
        self._hints = tuple(compiled(hint) if hint else None for hint in hints)
        triggers = [_trigger(pattern, config.per) for pattern in patterns]
        self._set = PatternSet([trigger or r"\A" for trigger in triggers])
        self.triggers = tuple(trigger for trigger in triggers if trigger) if all(triggers) else ()

    def find(self, run: Run) -> Sequence[Match]:
        """Return every match of every pattern in every unit; matches of one pattern do not overlap."""
        matches = [
            Match(self._name, offset + found.start(), offset + found.end(), replacement=self._replace)
            for index in sorted(self._set.hits(run.text))
            for offset, unit in units(run.text, self._per, self._hints[index])
            for found in self._patterns[index].finditer(unit)
            if found.start() < found.end()
        ]
        return sorted(matches, key=_place)

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the last unit of the text may go on."""
        if self._per == "text":
            return True
        return not (text.endswith("\n") if self._per == "line" else text[-1:].isspace())


def build(config: object, path: str) -> RegexCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the pattern that RE2 does not take, or that matches the empty string.
    """
    decoded = decode(RegexConfig, config, path)
    if isinstance(decoded.pattern, str):
        return RegexCheck(
            decoded, [_sound(decoded.pattern, f"{path}.pattern", ignore_case=decoded.ignore_case)]
        )
    if not decoded.pattern:
        raise ConfigError(f"{path}.pattern", "give at least one pattern")
    patterns = [
        _sound(pattern, f"{path}.pattern[{index}]", ignore_case=decoded.ignore_case)
        for index, pattern in enumerate(decoded.pattern)
    ]
    return RegexCheck(decoded, patterns)


def _sound(pattern: str, path: str, *, ignore_case: bool) -> str:
    source = f"(?i:{pattern})" if ignore_case else pattern
    if r"\C" in _without_escapes(pattern):
        raise ConfigError(path, r"\C matches a byte; offsets are characters")
    try:
        compiled(pattern)
        probe = compiled(source)
    except PatternError as error:
        raise ConfigError(path, f"RE2 does not take this pattern: {error}") from error
    if any(found.start() == found.end() for text in _PROBES for found in probe.finditer(text)):
        raise ConfigError(path, "this pattern matches the empty string, so it would match everywhere")
    return source


def _hint(pattern: str) -> str | None:
    r"""Return a pattern that matches a text wherever this one matches one of its lines; None if none does.

    A line feed or nothing stands at both sides of a line, so `\b` and `\B` mean the same in a line and in the
    text, and so do `^` and `$` under `(?m)`. What asks for the ends of the text does not.
    """
    return None if _TEXT_ANCHOR.search(_without_escapes(pattern)) else f"(?m:{pattern})"


def _trigger(pattern: str, per: Unit) -> str | None:
    """Return a pattern that matches a text wherever this one matches one of its units; None if none does."""
    if per == "text":
        return pattern
    if per == "word" and _UNIT_ANCHOR.search(_without_escapes(pattern)):
        return None
    return _hint(pattern)


def _without_escapes(pattern: str) -> str:
    r"""Drop the escapes that cannot change what an anchor means, lest `\^` looks like one, or `\\A`."""
    kept = []
    end = 0
    for found in _ESCAPED.finditer(pattern):
        kept.append(pattern[end : found.start()])
        escape = pattern[found.start() : found.end()]
        kept.append(escape if escape in _TELLING else "")
        end = found.end()
    return "".join([*kept, pattern[end:]])


def _place(match: Match) -> tuple[int, int]:
    return match.start, match.end

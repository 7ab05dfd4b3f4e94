r"""The `regex` check: patterns of the operator's own.

A pattern is applied to one unit of the text at a time: to each word, to each line, or to the whole part. A
match can then never cross a unit, and a stream can be released unit by unit, whatever the pattern is. (To
work out from any pattern what its matches may cross is not decidable by looking at it; to hold a whole answer
back for `\bfoo\b` would be a poor trade.)
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.patterns import SPACE, PatternError, PatternSet, compiled
from guardrails.checks.replacement import Replacement
from guardrails.checks.units import Unit, units
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_IS_NAMED

_ESCAPED = compiled(r"\\.")
_UNIT_ANCHOR = compiled(r"(?:^|[^\[])\^|\$")
_TEXT_ANCHOR = compiled(r"\\[AzQ]|\(\?[A-Za-z]*-[A-Za-z]*m")
_TELLING = (r"\A", r"\z", r"\Q", r"\C")
_PROBES = ("", "a", "a b", "1", "a.", "\n", "a\nb", "\u4e2d")
"""Texts in which a pattern that can match nothing shows it: `\\b` needs a word, `$` needs an end."""


_OPENERS = {"word": (rf"[^{SPACE}]\z",), "line": (r"[^\n]\z",)}
"""The `text` is always open."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")]

_MAX_PATTERNS = 1_000
_MAX_PATTERN_CHARS = 8_192
"""Far above what anybody writes; a longer list of literal texts is quicker as `words`."""


class RegexConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Patterns and how they are applied."""

    pattern: str | tuple[str | dict[str, object], ...]
    """In RE2's syntax. None may match the empty string. An item of a list may be a mapping of `pattern`,
    `name` and `replace`, where it has its own."""
    per: Unit = "line"
    """The unit it is applied to: a `word` is what stands between white space, a `line` what stands between
    line feeds, the `text` is the whole part, which a stream then holds back to its end. `^` and `$` are the
    borders of the unit."""
    ignore_case: bool = False
    replace: str | None = None
    """What a redaction writes instead of a match; null for the placeholder of the rule. `$1` and `$<name>`
    are what a group matched, `$&` the match, `$$` a dollar sign."""
    name: Name = "regex"
    """The rule of its matches."""


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One pattern of a list."""

    pattern: str
    name: Name | None = None
    replace: str | None = None


class RegexCheck:
    """Finds what the patterns match, unit by unit."""

    kind = "regex"
    redactable = True
    views = AS_IT_IS_NAMED

    def __init__(self, per: Unit, rules: Sequence["_Rule"]) -> None:
        self._per = per
        self._rules = tuple(rules)
        self.openers = _OPENERS.get(per)
        triggers = [_trigger(rule.source, per) for rule in rules]
        self._set = PatternSet([trigger or r"\A" for trigger in triggers])
        self.triggers = tuple(trigger for trigger in triggers if trigger) if all(triggers) else ()

    def find(self, run: Run) -> Sequence[Match]:
        """Return every match of every pattern in every unit; matches of one pattern do not overlap."""
        matches = [
            match
            for index in sorted(self._set.hits(run.text))
            for offset, unit in units(run.text, self._per, self._rules[index].hint)
            for match in self._rules[index].matches(unit, offset)
        ]
        return sorted(matches, key=_place)

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the last unit of the text may go on."""
        if self._per == "text":
            return True
        return not (text.endswith("\n") if self._per == "line" else text[-1:].isspace())


class _Rule:
    """One pattern: what is found by it, and what is written instead."""

    def __init__(self, source: str, name: str, replace: str | None, path: str) -> None:
        self.source = source
        hint = _hint(source)
        self.hint = compiled(hint) if hint else None
        self._name = name
        self._pattern = compiled(source)
        self._replacement = None if replace is None else Replacement(replace, self._pattern, path)

    def matches(self, unit: str, offset: int) -> Iterator[Match]:
        for found in self._pattern.finditer(unit):
            if found.start() < found.end():
                start, end = offset + found.start(), offset + found.end()
                if self._replacement is None:
                    yield Match(self._name, start, end)
                else:
                    written = self._replacement.of(unit, found)
                    yield Match(self._name, start, end, replacement=written, quotes=self._replacement.quotes)


def build(config: object, path: str) -> RegexCheck:
    """Build the check from its configuration.

    Raises:
        ConfigError: naming the pattern that RE2 does not take, or that matches the empty string.
    """
    decoded = decode(RegexConfig, config, path)
    if isinstance(decoded.pattern, str):
        return RegexCheck(decoded.per, [_rule(_Item(pattern=decoded.pattern), decoded, path, path)])
    if not 0 < len(decoded.pattern) <= _MAX_PATTERNS:
        raise ConfigError(f"{path}.pattern", f"give at least one pattern, and {_MAX_PATTERNS:,} at most")
    return RegexCheck(
        decoded.per,
        [
            _listed(item, decoded, f"{path}.pattern[{index}]", path)
            for index, item in enumerate(decoded.pattern)
        ],
    )


def _listed(given: str | dict[str, object], config: RegexConfig, place: str, path: str) -> _Rule:
    if isinstance(given, str):
        source = _sound(given, place, ignore_case=config.ignore_case)
        return _Rule(source, config.name, config.replace, f"{path}.replace")
    return _rule(decode(_Item, given, place), config, place, path)


def _rule(item: _Item, config: RegexConfig, place: str, path: str) -> _Rule:
    source = _sound(item.pattern, f"{place}.pattern", ignore_case=config.ignore_case)
    if item.replace is None:
        return _Rule(source, item.name or config.name, config.replace, f"{path}.replace")
    return _Rule(source, item.name or config.name, item.replace, f"{place}.replace")


def _sound(pattern: str, path: str, *, ignore_case: bool) -> str:
    if len(pattern) > _MAX_PATTERN_CHARS:
        raise ConfigError(path, f"is longer than {_MAX_PATTERN_CHARS:,} characters; take `words` for lists")
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

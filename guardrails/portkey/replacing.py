"""Portkey's `regexReplace`: what a pattern matches is replaced, in each text by itself."""

import re
from collections.abc import Sequence

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.patterns import Pattern
from guardrails.checks.replacement import Replacement
from guardrails.decoding import ConfigError, decode
from guardrails.portkey.wording import rule_of
from guardrails.view import AS_IT_STANDS

_SLASHED = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)
_FLAGS = frozenset("gimsuyd")
_RE2_FLAGS = frozenset("ims")
DEFAULT_TEXT = "[REDACTED]"


class RegexReplaceConfig(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"
):
    """A pattern, and what stands in its place."""

    rule: str
    """As it is, or as `/pattern/flags`: `g` for all matches and not only the first of a text, `i`, `m`, `s`;
    `u`, `y` and `d` mean nothing here."""
    redact_text: str = DEFAULT_TEXT
    """With `$1`, `$<name>` and `$&` for what groups and the whole matched, and `$$` for a dollar sign."""
    fail_on_detection: bool = False
    """Whether a match is a verdict too, and not only replaced."""


class RegexReplace:
    """Finds what is to be replaced, in whole texts.

    Args:
        pattern: what is looked for.
        trigger: the same, for the prefilter.
        every: all matches of a text, not only the first.
        written: what stands instead of one.
    """

    kind = "default.regexReplace"
    redactable = True
    views = AS_IT_STANDS

    def __init__(self, pattern: Pattern, trigger: str, *, every: bool, written: Replacement) -> None:
        self._pattern = pattern
        self._every = every
        self._written = written
        self.triggers = (trigger,)

    def find(self, run: Run) -> Sequence[Match]:
        """Return the first match of the text, or all of them, each with what is written instead."""
        matches: list[Match] = []
        for found in self._pattern.finditer(run.text):
            if found.start() < found.end():
                written = self._written.of(run.text, found)
                matches.append(
                    Match("regexReplace", *found.span(), replacement=written, quotes=self._written.quotes)
                )
                if not self._every:
                    break
        return matches

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (a pattern may match anything)
        """Return True: a match may go on to the end of the text."""
        return True


def regex_replace(config: object, path: str) -> RegexReplace:
    """Build `default.regexReplace`.

    Raises:
        ConfigError: the pattern or the text cannot be used.
    """
    given = decode(RegexReplaceConfig, config, path)
    slashed = _SLASHED.fullmatch(given.rule)
    source, flags = (slashed[1], slashed[2]) if slashed else (given.rule, "")
    if unknown := set(flags) - _FLAGS:
        raise ConfigError(f"{path}.rule", f"there is no flag {min(unknown)!r}; there are g, i, m, s")
    kept = "".join(sorted(_RE2_FLAGS.intersection(flags)))
    pattern = rule_of(source, f"{path}.rule", kept)
    written = Replacement(given.redact_text or DEFAULT_TEXT, pattern, f"{path}.redactText")
    trigger = f"(?{kept}:{source})" if kept else source
    return RegexReplace(pattern, trigger, every="g" in flags, written=written)

"""The `encoded` check: texts that are written so that nobody reads them.

In base64, hexadecimal digits, escapes or characters that show nothing.

It finds that there is such a text. What it says is the matter of every check that reads more than the text as
it stands: a card in base64 is found by `pii`. This check is for those who want no such texts at all, and for
seeing in monitor mode how many there are.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, get_args

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.patterns import PatternSet
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_STANDS
from guardrails.views import escapes, payloads
from guardrails.views.payloads import Payload
from guardrails.views.smuggled import TELLING, smuggled

EncodedRule = Literal["base64", "hex", "escapes", "tags", "variation_selectors"]

_IN_DIGITS = frozenset({"base64", "hex"})
_TRIGGERS = {
    "base64": payloads.TRIGGER,
    "hex": payloads.TRIGGER,
    "escapes": escapes.TRIGGER,
    "tags": TELLING,
    "variation_selectors": TELLING,
}


class EncodedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is looked for."""

    rules: tuple[EncodedRule, ...] = get_args(EncodedRule)
    """The encoding: `base64`, `hex`, `escapes` (a run of `%41`, `&#65;`, `\\u0041`, one behind the other),
    and the invisible `tags` and `variation_selectors`."""
    min_chars: Annotated[int, msgspec.Meta(ge=1)] = 16
    """How many characters the text that comes out must have."""


class EncodedCheck:
    """Finds encoded texts, rule by encoding."""

    kind = "encoded"
    redactable = True
    views = AS_IT_STANDS

    def __init__(self, config: EncodedConfig) -> None:
        self._rules = frozenset(config.rules)
        self._min_chars = config.min_chars
        self.triggers = tuple({_TRIGGERS[rule]: None for rule in config.rules})
        self._set = PatternSet(self.triggers)
        self.openers = () if self._rules.isdisjoint(_IN_DIGITS) else (payloads.BEGUN,)

    def find(self, run: Run) -> Sequence[Match]:
        """Return each encoded text that is long enough; with base64 in base64, the outer one."""
        if not self._set.hits(run.text):
            return []
        matches = [
            Match(written.encoding, written.start, written.end)
            for written in self._written(run.text)
            if written.encoding in self._rules and len(written.text) >= self._min_chars
        ]
        return list(_outermost(sorted(matches, key=lambda match: (match.start, -match.end))))

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether base64 may go on in the next line."""
        return not self._rules.isdisjoint(_IN_DIGITS) and payloads.is_begun(text)

    def _written(self, text: str) -> Iterator[Payload]:
        if not self._rules.isdisjoint(_IN_DIGITS):
            yield from payloads.payloads(text)
        if "escapes" in self._rules:
            yield from escapes.runs(text)
        yield from smuggled(text)


def build(config: object, path: str) -> EncodedCheck:
    """Build the check from its configuration."""
    decoded = decode(EncodedConfig, config, path)
    if not decoded.rules:
        raise ConfigError(f"{path}.rules", "give at least one rule")
    return EncodedCheck(decoded)


def _outermost(matches: Sequence[Match]) -> Iterator[Match]:
    """Yield those that no earlier one covers."""
    covered_to = -1
    for match in matches:
        if match.end > covered_to:
            yield match
            covered_to = match.end

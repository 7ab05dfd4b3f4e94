"""The `secrets` check itself: what one kind of rule has found the next does not repeat.

First go our rules that know a credential's own form, then those that others maintain, then the generic ones.
"""

from collections.abc import Iterator, Sequence

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.patterns import Pattern, PatternSet, compiled
from guardrails.checks.places import Places
from guardrails.checks.secrets import maintained, private_keys
from guardrails.checks.secrets.contexts import CONTEXTS
from guardrails.checks.secrets.examples import is_stand_in_token
from guardrails.checks.secrets.more_tokens import MORE_TOKENS
from guardrails.checks.secrets.rule import MAX_OPEN_TAIL, Rule
from guardrails.checks.secrets.tokens import TOKENS
from guardrails.decoding import ConfigError, decode, known_to
from guardrails.view import AS_IT_IS_NAMED

RULES = (*TOKENS, *MORE_TOKENS, *CONTEXTS)

RULE_NAMES = (
    *(rule.name for rule in (*TOKENS, *MORE_TOKENS)),
    private_keys.NAME,
    *(rule.name for rule in CONTEXTS),
    maintained.NAME,
)

_GENERIC_SCORE = 0.8
"""Of a rule that tells by the words around a value."""


class SecretsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is looked for."""

    rules: tuple[str, ...] | None = None
    """Of `RULE_NAMES`; null for all."""


class SecretsCheck:
    """Finds credentials, rule by kind.

    Args:
        names: of `RULE_NAMES`.
    """

    kind = "secrets"
    redactable = True
    views = AS_IT_IS_NAMED

    def __init__(self, names: Sequence[str] = RULE_NAMES) -> None:
        self._rules = tuple((rule, compiled(rule.pattern)) for rule in RULES if rule.name in names)
        self._private_keys = private_keys.NAME in names
        self._maintained = maintained.NAME in names
        keys = (private_keys.TRIGGER,) if self._private_keys else ()
        tokens = (maintained.TRIGGER,) if self._maintained else ()
        self.triggers = (*(rule.trigger for rule, _ in self._rules), *keys, *tokens)
        self._triggers = PatternSet(self.triggers)
        tails = [rule.open_tail for rule, _ in self._rules if rule.open_tail]
        tails += [maintained.OPEN_TAIL] if self._maintained else []
        ends = (rf"(?:{'|'.join(tails)})\z",) if tails else ()
        self._open = PatternSet(ends) if tails else None
        self.openers = (*ends, private_keys.OPENER) if self._private_keys else ends

    def find(self, run: Run) -> Sequence[Match]:
        """Return what is found.

        Raises:
            RulesUnavailable: the maintained rules are asked for and cannot be loaded.
        """
        hits = self._triggers.hits(run.text)
        matches = list(self._specific(run.text, hits))
        if self._maintained and len(self.triggers) - 1 in hits:
            taken = Places((match.start, match.end) for match in matches)
            matches += [
                Match(name, start, end)
                for name, start, end in maintained.load().spans(run.text)
                if not taken.meet(start, end)
            ]
        for index, (rule, pattern) in enumerate(self._rules):
            if rule.generic and index in hits:
                taken = Places((match.start, match.end) for match in matches)
                matches += [
                    Match(rule.name, start, end, score=_GENERIC_SCORE)
                    for start, end in _spans(rule, pattern, run.text)
                    if not taken.meet(start, end)
                ]
        return sorted(matches, key=_place)

    def _specific(self, text: str, hits: frozenset[int]) -> Iterator[Match]:
        for index, (rule, pattern) in enumerate(self._rules):
            if index in hits and not rule.generic:
                for start, end in _spans(rule, pattern, text):
                    if not is_stand_in_token(text[start:end]):
                        yield Match(rule.name, start, end)
        if self._private_keys and len(self._rules) in hits:
            yield from (Match(private_keys.NAME, start, end) for start, end in private_keys.spans(text))

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the text ends inside of a key, or behind words that announce a credential."""
        if self._private_keys and private_keys.is_begun(text):
            return True
        return self._open is not None and self._open.any(text[-MAX_OPEN_TAIL:])


def build(config: object, path: str) -> SecretsCheck:
    """Build the check from its configuration."""
    decoded = decode(SecretsConfig, config, path)
    if decoded.rules is None:
        return SecretsCheck()
    if not decoded.rules:
        raise ConfigError(f"{path}.rules", "give at least one rule")
    for index, name in enumerate(decoded.rules):
        if name not in RULE_NAMES:
            raise ConfigError(
                f"{path}.rules[{index}]", f"`{name}` is not known; {known_to(name, RULE_NAMES)}"
            )
    return SecretsCheck(decoded.rules)


def _spans(rule: Rule, pattern: Pattern, text: str) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(text):
        start, end = found.span(1)
        if rule.accepts is None or rule.accepts(text[start:end]):
            yield start, end


def _place(match: Match) -> tuple[int, int]:
    return match.start, match.end

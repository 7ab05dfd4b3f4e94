"""The `injection` check itself: it tells prompt injection and jailbreaks by the phrases of those who try.

Whoever knows the phrases can say it otherwise, and most attacks do. It costs nothing, and shows who tries
what is known; it is no defence by itself. That is why a guardrail with nothing but this check only watches
(`mode: monitor`) unless its entry says otherwise. A judge or a guard model (`guardrails/remote`) decides
better.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.injection.families import FAMILIES, HEURISTICS
from guardrails.checks.injection.heuristic import Beginnings
from guardrails.checks.patterns import PatternSet, compiled
from guardrails.decoding import ConfigError, decode, known_to
from guardrails.view import AS_IT_IS_READ


class InjectionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is looked for."""

    families: tuple[str, ...] | None = None
    """Of `FAMILIES`; null for all."""
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """The least score that counts. A phrase's score says how rarely others than attackers say it."""


class InjectionCheck:
    """Finds phrases, rule by family.

    Args:
        families: of `FAMILIES`.
        threshold: 0 to 1.

    Raises:
        ValueError: no phrase of these families has such a score.
    """

    kind = "injection"
    redactable = True
    views = AS_IT_IS_READ

    def __init__(self, families: Sequence[str] = FAMILIES, threshold: float = 0.5) -> None:
        chosen = tuple(one for one in HEURISTICS if one.family in families and one.score >= threshold)
        if not chosen:
            raise ValueError("nothing would be looked for")
        self._patterns = tuple((one, compiled(one.pattern)) for one in chosen)
        self._set = PatternSet([one.pattern for one in chosen])
        self._beginnings = Beginnings(chosen)
        self.triggers = (self._beginnings.trigger,)
        self.openers = (self._beginnings.opener,)

    def find(self, run: Run) -> Sequence[Match]:
        """Return the phrases that are found."""
        hits = self._set.hits(run.text)
        matches = [
            Match(one.family, *found.span(1), score=one.score)
            for index, (one, pattern) in enumerate(self._patterns)
            if index in hits
            for found in pattern.finditer(run.text)
        ]
        return sorted(matches, key=_place)

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the text ends inside of a phrase's beginning, or in a sentence behind one."""
        return self._beginnings.stand_in(text)


def build(config: object, path: str) -> InjectionCheck:
    """Build the check from its configuration."""
    decoded = decode(InjectionConfig, config, path)
    families = FAMILIES if decoded.families is None else decoded.families
    if not families:
        raise ConfigError(f"{path}.families", "give at least one family")
    for index, name in enumerate(families):
        if name not in FAMILIES:
            raise ConfigError(
                f"{path}.families[{index}]", f"`{name}` is not known; {known_to(name, FAMILIES)}"
            )
    try:
        return InjectionCheck(families, decoded.threshold)
    except ValueError as error:
        raise ConfigError(
            f"{path}.threshold", "no phrase of these families scores so high; give 0.5"
        ) from error


def _place(match: Match) -> tuple[int, int]:
    return match.start, match.end

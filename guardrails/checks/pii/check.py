"""The `pii` check itself: entities by name, the stronger before the weaker."""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.patterns import PatternSet
from guardrails.checks.pii.announcement import Announcements
from guardrails.checks.pii.catalogue import COMMON, ENTITIES, GROUPS, entity, members
from guardrails.checks.pii.entity import MAX_OPEN_TAIL, Entity
from guardrails.checks.pii.numbering import REGIONS
from guardrails.checks.pii.phone import DEFAULT_REGIONS
from guardrails.decoding import ConfigError, decode, known_to
from guardrails.view import AS_IT_IS_NAMED


class PiiConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is looked for."""

    entities: tuple[str, ...] = COMMON
    """Names of `ENTITIES` and of `GROUPS`."""
    regions: tuple[str, ...] = DEFAULT_REGIONS
    """ISO 3166-1 alpha-2 codes: where people are who write telephone numbers without a country code, and
    whose identifiers the group `national` is."""


_TAKEN = "!"
"""Stands for each character that was found: it is of no number, joins none, and ends an announcement."""


class PiiCheck:
    """Finds personal data, rule by entity."""

    kind = "pii"
    redactable = True
    views = AS_IT_IS_NAMED

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._entities = tuple(entities)
        owners = [(index, trigger) for index, entity in enumerate(entities) for trigger in entity.triggers]
        self._owners = tuple(index for index, _ in owners)
        self.triggers = tuple(trigger for _, trigger in owners)
        self._triggers = PatternSet(self.triggers)
        tails = "|".join(entity.open_tail for entity in entities if entity.open_tail)
        ends = (rf"(?:{tails})\z",) if tails else ()
        self._open = PatternSet(ends) if tails else None
        words = {word for entity in entities for word in entity.words}
        self._announcements = Announcements(words) if words else None
        self.openers = (*ends, *(self._announcements.openers if self._announcements else ()))

    def find(self, run: Run) -> Sequence[Match]:
        """Return what is found; what a stronger entity has found, the weaker ones do not see.

        So a number beside another one is found as if it stood alone, and what a redaction leaves has nothing
        more in it than what was found.
        """
        matches: list[Match] = []
        text = run.text
        for index in sorted({self._owners[hit] for hit in self._triggers.hits(run.text)}):
            entity = self._entities[index]
            found = [Match(entity.name, start, end, score=entity.score) for start, end in entity.spans(text)]
            matches += found
            text = _without(text, found)
        return sorted(matches, key=_place)

    def is_open(self, text: str, start: int) -> bool:  # noqa: ARG002 (where it stands does not matter)
        """Return whether the text ends between two groups of something, or behind words that announce it."""
        if self._open is not None and self._open.any(text[-MAX_OPEN_TAIL:]):
            return True
        return self._announcements is not None and self._announcements.is_open(text)


def _without(text: str, found: Sequence[Match]) -> str:
    """Return a text of the same length in which nothing is left of what was found."""
    pieces: list[str] = []
    at = 0
    for match in found:
        pieces += (text[at : match.start], _TAKEN * (match.end - max(match.start, at)))
        at = max(at, match.end)
    return "".join([*pieces, text[at:]]) if pieces else text


def build(config: object, path: str) -> PiiCheck:
    """Build the check from its configuration."""
    decoded = decode(PiiConfig, config, path)
    known = (*GROUPS, *ENTITIES)
    _require(decoded.entities, known, f"{path}.entities", lambda name: known_to(name, known))
    _require(decoded.regions, REGIONS, f"{path}.regions", lambda _: "give ISO 3166-1 codes such as US")
    names = members(decoded.entities, decoded.regions)
    if not names:
        raise ConfigError(f"{path}.regions", "no identifiers of these regions are known; name others")
    return PiiCheck([entity(name, decoded.regions) for name in names])


def _require(names: Iterable[str], known: Collection[str], path: str, way_out: Callable[[str], str]) -> None:
    listed = tuple(names)
    if not listed:
        raise ConfigError(path, f"give at least one; {way_out('')}")
    for index, name in enumerate(listed):
        if name not in known:
            raise ConfigError(f"{path}[{index}]", f"`{name}` is not known; {way_out(name)}")


def _place(match: Match) -> tuple[int, int]:
    return match.start, match.end

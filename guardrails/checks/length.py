"""The `length` check: texts that are too long or too short.

Characters can be counted across the runs of a stream, for a run knows where it starts. Words, bytes,
sentences and lines cannot, so a text is held until it has as many as it must and more than it may: a text
that keeps within its `max_words` is held to its end. An operator who wants streams to flow bounds characters.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from guardrails.check import Match, Run
from guardrails.checks.measures import MEASURES, Crossing
from guardrails.decoding import ConfigError, decode
from guardrails.view import AS_IT_STANDS

Count = Annotated[int, msgspec.Meta(ge=1)]


class LengthConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a part may be; `guardrails/checks/measures.py` says what counts. At least one is given."""

    max_chars: Count | None = None
    """In code points."""
    min_chars: Count | None = None
    max_bytes: Count | None = None
    min_bytes: Count | None = None
    max_words: Count | None = None
    min_words: Count | None = None
    max_sentences: Count | None = None
    min_sentences: Count | None = None
    max_lines: Count | None = None
    min_lines: Count | None = None


class LengthCheck:
    """Finds the place where a part becomes too long, or ends too soon.

    The place of `too_long` is the first character over the bound, and it is found once: in the run that
    crosses it; that of `too_many_words` is the first word over it. A text shorter than the minimum is held
    until it is long enough, for only its end tells that it is too short.
    """

    kind = "length"
    triggers: tuple[str, ...] = ()
    redactable = False
    views = AS_IT_STANDS

    def __init__(self, config: LengthConfig) -> None:
        self._max = config.max_chars
        self._min = config.min_chars or 0
        self._bounds = tuple(
            _Bound(name, crossing, most=getattr(config, f"max_{name}"), least=getattr(config, f"min_{name}"))
            for name, crossing in MEASURES.items()
            if getattr(config, f"max_{name}") or getattr(config, f"min_{name}")
        )

        self.openers = None if self._min or self._bounds else ()

    def find(self, run: Run) -> Sequence[Match]:
        """Return at most one match of each rule."""
        end = run.start + len(run.text)
        matches = []
        if self._max is not None and run.start <= self._max < end:
            place = self._max - run.start
            matches.append(Match("too_long", place, place))
        if run.start == 0:  # what begins later was let go when all of these were settled
            matches += [match for bound in self._bounds for match in bound.find(run)]
        if run.last and end < self._min:
            matches.append(Match("too_short", len(run.text), len(run.text)))
        return sorted(matches, key=lambda match: match.start)

    def is_open(self, text: str, start: int) -> bool:
        """Return whether the part is still too short, or may still become too long."""
        if start + len(text) < self._min:
            return True
        return start == 0 and not all(bound.is_settled(text) for bound in self._bounds)


class _Bound:
    """The most and the least that there may be by one measure."""

    def __init__(self, name: str, crossing: Crossing, *, most: int | None, least: int | None) -> None:
        self._name = name
        self._crossing = crossing
        self._most = most
        self._least = least

    def find(self, run: Run) -> Iterator[Match]:
        """Yield where a run that begins its part has too many, or that it has too few."""
        place = None if self._most is None else self._crossing(run.text, self._most)
        if place is not None:
            yield Match(f"too_many_{self._name}", place, place)
        if run.last and self._lacks(run.text):
            yield Match(f"too_few_{self._name}", len(run.text), len(run.text))

    def is_settled(self, text: str) -> bool:
        """Return whether nothing that follows changes what is found."""
        if self._most is not None:
            return self._crossing(text, self._most) is not None
        return not self._lacks(text)

    def _lacks(self, text: str) -> bool:
        return self._least is not None and self._crossing(text, self._least - 1) is None


def build(config: object, path: str) -> LengthCheck:
    """Build the check from its configuration."""
    decoded = decode(LengthConfig, config, path)
    names = ("chars", *MEASURES)
    bounds = [(name, getattr(decoded, f"max_{name}"), getattr(decoded, f"min_{name}")) for name in names]
    if all(most is None and least is None for _, most, least in bounds):
        raise ConfigError(path, f"give max_chars, min_chars or a bound of {', '.join(MEASURES)}")
    for name, most, least in bounds:
        if most is not None and least is not None and least > most:
            raise ConfigError(f"{path}.min_{name}", f"is greater than max_{name}")
    return LengthCheck(decoded)

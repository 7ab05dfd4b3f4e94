"""What came of a replay, added up exchange by exchange, in the memory of its rows and no more."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from app.replaying.bodies import Missing
from app.replaying.effects import Effect, Mark, marks
from app.replaying.replay import Replayed, ReplayedSide
from app.replaying.samples import Sample, sample
from guardrails import Side


class Counts(msgspec.Struct):
    """Exchanges with an effect, then or now; by side, but in the totals."""

    new: int = 0
    """Only now."""
    gone: int = 0
    """Only then."""
    same: int = 0
    unknown: int = 0
    """Then; what it stood on is not on record any more, so nobody can tell about now."""

    @property
    def before(self) -> int:
        """How many had it when they happened."""
        return self.same + self.gone + self.unknown

    @property
    def now(self) -> int:
        """How many have it, as far as can be told."""
        return self.same + self.new

    def note(self, change: str) -> None:
        """Count one more."""
        setattr(self, change, getattr(self, change) + 1)


class Failure(msgspec.Struct, frozen=True, order=True):
    """That a guardrail gave no verdict."""

    guardrail: str
    side: Side
    error: str


class Comparison:
    """What came of it so far.

    Args:
        samples: at most so many of each kind of change.
    """

    def __init__(self, samples: int) -> None:
        self._most = samples
        self._sampled: Counter[tuple[Effect, str]] = Counter()
        self.exchanges = 0
        self.heard: Counter[Side] = Counter()
        self.missing: Counter[tuple[Side | None, Missing]] = Counter()
        """Sides that were not heard, by why; with None, whole exchanges."""
        self.redacted = 0
        """Exchanges whose bodies had been redacted when they were recorded."""
        self.altered = 0
        """Exchanges whose answer a guardrail had changed or cut."""
        self.marks: dict[Mark, Counts] = {}
        self.totals: dict[Effect, Counts] = {effect: Counts() for effect in Effect}
        self.failures: dict[Failure, Counts] = {}
        """Checks that failed then or now, as `Counts` of exchanges."""
        self.failures_blocked: Counter[Failure] = Counter()
        """Of those now, how many would have ended the exchange."""
        self.samples: list[Sample] = []

    def add(self, one: Replayed) -> None:
        """Take one more exchange."""
        self.exchanges += 1
        if one.missing is not None:
            self.missing[None, one.missing] += 1
            return
        self.redacted += any(side.is_redacted for side in one.sides)
        self.altered += any(side.is_altered for side in one.sides)
        found = []
        for side in one.sides:
            if side.missing is None:
                self.heard[side.side] += 1
            else:
                self.missing[side.side, side.missing] += 1
            then, now = marks(side.then), marks(side.now)
            found.append((side, then, now))
            for mark in sorted(then | now, key=_order):
                self._note(one, side, mark, _change(mark in then, mark in now, mark in side.unknown))
            self._note_failures(side)
        for effect, counts in self.totals.items():
            change = _total(effect, found)
            if change is not None:
                counts.note(change)

    def rows(self) -> Iterator[tuple[Mark, Counts]]:
        """Yield what each guardrail, check and rule did, in order of effects and names."""
        for mark in sorted(self.marks, key=_order):
            yield mark, self.marks[mark]

    def _note(self, one: Replayed, side: ReplayedSide, mark: Mark, change: str) -> None:
        self.marks.setdefault(mark, Counts()).note(change)
        if not mark.is_whole or change == "same" or self._sampled[mark.effect, change] >= self._most:
            return
        self._sampled[mark.effect, change] += 1
        self.samples.append(sample(one, side, mark, change))

    def _note_failures(self, side: ReplayedSide) -> None:
        then = {Failure(v.guardrail, v.side, v.error) for v in side.then if v.error}
        now = {Failure(v.guardrail, v.side, v.error): v.blocked for v in side.now if v.error}
        for failure in then | now.keys():
            change = _change(failure in then, failure in now, side.missing is not None)
            self.failures.setdefault(failure, Counts()).note(change)
            self.failures_blocked[failure] += now.get(failure, False)


_Found = tuple[ReplayedSide, frozenset[Mark], frozenset[Mark]]


def _total(effect: Effect, found: list[_Found]) -> str | None:
    """Return how an effect on an exchange changed, whichever guardrail has it; None: it has none."""
    was = [side for side, then, _ in found if any(mark.effect is effect for mark in then)]
    now = any(mark.effect is effect for _, _, marked in found for mark in marked)
    if not was and not now:
        return None
    return _change(bool(was), now, any(effect in side.may for side in was))


def _change(then: bool, now: bool, is_unknown: bool) -> str:
    if then and now:
        return "same"
    if now:
        return "new"
    return "unknown" if is_unknown else "gone"


_EFFECTS = tuple(Effect)


def _order(mark: Mark) -> tuple[int, str, str, str, str]:
    return (_EFFECTS.index(mark.effect), mark.guardrail, mark.side, mark.check, mark.rule)

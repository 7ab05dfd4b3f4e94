"""What `handrail records replay` prints: the numbers of `app/replaying/report.py` as lines.

They hold no text of an exchange: what is shown of a finding says `app/replaying/samples.py`.
"""

from collections.abc import Iterable, Iterator

from app.records_cli.columns import safe, table
from app.replaying.bodies import WHY
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison, Counts
from app.replaying.effects import Effect, Mark
from app.replaying.report import NOUNS, counted
from app.replaying.samples import Sample, Shown
from guardrails import Side

_WORDS = {
    Effect.BLOCKED: "blocked",
    Effect.REDACTED: "redacted",
    Effect.FLAGGED: "flagged",
    Effect.WOULD_BLOCK: "would have blocked, in monitor",
    Effect.WOULD_REDACT: "would have redacted, in monitor",
}
_CHANGES = {"new": "newly", "gone": "no longer", "unknown": "unknown whether still"}
_EFFECTS, _ORDER = [*Effect], [*_CHANGES]
_COLUMNS = ("before", "now", "new", "no longer", "same", "unknown")


def lines(name: str, candidate: Candidate, done: Comparison, width: int | None) -> Iterator[str]:
    """Yield the lines of the report; `width`: of the terminal, None for any."""
    heard = " and ".join(_number(done.heard[side], NOUNS[side]) for side in Side)
    yield f"{safe(name)} over {_number(done.exchanges, 'exchange')}: {heard} heard again"
    yield from _limits(candidate, done)
    yield ""
    totals = [[_WORDS[effect], *_cells(counts)] for effect, counts in done.totals.items() if _is_any(counts)]
    yield from table(("exchanges", *_COLUMNS), totals or [["none", *_cells(Counts())]], width)
    yield from _by_check(candidate, done, width)
    yield from _failures(done)
    yield from _samples(done.samples)


def _limits(candidate: Candidate, done: Comparison) -> Iterator[str]:
    """Yield what could not be heard, or not as it was."""
    for (side, why), count in done.missing.most_common():
        yield f"  not heard: {_number(count, NOUNS[side])}, {WHY[why]}"
    if done.redacted:
        were = _were(done.redacted, "exchange")
        yield f"  {were} recorded redacted: values already replaced cannot be found again"
    if done.altered:
        were = _were(done.altered, "answer")
        yield f"  {were} redacted or blocked on the way: what was taken out is not on record"
    for guardrail, kind in candidate.left_out():
        yield f"  {guardrail}: {kind} was left out: it reads headers, which are not on record"


def _by_check(candidate: Candidate, done: Comparison, width: int | None) -> Iterator[str]:
    for effect in Effect:
        rows = [(mark, counts) for mark, counts in done.rows() if mark.effect is effect]
        if rows:
            yield ""
            cells = [[_label(mark, candidate), mark.side, *_cells(counts)] for mark, counts in rows]
            yield from table((f"{_WORDS[effect]} by", "side", *_COLUMNS), cells, width)


def _label(mark: Mark, candidate: Candidate) -> str:
    if mark.is_whole:
        return mark.guardrail if mark.guardrail in candidate.names else f"{mark.guardrail} (not in the file)"
    return f"    {mark.check}.{mark.rule}" if mark.rule else f"  {mark.check}"


def _failures(done: Comparison) -> Iterator[str]:
    if not done.failures:
        return
    yield from ("", "Guardrails that failed")
    for failure, counts in sorted(done.failures.items()):
        blocked = done.failures_blocked[failure]
        yield (
            f"  {safe(failure.guardrail)} on {failure.side}: {safe(failure.error)}: {counts.now:,} now, "
            f"{blocked:,} of them would have blocked; {counts.before:,} before"
        )


def _samples(samples: Iterable[Sample]) -> Iterator[str]:
    said: tuple[Effect, str] | None = None
    for one in sorted(samples, key=lambda one: (_EFFECTS.index(one.effect), _ORDER.index(one.change))):
        if (one.effect, one.change) != said:
            said = one.effect, one.change
            yield from ("", f"Samples: {_CHANGES[one.change]} {_WORDS[one.effect]}")
        yield f"  {one.exchange_id}  trace {one.trace_id}"
        why = [_finding(shown) for shown in one.findings]
        why += [f"{one.more_findings:,} more"] if one.more_findings else []
        why += [f"failed: {one.error}"] if one.error else []
        yield safe(f"    {one.guardrail} on {one.side}: {'; '.join(why) or 'no finding'}")


def _finding(shown: Shown) -> str:
    return f"{shown.check}.{shown.rule} in {shown.part}, {shown.length:,} characters, {shown.placeholder}"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _were(count: int, noun: str) -> str:
    return f"{_number(count, noun)} {'was' if count == 1 else 'were'}"


def _cells(counts: Counts) -> list[str]:
    return [f"{value:,}" for value in counted(counts).values()]


def _is_any(counts: Counts) -> bool:
    return bool(counts.before or counts.now)

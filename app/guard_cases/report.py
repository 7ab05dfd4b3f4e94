"""What `handrail guard test` prints: precision and recall a check, and the cases that came out otherwise.

No text of a case is printed, only its line: cases may hold what nobody wants in the log of a build.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from app.guard_cases.cases import Case, Cases
from app.guard_cases.labels import check_of, is_rule
from app.guard_cases.score import Score, scores, wilson
from app.guard_cases.trial import Result

AS_WRITTEN = "as written"


class Round(msgspec.Struct, frozen=True):
    """All cases that were tried in one way."""

    name: str
    """`as written`, or the mutation."""
    results: tuple[tuple[int, Result], ...]
    """Place of the case, and what came of it."""


def table(cases: Cases, rounds: Sequence[Round]) -> Iterator[str]:
    """Yield the lines of the report."""
    for one in rounds:
        if not one.results:
            yield from (f"{one.name}: none of the cases can be put this way", "")
            continue
        yield f"{one.name}: {len(one.results)} case{'' if len(one.results) == 1 else 's'}"
        yield f"  {'check':<32} {'cases':>5}  {'precision':<22} recall"
        for label, score in scores(_pairs(cases, one)).items():
            name = f"  {label}" if is_rule(label) else label
            count = score.right + score.missed
            row = f"  {name:<32} {count:>5}  {_share(*score.precision):<22} {_share(*score.recall):<22}"
            yield row.rstrip()
        yield ""
    yield from _otherwise(cases, rounds)


def document(cases: Cases, rounds: Sequence[Round]) -> dict[str, object]:
    """Return the report as plain values, for `--json`."""
    return {
        "file": cases.name,
        "rounds": [
            {
                "name": one.name,
                "cases": len(one.results),
                "checks": {label: _values(score) for label, score in scores(_pairs(cases, one)).items()},
                "otherwise": [
                    {
                        "line": cases.lines[place],
                        "missed": sorted(_missed(cases.cases[place], result)),
                        "false": sorted(_false(cases.cases[place], result)),
                        "failed": list(result.failed),
                    }
                    for place, result in one.results
                    if is_otherwise(cases.cases[place], result)
                ],
            }
            for one in rounds
        ],
    }


def is_otherwise(case: Case, result: Result) -> bool:
    """Return whether a case did not come out as it is labelled."""
    return bool(_missed(case, result) or _false(case, result) or result.failed)


def _pairs(cases: Cases, one: Round) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return what was expected and found. A rule counts where it was named, or found without cause."""
    pairs = []
    for place, result in one.results:
        case = cases.cases[place]
        counted = case.labels | _false(case, result)
        found = frozenset(label for label in result.found if label in counted or not is_rule(label))
        pairs.append((case.labels, found))
    return pairs


def _missed(case: Case, result: Result) -> frozenset[str]:
    return frozenset(case.expect) - result.found


def _false(case: Case, result: Result) -> frozenset[str]:
    """Return what was found without being expected: rules of a check that is expected as a whole are not."""
    whole = {label for label in case.expect if not is_rule(label)}
    return frozenset(
        label for label in result.found - case.labels if is_rule(label) and check_of(label) not in whole
    )


def _otherwise(cases: Cases, rounds: Sequence[Round]) -> Iterator[str]:
    lines = [
        f"  {cases.name}:{cases.lines[place]} ({one.name}): {_said(cases.cases[place], result)}"
        for one in rounds
        for place, result in one.results
        if is_otherwise(cases.cases[place], result)
    ]
    if lines:
        yield "Not as labelled:"
        yield from lines
    else:
        yield "All as labelled."


def _said(case: Case, result: Result) -> str:
    said = {
        "missed": sorted(_missed(case, result)),
        "found": sorted(_false(case, result)),
        "failed": result.failed,
    }
    return "; ".join(f"{word} {', '.join(labels)}" for word, labels in said.items() if labels)


def _share(hits: int, of: int) -> str:
    if not of:
        return "-"
    low, high = wilson(hits, of)
    return f"{hits / of:.2f} ({low:.2f} to {high:.2f})"


def _values(score: Score) -> Mapping[str, object]:
    return {
        "right": score.right,
        "false": score.false,
        "missed": score.missed,
        "precision": _proportion(*score.precision),
        "recall": _proportion(*score.recall),
    }


def _proportion(hits: int, of: int) -> Mapping[str, float] | None:
    if not of:
        return None
    low, high = wilson(hits, of)
    return {"value": hits / of, "low": low, "high": high}

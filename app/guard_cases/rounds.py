"""The rounds of a trial: the cases as written, then once more for each way to disguise them."""

from collections.abc import Sequence

from app.guard_cases.cases import Case, Cases
from app.guard_cases.report import AS_WRITTEN, Round
from app.guard_cases.trial import tried
from guardrails import Engine, Side
from guardrails.mutations import MUTATIONS

SPLIT = "split"
"""No mutation of a text: an answer comes in small pieces."""
WAYS = (*MUTATIONS, SPLIT)


async def rounds(engine: Engine, cases: Cases, ways: Sequence[str]) -> list[Round]:
    """Try all cases as they are written, and those in which something is expected in other ways too.

    Args:
        engine: of the guardrails.
        cases: to be tried.
        ways: names of mutations, and `split`.
    """
    done = [Round(AS_WRITTEN, tuple([(i, await tried(engine, case)) for i, case in enumerate(cases.cases)]))]
    for way in ways:
        results = [
            (i, await tried(engine, case, MUTATIONS.get(way), split=way == SPLIT))
            for i, case in enumerate(cases.cases)
            if _is_tried(case, way)
        ]
        done.append(Round(way, tuple(results)))
    return done


def _is_tried(case: Case, way: str) -> bool:
    """Whether a case says something in this way: requests come whole, and a clean text stays clean."""
    return bool(case.expect) and (way != SPLIT or case.side is Side.OUTPUT)

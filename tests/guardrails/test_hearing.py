"""A hearing asks a panel about whole texts."""

import time
from collections.abc import Sequence

from guardrails import Engine, Match, Part, Run, Side
from guardrails.check import Subject
from guardrails.conversation import NOTHING_KNOWN
from guardrails.evidence import Evidence
from guardrails.hearing import hear
from guardrails.panel import Panel
from tests.guardrails.planted import Word, policy


def asked(*parts: Part) -> Subject:
    return Subject(Side.INPUT, NOTHING_KNOWN, parts)


async def test_every_part_is_heard_and_what_is_found_is_evidence() -> None:
    panel = Panel([policy(Word("email", r"[a-z]+@[a-z]+"), name="mail")])
    evidence = Evidence(panel, Side.INPUT, b"key")
    outcomes = await hear(
        panel, asked(Part("a", "x@y and "), Part("b", "nothing"), Part("c", "z@w")), evidence
    )
    assert [bool(outcome) for outcome in outcomes] == [True, False, True]
    (verdict,) = evidence.verdicts()
    assert [(one.part, one.start, one.end) for one in verdict.findings] == [("a", 0, 3), ("c", 0, 3)]


async def test_where_nothing_is_found_nothing_is_noted() -> None:
    panel = Panel([policy(Word("email", r"[a-z]+@[a-z]+"), name="mail")])
    evidence = Evidence(panel, Side.INPUT, b"key")
    assert not any(await hear(panel, asked(Part("a", "nothing")), evidence))
    (verdict,) = evidence.verdicts()
    assert (verdict.findings, verdict.decision) == ((), "pass")


class _Takes(Word):
    """Takes five milliseconds and finds nothing."""

    def find(self, run: Run) -> Sequence[Match]:
        time.sleep(0.005)
        return super().find(run)


async def test_the_time_of_texts_without_findings_counts_beside_one_with_some() -> None:
    engine = Engine([policy(_Takes("email", r"\w+@\w+", triggered=False))], b"key")
    texts = ["clean", "clean", "a@b", "clean"]
    (verdict,) = (await engine.screen([Part(str(i), text) for i, text in enumerate(texts)])).verdicts
    assert verdict.duration_ns >= 4 * 5_000_000

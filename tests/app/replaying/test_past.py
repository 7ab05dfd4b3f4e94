"""Verdicts come back from their rows as they were."""

import msgspec

from app.replaying.past import said_before
from guardrails import Action, Decision, Mode, Side, Verdict
from tests.exchanges import exchange, finding, verdict
from tests.recorded import as_read

THEN = (
    verdict(Side.INPUT, finding("messages[0].content", 0, 4), finding("user", 1, 2, rule="card")),
    verdict(
        Side.INPUT,
        guardrail="watch",
        decision=Decision.ERROR,
        action=Action.BLOCK,
        mode=Mode.MONITOR,
        error="timeout",
    ),
    verdict(Side.OUTPUT, finding("choices[0].message.content", 3, 9), findings_dropped=2, complete=False),
)


def test_verdicts_are_read_back_each_with_its_own_findings() -> None:
    def untimed(one: Verdict) -> Verdict:
        return msgspec.structs.replace(one, started_ns=0, duration_ns=0)

    assert [*map(untimed, said_before(as_read(exchange(verdicts=THEN)), str))] == [*map(untimed, THEN)]


def test_names_that_a_caller_may_have_given_are_seen_first() -> None:
    (found, watch, _) = said_before(as_read(exchange(verdicts=THEN)), str.upper)
    assert (found.guardrail, watch.guardrail) == ("PRIVACY", "WATCH")
    assert [one.rule for one in found.findings] == ["EMAIL", "CARD"]

"""Samples say where, and never what."""

import pytest

from app.replaying.effects import Effect, Mark
from app.replaying.replay import Replayed, ReplayedSide
from app.replaying.samples import Shown, sample
from guardrails import Decision, Side
from tests.exchanges import finding, verdict

MARK = Mark(Effect.REDACTED, Side.INPUT, "privacy")


def test_a_finding_is_shown_by_rule_place_length_and_placeholder() -> None:
    now = verdict(
        Side.INPUT, *(finding("messages[0].content", i, i + 16) for i in range(5)), findings_dropped=2
    )
    side = ReplayedSide(Side.INPUT, then=(), now=(now,))
    shown = sample(Replayed("id", "trace", (side,)), side, MARK, "new")
    assert (shown.exchange_id, shown.trace_id, shown.guardrail) == ("id", "trace", "privacy")
    assert shown.findings == 3 * (Shown("pii", "email", "messages[0].content", 16, "[EMAIL]"),)
    assert shown.more_findings == 4


@pytest.mark.parametrize("change", ["gone", "unknown"])
def test_what_is_gone_is_shown_as_it_was(change: str) -> None:
    side = ReplayedSide(Side.INPUT, then=(verdict(Side.INPUT, finding("user", 0, 9)),), now=())
    shown = sample(Replayed("id", "trace", (side,)), side, MARK, change)
    assert [(one.part, one.length) for one in shown.findings] == [("user", 9)]


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (
            "messages[0].tool_calls[0].function.arguments#.anna@example.com",
            "messages[0].tool_calls[0].function.arguments.[REDACTED]",
        ),
        ('metadata["anna@example.com"].~key', "metadata.[REDACTED]"),
        ("metadata.anna", "metadata.[REDACTED]"),
    ],
)
def test_a_key_that_a_caller_chose_is_not_shown(part: str, shown: str) -> None:
    side = ReplayedSide(Side.INPUT, then=(), now=(verdict(Side.INPUT, finding(part, 0, 4)),))
    (one,) = sample(Replayed("id", "trace", (side,)), side, MARK, "new").findings
    assert one.part == shown


def test_a_guardrail_that_failed_says_why() -> None:
    now = verdict(Side.INPUT, decision=Decision.ERROR, blocked=True, error="timeout")
    side = ReplayedSide(Side.INPUT, then=(), now=(now,))
    mark = Mark(Effect.BLOCKED, Side.INPUT, "privacy")
    assert sample(Replayed("id", "trace", (side,)), side, mark, "new").error == "timeout"

"""What guardrails said of an exchange when it happened, as far as it stands on record."""

from collections.abc import Callable
from typing import Any

from app.records.plain_rows import PlainRow
from app.records.whole_exchanges import RecordedExchange
from guardrails import Action, Decision, Finding, Mode, Side, Verdict

Hide = Callable[[str], str]


def said_before(recorded: RecordedExchange, hide: Hide) -> tuple[Verdict, ...]:
    """Return the verdicts on record.

    Args:
        recorded: the exchange.
        hide: sees names of guardrails and rules: a caller may have given them, in a config of its own.
    """
    findings = recorded.children["findings"]
    return tuple(_verdict(row, findings, hide) for row in recorded.children["verdicts"])


def _verdict(row: PlainRow, findings: list[PlainRow], hide: Hide) -> Verdict:
    mine = (one for one in findings if one["verdict_number"] == row["number"])
    return Verdict(
        guardrail=hide(row["guardrail"]),
        side=Side(row["side"]),
        decision=Decision(row["decision"]),
        action=Action(row["action"]),
        mode=Mode(row["mode"]),
        blocked=row["blocked"],
        findings=tuple(_finding(one, hide) for one in mine),
        error=row["error"],
        findings_dropped=row["findings_dropped"],
        complete=row["complete"],
    )


def _finding(row: dict[str, Any], hide: Hide) -> Finding:
    return Finding(
        check=row["check_kind"],
        rule=hide(row["rule"]),
        part=row["part"],
        start=row["start_offset"],
        end=row["end_offset"],
        score=row["score"],
        fingerprint=row["fingerprint"],
    )

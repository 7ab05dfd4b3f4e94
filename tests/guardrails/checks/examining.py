"""What the tests of checks about exchanges share."""

from collections.abc import Mapping
from typing import Any

from guardrails import Conversation, ExchangeCheck, Part, Side, Subject, ToolCall
from guardrails.config import guardrail
from guardrails.conformance.exchange import assert_examines


def examiner(kind: str, config: Mapping[str, Any]) -> ExchangeCheck:
    """Build a check as `handrail.yaml` would."""
    (check,) = guardrail("any", {"checks": [{kind: config}], "action": "flag"}).checks
    assert isinstance(check, ExchangeCheck)
    assert check.kind == kind
    return check


def faults(
    check: ExchangeCheck, conversation: Conversation, *calls: ToolCall, parts: tuple[Part, ...] = ()
) -> list[tuple[str, str]]:
    """Return rules and paths of what it says: about an answer if there are calls, else about the request."""
    side = Side.OUTPUT if calls else Side.INPUT
    subject = Subject(side, conversation, parts, calls)
    assert_examines(check, subject)
    return [(remark.rule, remark.path) for remark in check.examine(subject)]

"""What the tests of the checks share: build one as configured, and say what it finds in a text."""

from collections.abc import Mapping

from guardrails.check import Check, Run
from guardrails.config import guardrail


def built(kind: str, config: Mapping[str, object] | None = None) -> Check:
    """Build a check as `handrail.yaml` would."""
    (check,) = guardrail("any", {"checks": [{kind: config}], "action": "flag"}).checks
    assert isinstance(check, Check)
    return check


def found(check: Check, text: str) -> list[tuple[str, str]]:
    """Return what it finds in a text: rules and the characters they stand for."""
    return [(match.rule, text[match.start : match.end]) for match in check.find(Run(text))]


def values(check: Check, text: str) -> list[str]:
    """Return the characters that it finds in a text."""
    return [value for _, value in found(check, text)]

"""What a check of exchanges must keep: sound remarks, the same each time, and a subject left as it was."""

import msgspec

from guardrails.check import ExchangeCheck, Remark, Subject


def assert_examines(check: ExchangeCheck, subject: Subject) -> None:
    """Let a check examine a subject.

    Raises:
        AssertionError: it answers other than remarks, or differently the second time, or changes the subject.
    """
    assert isinstance(check, ExchangeCheck), "it has all that the port of such a check asks for"
    before = msgspec.json.encode(subject)
    remarks = list(check.examine(subject))
    for remark in remarks:
        assert isinstance(remark, Remark)
        assert remark.rule, "a remark says what it is about"
        assert 0 <= remark.score <= 1
    assert msgspec.json.encode(subject) == before, "it changes what it examines"
    assert list(check.examine(subject)) == remarks, "examine depends on the subject alone"

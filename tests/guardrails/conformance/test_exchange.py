"""The kit catches checks of exchanges that say different things of the same one."""

from collections.abc import Sequence

import pytest

from guardrails.check import Reads, Remark, Subject
from guardrails.conformance.exchange import assert_examines
from guardrails.conversation import Conversation
from guardrails.verdict import Side

SUBJECT = Subject(Side.INPUT, Conversation(model="gpt-4o", metadata={"team": "a"}))


class Models:
    """Finds every model."""

    kind = "models"
    reads: frozenset[Reads] = frozenset({"request"})

    def __init__(self) -> None:
        self.asked = 0

    def examine(self, subject: Subject) -> Sequence[Remark]:
        self.asked += 1
        return [Remark("unlisted", "model")]


class Wavering(Models):
    def examine(self, subject: Subject) -> Sequence[Remark]:
        return list(super().examine(subject)) * (self.asked % 2)


class Meddling(Models):
    def examine(self, subject: Subject) -> Sequence[Remark]:
        subject.conversation.metadata["seen"] = "yes"  # type: ignore[index]  # the point
        return []


class Nameless(Models):
    def examine(self, subject: Subject) -> Sequence[Remark]:
        return [Remark("", "model")]


def test_a_sound_check_passes() -> None:
    assert_examines(Models(), SUBJECT)


@pytest.mark.parametrize("broken", [Wavering, Meddling, Nameless])
def test_an_unsound_check_is_caught(broken: type[Models]) -> None:
    with pytest.raises(AssertionError):
        assert_examines(broken(), Subject(Side.INPUT, Conversation(metadata={"team": "a"})))

"""Small checks about conversations and exchanges, for tests of the engine."""

import asyncio
from collections.abc import Callable, Sequence

from guardrails import Check, Conversation, PartKind, Remark, Subject
from guardrails.check import Reads
from tests.guardrails.planted import Word


class Named:
    """Finds the model's name in texts."""

    kind = "named"
    redactable = True

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.bound: list[Conversation] = []

    def of(self, conversation: Conversation) -> Check:
        self.bound.append(conversation)
        if self._error is not None:
            raise self._error
        return Word("name", conversation.model or "nothing", triggered=False)


class Examiner:
    """Says about exchanges what it is told to."""

    kind = "examiner"

    def __init__(self, reads: Reads, say: Callable[[Subject], Sequence[Remark]]) -> None:
        self.reads: frozenset[Reads] = frozenset({reads})
        self._say = say
        self.asked: list[Subject] = []

    def examine(self, subject: Subject) -> Sequence[Remark]:
        self.asked.append(subject)
        return self._say(subject)


class Considers:
    """An examiner that asks another service.

    Args:
        say: what that answers, or raises.
        delay_s: after how long.
    """

    kind = "considers"

    def __init__(
        self, reads: Reads, say: Callable[[Subject], Sequence[Remark]], *, delay_s: float = 0
    ) -> None:
        self.reads: frozenset[Reads] = frozenset({reads})
        self._say = say
        self._delay_s = delay_s
        self.asked: list[Subject] = []

    async def consider(self, subject: Subject) -> Sequence[Remark]:
        self.asked.append(subject)
        await asyncio.sleep(self._delay_s)
        return self._say(subject)


def forbidden_call(subject: Subject) -> Sequence[Remark]:
    return [Remark("tool", call.path) for call in subject.calls if call.name == "rm"]


def too_long(subject: Subject) -> Sequence[Remark]:
    length = sum(len(part.text) for part in subject.parts if part.kind is PartKind.TEXT)
    return [Remark("length", "answer")] if length > 10 else []

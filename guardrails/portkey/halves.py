"""The two halves of a webhook: it gives a verdict, and it may send another text.

In a hook the verdict blocks or flags and the text redacts, which are two guardrails. Both ask the one check
behind them, which remembers what it was told.
"""

from collections.abc import Sequence
from typing import Literal

from guardrails.check import Match, Passage
from guardrails.portkey.webhook import CHANGED, Webhook


class VerdictsOf:
    """Finds what the service says no to.

    Args:
        check: who asks it.
    """

    redactable = True

    def __init__(self, check: Webhook) -> None:
        self.kind = check.kind
        self.unit: Literal["sentence", "text"] = check.unit
        self._check = check

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return the match of a false verdict."""
        return [match for match in await self._check.judge(passage) if match.rule != CHANGED]


class ChangesOf:
    """Finds what the service changes, whatever its verdict.

    Args:
        check: who asks it.
    """

    redactable = True

    def __init__(self, check: Webhook) -> None:
        self.kind = check.kind
        self.unit: Literal["sentence", "text"] = check.unit
        self._check = check

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return the match whose replacement the service has sent."""
        return [match for match in await self._check.judge(passage) if match.replacement is not None]

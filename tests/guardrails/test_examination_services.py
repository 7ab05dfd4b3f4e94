"""Services that are asked about an exchange are asked at once."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from guardrails import Action, Engine, Part, Remark, Subject
from tests.guardrails.planted import policy

KEY = b"key"


class _Told:
    """Tells another service, which takes a while."""

    reads: frozenset[Literal["request", "calls", "texts"]] = frozenset({"request"})

    def __init__(self, kind: str, delay_s: float) -> None:
        self.kind = kind
        self._delay_s = delay_s

    async def consider(self, subject: Subject) -> Sequence[Remark]:
        await asyncio.sleep(self._delay_s)
        return []


async def test_services_that_are_asked_at_once_count_once() -> None:
    engine = Engine([policy(_Told("a", 0.2), _Told("b", 0.2), action=Action.BLOCK, timeout_s=0.3)], KEY)
    (verdict,) = (await engine.screen([Part("a", "text")])).verdicts
    assert verdict.error is None
    assert 0.19e9 < verdict.duration_ns < 0.39e9

"""Services that are asked about an exchange are asked at once."""

import asyncio
import time
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
        self.took_ns = 0

    async def consider(self, subject: Subject) -> Sequence[Remark]:
        begun = time.perf_counter_ns()
        await asyncio.sleep(self._delay_s)
        self.took_ns = time.perf_counter_ns() - begun
        return []


async def test_services_that_are_asked_at_once_count_once_and_also_if_they_find_nothing() -> None:
    first, second = _Told("a", 0.2), _Told("b", 0.2)
    engine = Engine([policy(first, second, action=Action.BLOCK, timeout_s=60)], KEY)
    (verdict,) = (await engine.screen([Part("a", "text")])).verdicts
    assert verdict.error is None
    assert max(first.took_ns, second.took_ns) <= verdict.duration_ns < first.took_ns + second.took_ns

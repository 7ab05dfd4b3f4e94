"""However a request or an answer is cut, screening it leaves the event loop to others in between."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine, Sequence

from guardrails import Action, Engine, Match, Part, Run
from guardrails.config import guardrail
from guardrails.pace import CHARACTERS_A_TURN, Pace
from tests.guardrails.planted import Word, policy

KEY = b"key of the tests"
PERSONAL = "Jane Doe, jane.doe@example.com, +44 20 7946 0958, 4111 1111 1111 1111; " * 14
"""1 kB in which every other word is a finding."""
REQUEST = [Part(f"messages[{i}].content", PERSONAL) for i in range(2_000_000 // len(PERSONAL))]
SPEC: dict[str, object] = {"checks": [{"pii": {}}, {"secrets": {}}], "timeout_ms": 600_000}


class Heartbeat:
    """Ticks as often as the loop lets it while a coroutine runs.

    What it counts is this thread's CPU time, without collections of garbage: neither what else the machine
    does nor what all other tests have left in memory is the coroutine's doing.
    """

    def __init__(self) -> None:
        self.ticks = 0
        self.longest_s = 0.0

    async def beside(self, work: Coroutine[object, object, object]) -> None:
        gc.disable()
        try:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work)
                while not task.done():
                    begun = time.thread_time()
                    await asyncio.sleep(0)
                    self.ticks += 1
                    self.longest_s = max(self.longest_s, time.thread_time() - begun)
        finally:
            gc.enable()

    def assert_kept_ticking(self) -> None:
        assert self.ticks >= 2_000_000 // CHARACTERS_A_TURN
        assert self.longest_s < 0.5


async def test_the_loop_runs_while_a_request_of_many_parts_is_screened() -> None:
    engine = Engine([guardrail("privacy", SPEC | {"action": "redact"})], KEY)
    heartbeat = Heartbeat()
    await heartbeat.beside(engine.screen(REQUEST))
    heartbeat.assert_kept_ticking()


async def test_the_loop_runs_while_a_request_of_many_parts_is_observed() -> None:
    engine = Engine([guardrail("privacy", SPEC | {"action": "flag"})], KEY)
    screening = await engine.screen(REQUEST)
    heartbeat = Heartbeat()
    await heartbeat.beside(engine.observe(REQUEST, screening))
    heartbeat.assert_kept_ticking()


async def test_the_loop_runs_while_an_answer_of_many_texts_is_observed() -> None:
    screen = Engine([guardrail("privacy", SPEC | {"action": "flag"})], KEY).output()
    for part in REQUEST:
        await screen.feed(part)
    heartbeat = Heartbeat()
    await heartbeat.beside(screen.close())
    heartbeat.assert_kept_ticking()


async def test_the_loop_runs_while_empty_parts_are_screened() -> None:
    engine = Engine([policy(Word("any", "x", triggered=False))], KEY)
    heartbeat = Heartbeat()
    await heartbeat.beside(engine.screen([Part("", "")] * 10_000))
    assert heartbeat.ticks >= 50


async def test_a_short_request_waits_for_nobody() -> None:
    engine = Engine([policy(Word("any", "x", triggered=False))], KEY)
    heartbeat = Heartbeat()
    await heartbeat.beside(engine.screen([Part("", "x" * 1_000)] * 3))
    assert heartbeat.ticks == 1


async def test_time_that_went_to_others_is_not_time_spent_in_checks() -> None:
    class Silent(Word):
        def find(self, run: Run) -> Sequence[Match]:
            return []

    async def others(done: Callable[[], bool]) -> None:
        while not done():
            _hold_the_loop(0.02)
            await asyncio.sleep(0)

    engine = Engine([policy(Silent("never", "never"), action=Action.BLOCK)], KEY)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(engine.screen([Part("", "word " * 200)] * 100))
        group.create_task(others(task.done))
    assert 0 < task.result().verdicts[0].duration_ns < 100_000_000


async def test_the_pace_knows_how_long_it_waited() -> None:
    async def other() -> None:
        _hold_the_loop(0.01)

    pace = Pace()
    async with asyncio.TaskGroup() as group:
        group.create_task(other())
        await pace.keep(CHARACTERS_A_TURN // 2)
        assert pace.waited_ns == 0
        await pace.keep(CHARACTERS_A_TURN // 2)
    assert pace.waited_ns >= 10_000_000


def _hold_the_loop(duration_s: float) -> None:
    time.sleep(duration_s)


async def test_ten_megabytes_are_judged_to_their_end() -> None:
    checks = [{"pii": {}}, {"secrets": {}}, {"words": {"deny": ["bluebird"]}}, {"urls": {}}, {"encoded": {}}]
    spec = {"checks": [*checks, {"injection": {}}], "action": "block", "timeout_ms": 60_000}
    engine = Engine([guardrail("g", spec)], KEY)
    prose = "The committee met on Tuesday, as it always does, and looked at the plans for the harbour. "
    text = prose * (10_000_000 // len(prose))
    begun_s = time.process_time()
    screening = await engine.screen([Part("a", text), Part("b", text + "4111 1111 1111 1111")])
    assert time.process_time() - begun_s < 10
    assert screening.blocked is not None
    assert [(one.rule, one.part, one.start) for one in screening.blocked.findings] == [
        ("card", "b", len(text))
    ]

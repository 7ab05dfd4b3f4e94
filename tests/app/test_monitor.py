"""Monitor mode, for every kind of check: no answer waits for it or changes, and its verdicts are kept."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing

import pytest

from app.domain.events import Event, ToolArguments, ToolCallStarted
from app.policy import Policy
from guardrails import (
    Action,
    AnyCheck,
    Check,
    Conversation,
    Decision,
    Guardrail,
    Match,
    Mode,
    OnError,
    Passage,
    Remark,
    Run,
    Side,
    Subject,
)
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.exchanges import Examiner, Named
from tests.guardrails.planted import Broken, Judge, Word
from tests.pipelines import Bench, body, stream_and_whole

WORD = "forbidden"
ANSWER = answer_of("a ", "forb", "idden")
CALL = [
    ANSWER[0],
    ToolCallStarted(0, 0, {"id": "1", "type": "function", "function": {"name": WORD}}),
    ToolArguments(0, 0, "{}"),
    *ANSWER[-2:],
]


class Told(Named):
    """Finds what the conversation is about."""

    def of(self, conversation: Conversation) -> Check:
        self.bound.append(conversation)
        return Word("word", WORD, triggered=False)


class Finding(Judge):
    """Finds the word after a while."""

    async def judge(self, passage: Passage) -> Sequence[Match]:
        await super().judge(passage)
        at = passage.text.find(WORD)
        return [Match("word", at, at + len(WORD))] if at >= 0 else []


def remarked(subject: Subject) -> list[Remark]:
    """Remark upon the word wherever it stands."""
    texts = [Remark("word", part.path) for part in subject.parts if WORD in part.text]
    return texts + [Remark("word", call.path) for call in subject.calls if call.name == WORD]


PORTS: dict[str, Callable[[], AnyCheck]] = {
    "local": lambda: Word("word", WORD),
    "conversation": Told,
    "remote": Finding,
    "exchange, texts": lambda: Examiner("texts", remarked),
    "exchange, calls": lambda: Examiner("calls", remarked),
}
every_port = pytest.mark.parametrize("port", PORTS)


def bench_of(check: AnyCheck | None, mode: Mode, action: Action, *, calls: bool = False) -> Bench:
    bench = Bench(FakeProvider(*(CALL if calls else ANSWER)))
    if check is not None:
        guard = Guardrail("guard", frozenset(Side), (check,), action, mode, OnError.BLOCK, timeout_s=30)
        bench.pipeline.policy = Policy([guard], b"key", "v1")
    return bench


async def answered(bench: Bench, sent: bytes) -> tuple[list[Event], float]:
    """Run an exchange; return what is released, and after how many seconds."""
    begun = time.perf_counter()
    async with aclosing(bench.pipeline.begin(bench.call(sent)).events()) as events:
        released = [event async for event in events]
    took = time.perf_counter() - begun
    assert bench.records.taken == [] or not bench.pipeline.later._tasks
    await bench.pipeline.later.settle()
    return released, took


@stream_and_whole
@every_port
@pytest.mark.parametrize("calls", [False, True], ids=["text", "call"])
@pytest.mark.parametrize("action", [Action.BLOCK, Action.FLAG])
async def test_it_changes_nothing(port: str, action: Action, calls: bool, stream: bool) -> None:
    bare, _ = await answered(bench_of(None, Mode.MONITOR, action, calls=calls), body(WORD, stream=stream))
    bench = bench_of(PORTS[port](), Mode.MONITOR, action, calls=calls)
    watched, _ = await answered(bench, body(WORD, stream=stream))
    assert watched == bare
    assert bench.record.status_code == 200
    assert bench.record.coverage.released == bench.record.coverage.received


class SlowWord(Word):
    """Takes its time."""

    def __init__(self) -> None:
        super().__init__("word", WORD, triggered=False)

    def find(self, run: Run) -> Sequence[Match]:
        time.sleep(0.2 if run.text in {"hi", "a forbidden"} else 0)
        return []

    def is_open(self, text: str, start: int) -> bool:
        raise AssertionError(text)


class SlowTold(Told):
    """Takes its time, too."""

    def of(self, conversation: Conversation) -> Check:
        if conversation.model:
            time.sleep(0.2)
        return SlowWord()


def _slow_remarks(subject: Subject) -> list[Remark]:
    time.sleep(0.2)
    return []


SLOW: dict[str, Callable[[], AnyCheck]] = {
    "local": SlowWord,
    "remote": lambda: Judge(delay_s=0.3),
    "exchange, texts": lambda: Examiner("texts", _slow_remarks),
    "exchange, calls": lambda: Examiner("calls", _slow_remarks),
    "conversation": SlowTold,
}


@stream_and_whole
@pytest.mark.parametrize("port", SLOW)
async def test_it_delays_nothing(port: str, stream: bool) -> None:
    bench = bench_of(SLOW[port](), Mode.MONITOR, Action.BLOCK, calls=port == "exchange, calls")
    _, took = await answered(bench, body(stream=stream))
    assert took < 0.15
    await asyncio.sleep(0)
    assert {verdict.side for verdict in bench.record.verdicts} == set(Side)


def found(bench: Bench, side: Side) -> list[tuple[str, str, str, int, int, str]]:
    return [
        (one.check, one.rule, one.part, one.start, one.end, one.fingerprint)
        for verdict in bench.record.verdicts
        if verdict.side is side
        for one in verdict.findings
    ]


@stream_and_whole
@every_port
async def test_its_verdict_on_a_request_is_that_of_one_that_enforces(port: str, stream: bool) -> None:
    enforcing, monitoring = (bench_of(PORTS[port](), mode, Action.BLOCK) for mode in Mode)
    for bench in (enforcing, monitoring):
        await answered(bench, body(f"say {WORD}", stream=stream))
    assert found(monitoring, Side.INPUT) == found(enforcing, Side.INPUT)
    (enforced,), (watched, _) = enforcing.record.verdicts[:1], monitoring.record.verdicts
    assert watched.decision is enforced.decision
    assert watched.complete


@stream_and_whole
@every_port
@pytest.mark.parametrize("calls", [False, True], ids=["text", "call"])
async def test_its_verdict_on_an_answer_is_that_of_one_that_enforces(
    port: str, calls: bool, stream: bool
) -> None:
    enforcing, monitoring = (bench_of(PORTS[port](), mode, Action.BLOCK, calls=calls) for mode in Mode)
    for bench in (enforcing, monitoring):
        await answered(bench, body("hi", stream=stream))
    assert found(monitoring, Side.OUTPUT) == found(enforcing, Side.OUTPUT)
    enforced, watched = enforcing.record.verdicts[1], monitoring.record.verdicts[1]
    assert watched.decision is enforced.decision
    assert (watched.blocked, watched.mode) == (False, Mode.MONITOR)
    is_text_port = port in {"local", "conversation", "remote", "exchange, texts"}
    assert (watched.decision is Decision.BLOCK) == (
        port == "exchange, calls" if calls else is_text_port
    ) or calls


def _raise(subject: Subject) -> list[Remark]:
    raise KeyError


BROKEN: dict[str, Callable[[], AnyCheck]] = {
    "local": lambda: Broken(KeyError(), opens=True),
    "conversation": lambda: Named(KeyError()),
    "remote": lambda: Judge(error=KeyError()),
    "exchange, texts": lambda: Examiner("texts", _raise),
    "exchange, calls": lambda: Examiner("calls", _raise),
}


@stream_and_whole
@pytest.mark.parametrize("port", BROKEN)
async def test_its_failure_is_on_record_and_ends_nothing(port: str, stream: bool) -> None:
    bare, _ = await answered(bench_of(None, Mode.MONITOR, Action.BLOCK), body(stream=stream))
    bench = bench_of(BROKEN[port](), Mode.MONITOR, Action.BLOCK)
    watched, _ = await answered(bench, body(stream=stream))
    assert watched == bare
    failed = (Decision.ERROR, "KeyError", False)
    expected = [failed, (Decision.PASS, None, False)] if port == "exchange, calls" else [failed] * 2
    assert [(one.decision, one.error, one.blocked) for one in bench.record.verdicts] == expected

"""Guardrails about more than texts, through the whole pipeline."""

from collections.abc import Sequence

import pytest

from app.domain.events import (
    Blocked,
    ChoiceFinished,
    Extra,
    ProviderEvent,
    Started,
    ToolArguments,
    ToolCallStarted,
)
from app.domain.exchange import Outcome
from app.policy import Policy
from guardrails import Action, AnyCheck, Guardrail, Mode, Remark, Side, Subject
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.exchanges import Examiner, Named, forbidden_call, too_long
from tests.pipelines import Bench, body, stream_and_whole, text_of

CALLS: list[ProviderEvent] = [
    Started({"id": "chatcmpl-1", "created": 1, "model": "fake-2026"}),
    ToolCallStarted(0, 0, {"id": "1", "type": "function", "function": {"name": "ls"}}),
    ToolArguments(0, 0, '{"a"'),
    ToolArguments(0, 0, ":1}"),
    ToolCallStarted(0, 1, {"id": "2", "type": "custom", "custom": {"name": "rm"}}),
    ToolArguments(0, 1, "all"),
    ChoiceFinished(0, "tool_calls", {}),
]


def guarded(bench: Bench, *checks: AnyCheck, mode: Mode = Mode.ENFORCE) -> Bench:
    guard = Guardrail("guard", frozenset(Side), checks, Action.BLOCK, mode)
    bench.pipeline.policy = Policy([guard], b"key", "v1")
    return bench


def nothing(subject: Subject) -> Sequence[Remark]:
    return ()


@stream_and_whole
async def test_a_forbidden_call_leaves_with_no_other(stream: bool) -> None:
    examiner = Examiner("calls", forbidden_call)
    bench = guarded(Bench(FakeProvider(*CALLS)), examiner)
    released = await bench.run(body(stream=stream))
    assert isinstance(released[-1], Blocked)
    assert not [one for one in released if isinstance(one, ToolCallStarted | ToolArguments)]
    assert bench.record.outcome is Outcome.BLOCKED_OUTPUT
    (finding,) = bench.record.verdicts[1].findings
    assert finding.part == "choices[0].message.tool_calls[1].custom"
    assert [(call.name, call.arguments) for call in examiner.asked[-1].calls] == [
        ("ls", '{"a":1}'),
        ("rm", "all"),
    ]


@stream_and_whole
async def test_a_legacy_call_is_a_call(stream: bool) -> None:
    events = [CALLS[0], ToolCallStarted(0, -1, {"name": "rm"}), ToolArguments(0, -1, "{}"), CALLS[-1]]
    bench = guarded(Bench(FakeProvider(*events)), Examiner("calls", forbidden_call))
    assert isinstance((await bench.run(body(stream=stream)))[-1], Blocked)
    assert bench.record.verdicts[1].findings[0].part == "choices[0].message.function_call"


@stream_and_whole
async def test_a_call_among_fields_that_nobody_expects_is_a_call(stream: bool) -> None:
    stray = {"tool_calls": [{"index": 7, "function": {"name": "rm", "arguments": "{}"}}]}
    provider = FakeProvider(*CALLS[:4], Extra(0, stray), CALLS[-1])
    bench = guarded(Bench(provider), Examiner("calls", forbidden_call))
    assert isinstance((await bench.run(body(stream=stream)))[-1], Blocked)
    for junk in ({"tool_calls": 3}, {"tool_calls": [3, {"function": 3}, {"index": 0}]}):
        bench = guarded(
            Bench(FakeProvider(*CALLS[:4], Extra(0, junk), CALLS[-1])), Examiner("calls", nothing)
        )
        assert not isinstance((await bench.run(body(stream=stream)))[-1], Blocked)


@stream_and_whole
async def test_nothing_of_an_answer_leaves_before_all_of_it_was_read(stream: bool) -> None:
    bench = guarded(Bench(FakeProvider(*answer_of("hello ", "hello ", "x"))), Examiner("texts", too_long))
    released = await bench.run(body("hi", stream=stream))
    assert isinstance(released[-1], Blocked)
    assert text_of(released) == ""
    assert (bench.record.coverage.received, bench.record.coverage.released) == (13, 0)


@stream_and_whole
async def test_an_answer_that_was_read_leaves_whole(stream: bool) -> None:
    bench = guarded(Bench(FakeProvider(*answer_of("hel", "lo"))), Examiner("texts", too_long))
    assert text_of(await bench.run(body("hi", stream=stream))) == "hello"
    assert all(verdict.complete for verdict in bench.record.verdicts)
    assert bench.record.coverage.released == 5


@stream_and_whole
async def test_the_conversation_is_known_on_both_sides(stream: bool) -> None:
    named, examiner = Named(), Examiner("texts", nothing)
    bench = guarded(Bench(FakeProvider(*answer_of("ok"))), named, examiner)
    tools = [{"type": "function", "function": {"name": "ls"}}]
    sent = body(stream=stream, tools=tools, metadata={"team": "a"})
    await bench.run(sent, headers=((b"x-a", b"1"),))
    for subject in examiner.asked:
        known = subject.conversation
        assert (known.model, known.metadata, known.headers) == ("@fake/m", {"team": "a"}, {})
        assert [tool.name for tool in known.tools] == ["ls"]
        assert known.parts[0].text == "hi"
    assert [subject.side for subject in examiner.asked] == [Side.INPUT, Side.OUTPUT]
    assert {one.model for one in named.bound} == {"", "@fake/m"}


async def test_headers_that_a_check_reads_are_told() -> None:
    class Reading(Examiner):
        headers = frozenset({"x-a"})

    examiner = Reading("request", nothing)
    bench = guarded(Bench(FakeProvider(*answer_of("ok"))), examiner)
    await bench.run(body(), headers=((b"x-a", b"1"), (b"x-b", b"2")))
    assert examiner.asked[0].conversation.headers == {"x-a": "1"}


@stream_and_whole
@pytest.mark.parametrize("reads", ["request", "calls", "texts"])
async def test_metadata_beside_a_request_is_no_second_request(stream: bool, reads: str) -> None:
    examiner = Examiner(reads, nothing)  # type: ignore[arg-type]
    bench = guarded(Bench(FakeProvider(*answer_of("ok"))), examiner)
    await bench.run(body(stream=stream), metadata={"team": "a"})
    assert [subject.side for subject in examiner.asked].count(Side.INPUT) == 1
    assert bench.record.metadata == {"team": "a"}


@stream_and_whole
async def test_one_that_observes_sees_the_calls_and_holds_none(stream: bool) -> None:
    examiner = Examiner("calls", forbidden_call)
    bench = guarded(Bench(FakeProvider(*CALLS)), examiner, mode=Mode.MONITOR)
    released = await bench.run(body(stream=stream))
    assert [one for one in released if isinstance(one, ToolCallStarted)] == [CALLS[1], CALLS[4]]
    assert [len(verdict.findings) for verdict in bench.record.verdicts] == [0, 1]

"""Checks about exchanges are asked once a request, and of an answer about what is complete."""

import threading
import time
from collections.abc import Sequence

import msgspec
import pytest

from guardrails import (
    Action,
    Conversation,
    Coverage,
    Decision,
    Engine,
    Mode,
    OnError,
    Part,
    Remark,
    Side,
    Subject,
    ToolCall,
)
from guardrails.vault import Vault
from tests.guardrails.exchanges import Considers, Examiner, Named, forbidden_call, too_long
from tests.guardrails.planted import Judge, Word, policy

KEY = b"key of the tests"
SAID = Conversation(model="@fake/m", calls=(ToolCall("messages[1].tool_calls[0].function", "ls", "{}"),))
PARTS = [Part("messages[0].content", "hello there")]
RM = ToolCall("choices[0].message.tool_calls[0].function", "rm", "{}")
LS = ToolCall("choices[0].message.tool_calls[1].function", "ls", "{}")
TEXT = Part("choices[0].message.content", "hello", role="assistant")


def say_model(subject: Subject) -> list[Remark]:
    return [Remark("model", "model", 0.5)]


async def test_a_remark_about_a_request_is_a_finding_and_blocks() -> None:
    examiner, judge = Examiner("request", say_model), Judge()
    engine = Engine([policy(examiner, judge, action=Action.BLOCK)], KEY)
    screening = await engine.screen(PARTS, SAID)
    assert screening.blocked is not None
    (finding,) = screening.blocked.findings
    assert (finding.check, finding.rule, finding.part) == ("examiner", "model", "model")
    assert (finding.start, finding.end, finding.score) == (0, 0, 0.5)
    (subject,) = examiner.asked
    assert (subject.conversation, list(subject.parts), subject.calls) == (SAID, PARTS, SAID.calls)
    assert judge.judged == []


async def test_a_flag_lets_the_request_pass_and_says_so() -> None:
    examiner = Examiner("request", say_model)
    engine = Engine([policy(examiner, action=Action.FLAG)], KEY)
    screening = await engine.screen(PARTS, SAID)
    assert screening.blocked is None
    (verdict,) = await engine.observe(PARTS, screening, SAID)
    assert (verdict.decision, len(verdict.findings)) == (Decision.FLAG, 1)


async def test_texts_that_are_no_request_ask_nobody_about_one() -> None:
    examiner = Examiner("request", say_model)
    engine = Engine([policy(examiner, Named(), action=Action.BLOCK)], KEY)
    vault = Vault(KEY)
    screening = await engine.screen_texts(PARTS, SAID, vault=vault)
    assert (screening.blocked, examiner.asked) == (None, [])
    assert screening.vault is vault
    screening = await engine.screen_texts([Part("x", "ask @fake/m")], SAID)
    assert screening.blocked is not None
    assert [finding.rule for finding in screening.blocked.findings] == ["name"]


@pytest.mark.parametrize("on_error", list(OnError))
async def test_a_failure_follows_on_error(on_error: OnError) -> None:
    def fail(subject: Subject) -> list[Remark]:
        raise KeyError

    engine = Engine([policy(Examiner("request", fail), action=Action.BLOCK, on_error=on_error)], KEY)
    screening = await engine.screen(PARTS, SAID)
    assert screening.verdicts[0].error == "KeyError"
    assert (screening.blocked is not None) == (on_error is OnError.BLOCK)


@pytest.mark.parametrize(
    "answer",
    [3, [3], [Remark(3, "model")], [Remark("model", 3)], [Remark("model", "m", "x")]],  # type: ignore[arg-type]
    ids=repr,
)
async def test_rubbish_is_an_error(answer: object) -> None:
    examiner = Examiner("request", lambda _: answer)  # type: ignore[arg-type,return-value]
    screening = await Engine([policy(examiner, action=Action.BLOCK)], KEY).screen(PARTS, SAID)
    assert screening.verdicts[0].error == "UnsoundRemarks"


async def test_a_long_subject_is_examined_in_time_or_not_at_all() -> None:
    def sleep(subject: Subject) -> list[Remark]:
        time.sleep(0.2)
        return []

    slow = policy(Examiner("request", sleep), action=Action.BLOCK, timeout_s=0.02)
    begun = time.perf_counter()
    screening = await Engine([slow], KEY).screen([Part("messages[0].content", "x" * 20_000)], SAID)
    assert time.perf_counter() - begun < 0.15
    assert screening.verdicts[0].error == "timeout"


async def test_a_forbidden_call_is_not_released_and_is_reported_once() -> None:
    examiner = Examiner("calls", forbidden_call)
    screen = Engine([policy(examiner, action=Action.BLOCK)], KEY).output(SAID)
    assert await screen.feed(TEXT) == "hello"
    await screen.examine([])
    assert examiner.asked == []
    await screen.examine([LS])
    assert not screen.verdicts()[0].blocked
    await screen.examine([RM])
    (verdict,) = screen.verdicts()
    assert screen.blocked == verdict
    assert [one.part for one in verdict.findings] == [RM.path]
    assert [subject.calls for subject in examiner.asked] == [(LS,), (LS, RM)]
    assert {(one.side, one.conversation.model) for one in examiner.asked} == {(Side.OUTPUT, "@fake/m")}
    await screen.examine([RM])
    assert len(examiner.asked) == 2


async def test_what_was_said_before_is_not_kept_twice() -> None:
    screen = Engine(
        [policy(Examiner("calls", forbidden_call), action=Action.BLOCK, mode=Mode.MONITOR)], KEY
    ).output(SAID)
    await screen.examine([RM])
    await screen.examine([LS])
    assert screen.blocked is None
    await screen.close()
    (verdict,) = screen.verdicts()
    assert (verdict.decision, len(verdict.findings), verdict.complete) == (Decision.BLOCK, 1, True)


async def test_an_answer_is_held_for_a_check_that_reads_all_of_it() -> None:
    examiner = Examiner("texts", too_long)
    screen = Engine([policy(examiner, action=Action.BLOCK)], KEY).output(SAID)
    assert screen.holds_answer
    assert await screen.feed(TEXT) == ""
    assert await screen.feed(Part(TEXT.path, " hello", role="assistant")) == ""
    assert await screen.finish(TEXT.path) == "hello hello"
    assert not screen.verdicts()[0].complete
    await screen.complete()
    assert screen.blocked is not None
    assert screen.coverage == Coverage(11, 0, 0)
    assert [part.text for part in examiner.asked[0].parts] == ["hello hello"]


async def test_a_check_of_calls_and_texts_is_asked_when_both_are_there() -> None:
    examiner = Examiner("calls", too_long)
    examiner.reads = frozenset({"calls", "texts"})
    screen = Engine([policy(examiner, action=Action.BLOCK)], KEY).output(SAID)
    await screen.examine([LS])
    assert examiner.asked == []


async def test_an_answer_that_is_fine_goes_out_when_it_is_complete() -> None:
    examiner = Examiner("texts", too_long)
    screen = Engine([policy(examiner, action=Action.BLOCK)], KEY).output(SAID)
    await screen.feed(TEXT)
    await screen.finish(TEXT.path)
    await screen.complete()
    assert (screen.blocked, screen.coverage) == (None, Coverage(5, 5, 5))
    assert screen.verdicts()[0].complete
    await screen.complete()
    assert len(examiner.asked) == 1


async def test_an_observing_check_holds_nothing_and_sees_everything_in_the_end() -> None:
    examiner = Examiner("texts", too_long)
    screen = Engine([policy(examiner, action=Action.BLOCK, mode=Mode.MONITOR)], KEY).output(SAID)
    assert not screen.holds_answer
    assert await screen.feed(Part(TEXT.path, "hello hello", role="assistant")) == "hello hello"
    await screen.examine([LS])
    assert examiner.asked == []
    await screen.finish(TEXT.path)
    await screen.complete()
    await screen.close()
    (subject,) = examiner.asked
    assert subject.calls == (LS,)
    assert screen.verdicts()[0].decision is Decision.BLOCK


async def test_a_check_of_requests_is_not_asked_about_answers() -> None:
    examiner = Examiner("request", say_model)
    screen = Engine([policy(examiner, action=Action.BLOCK)], KEY).output(SAID)
    await screen.feed(TEXT)
    await screen.examine([RM])
    await screen.finish(TEXT.path)
    await screen.complete()
    assert (examiner.asked, screen.blocked) == ([], None)


async def test_remarks_beyond_those_kept_are_counted() -> None:
    examiner = Examiner("request", lambda _: [Remark("tool", f"tools[{i}]") for i in range(1_010)])
    screening = await Engine([policy(examiner, action=Action.BLOCK)], KEY).screen(PARTS, SAID)
    assert (len(screening.verdicts[0].findings), screening.verdicts[0].findings_dropped) == (1_000, 10)


def test_redacting_by_remarks_is_refused() -> None:
    with pytest.raises(ValueError, match="'examiner'"):
        Engine([policy(Examiner("request", say_model))], KEY)


async def test_other_findings_are_reported_beside_remarks() -> None:
    engine = Engine([policy(Examiner("request", say_model), Word("hi", "hello"), action=Action.BLOCK)], KEY)
    screening = await engine.screen(PARTS, SAID)
    assert [one.rule for one in screening.verdicts[0].findings] == ["model", "hi"]


async def test_services_are_asked_together_and_each_has_its_own_time() -> None:
    local = Examiner("request", lambda _: [])
    first, second = Considers("request", say_model, delay_s=0.05), Considers("request", say_model, delay_s=30)
    guardrails = [
        policy(first, local, name="a", action=Action.BLOCK, timeout_s=5),
        policy(second, name="b", action=Action.BLOCK, timeout_s=0.1),
    ]
    screening = await Engine(guardrails, KEY).screen(PARTS, SAID)
    assert [verdict.error for verdict in screening.verdicts] == [None, "timeout"]
    assert [finding.check for finding in screening.verdicts[0].findings] == ["considers"]
    assert len(local.asked) == 1
    for check in (first, second):
        ((subject, *_), count) = check.asked, len(check.asked)
        assert (subject.conversation, list(subject.parts), count) == (SAID, PARTS, 1)


async def test_another_model_is_examined_and_nothing_is_read_again() -> None:
    examiner = Examiner("request", lambda subject: say_model(subject) if subject.conversation.target else [])
    word = Word("hi", "hello", triggered=False)
    engine = Engine([policy(examiner, word, action=Action.BLOCK), policy(word)], KEY)
    assert engine.examines_requests
    target = Conversation(target="@other/m", parts=tuple(PARTS), calls=SAID.calls)
    screening = await engine.examine(target)
    assert word.asked == []
    assert screening.blocked == screening.verdicts[0]
    assert (screening.redacted, [one.side for one in screening.verdicts]) == ({}, [Side.INPUT] * 2)
    assert not screening.vault
    (subject,) = examiner.asked
    assert (subject.side, subject.conversation) == (Side.INPUT, target)
    assert (subject.parts, subject.calls) == (tuple(PARTS), SAID.calls)
    passed = await engine.examine(Conversation())
    assert (passed.blocked, passed.verdicts[0].decision) == (None, Decision.PASS)


async def test_every_model_that_was_tried_is_examined_by_observers_in_the_end() -> None:
    examiner = Examiner(
        "request", lambda subject: [Remark("model", subject.conversation.target)] * bool(subject.parts)
    )
    engine = Engine([policy(examiner, action=Action.FLAG)], KEY)
    targets = [
        Conversation(target="@a/m", parts=tuple(PARTS)),
        Conversation(target="@b/m", parts=tuple(PARTS)),
    ]
    screening = await engine.screen(PARTS, SAID)
    assert examiner.asked == []
    (verdict,) = await engine.observe(PARTS, screening, SAID, targets)
    assert [finding.part for finding in verdict.findings] == ["", "@a/m", "@b/m"]


async def test_observers_of_calls_read_no_texts_and_are_not_asked_about_none() -> None:
    examiner = Examiner("calls", forbidden_call)
    for calls in ((), (RM,)):
        screen = Engine([policy(examiner, action=Action.FLAG)], KEY).output(SAID)
        await screen.feed(TEXT)
        await screen.examine(calls)
        await screen.finish(TEXT.path)
        await screen.close()
        assert [(subject.parts, subject.calls) for subject in examiner.asked] == [((), (RM,))] * len(calls)


async def test_long_arguments_of_calls_are_examined_in_a_thread() -> None:
    threads: list[int] = []

    def note(subject: Subject) -> Sequence[Remark]:
        threads.append(threading.get_ident())
        return forbidden_call(subject)

    screen = Engine([policy(Examiner("calls", note), action=Action.BLOCK)], KEY).output(SAID)
    await screen.examine([LS])
    await screen.examine([msgspec.structs.replace(RM, arguments="x" * 20_000)])
    assert screen.blocked is not None
    assert screen.blocked.error is None
    assert [thread == threading.get_ident() for thread in threads] == [True, False]


async def test_texts_that_cannot_be_encoded_are_examined_all_the_same() -> None:
    examiner = Examiner("texts", too_long)
    engine = Engine([policy(examiner, action=Action.BLOCK)], KEY)
    parts = [Part("messages[0].content", "a\ud800b"), *PARTS]
    await engine.screen(parts, SAID)
    screen = engine.output(SAID)
    await screen.feed(Part(TEXT.path, "\udfff", role="assistant"))
    assert await screen.finish(TEXT.path) == "\udfff"
    await screen.complete()
    texts = [[part.text for part in subject.parts] for subject in examiner.asked]
    assert texts == [["a\ufffdb", "hello there"], ["\ufffd"]]

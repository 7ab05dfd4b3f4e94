"""Behind the gate a stream goes out passage by passage, once remote checks have judged what goes out.

That it agrees with the whole text is proven in `test_streams_of_remote_checks.py`.
"""

import asyncio
import time

import pytest

from guardrails import (
    Action,
    Coverage,
    Decision,
    Engine,
    Guardrail,
    Match,
    OnError,
    OutputScreen,
    Part,
    Passage,
)
from tests.guardrails.planted import Judge, Quote, Says, Word, policy
from tests.guardrails.streams import cut

KEY = b"key of the tests"
PATH = "choices[0].message.content"
FIRST = "This is the first sentence. "
SECOND = (
    "A second one stands here, and it is long enough to be judged alone, for it goes on and on about the "
    "harbour and the plans for it until nobody listens to it any more at all. "
)
REST = "And the end"
TEXT = FIRST + SECOND + REST


class Slow(Says):
    """Answers a moment later."""

    now = most = 0

    async def judge(self, passage: Passage) -> list[Match]:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.005)
        self.now -= 1
        await super().judge(passage)
        return self.says(passage.text, passage.before)


def screen_of(*guardrails: Guardrail, whole: bool = False) -> OutputScreen:
    return Engine(guardrails, KEY).output(whole=whole)


async def fed(screen: OutputScreen, text: str, size: int = 5) -> list[str]:
    """Return what had been released after every fragment, and in the end."""
    released = [""]
    for fragment in cut(text, [size]):
        released.append(released[-1] + await screen.feed(Part(PATH, fragment, role="assistant")))
    released.append(released[-1] + await screen.finish(PATH))
    return released


async def test_a_stream_goes_out_passage_by_passage() -> None:
    says = Says("rude", "rude")
    screen = screen_of(policy(says))
    assert set(await fed(screen, TEXT)) == {"", FIRST, FIRST + SECOND, TEXT}
    assert says.judged == [FIRST, SECOND, REST]
    assert screen.coverage == Coverage(len(TEXT), len(TEXT), len(TEXT))


async def test_nothing_goes_out_before_it_was_judged() -> None:
    seen: list[tuple[str, str]] = []
    screen = screen_of(policy(checked := Says("rude", "rude")))
    released = ""
    for fragment in cut(TEXT, [3]):
        released += await screen.feed(Part(PATH, fragment))
        seen.append((released, "".join(checked.judged)))
    assert all(out == judged for out, judged in seen)


async def test_the_text_before_a_passage_is_given_and_so_is_its_place() -> None:
    passages: list[Passage] = []

    class Noting(Says):
        async def judge(self, passage: Passage) -> list[Match]:
            passages.append(passage)
            return []

    await fed(screen_of(policy(Noting("rude", "rude"))), TEXT)
    assert [(one.start, one.before) for one in passages] == [
        (0, ""),
        (len(FIRST), FIRST),
        (len(FIRST + SECOND), FIRST + SECOND),
    ]
    assert {one.part.path for one in passages} == {PATH}


async def test_one_question_is_in_flight_while_passages_come_one_by_one() -> None:
    slow = Slow("rude", "rude")
    await fed(screen_of(policy(slow)), TEXT * 5)
    assert len(slow.judged) > 5
    assert slow.most == 1


async def test_passages_that_come_together_are_asked_about_together() -> None:
    for whole in (True, False):
        slow = Slow("rude", "rude")
        begun = time.perf_counter()
        await fed(screen_of(policy(slow, timeout_s=10), whole=whole), TEXT * 5, size=100_000)
        assert len(slow.judged) > 5
        assert slow.most > 1
        assert time.perf_counter() - begun < 1


async def test_a_block_drops_what_is_held_and_asks_no_more() -> None:
    says = Says("rude", "nobody listens")
    screen = screen_of(policy(says, action=Action.BLOCK))
    assert (await fed(screen, TEXT + "More. " * 100))[-1] == FIRST
    assert says.judged == [FIRST, SECOND]
    assert screen.blocked is not None
    (finding,) = screen.blocked.findings
    assert TEXT[finding.start : finding.end] == "nobody listens"
    assert screen.coverage.released == len(FIRST)


@pytest.mark.parametrize("size", [5, 100_000])
async def test_of_a_passage_with_a_local_block_nobody_is_asked(size: int) -> None:
    says = Says("rude", "second")
    screen = screen_of(
        policy(says, name="remote"), policy(Word("local", "harbour"), name="local", action=Action.BLOCK)
    )
    released = (await fed(screen, TEXT, size))[-1]
    assert released == (FIRST if size == 5 else "")
    assert says.judged == [FIRST]
    remote, local = screen.verdicts()
    assert (remote.findings, remote.complete) == ((), False)
    assert screen.blocked == local


@pytest.mark.parametrize("size", [5, 100_000])
async def test_a_remote_block_before_a_local_one_comes_first(size: int) -> None:
    screen = screen_of(
        policy(Says("rude", "first"), name="remote", action=Action.BLOCK),
        policy(Word("local", "harbour"), name="local", action=Action.BLOCK),
    )
    await fed(screen, TEXT, size)
    remote, local = screen.verdicts()
    assert screen.blocked == remote
    assert local.findings == ()


@pytest.mark.parametrize("size", [1, 5, 100_000])
async def test_a_redaction_over_the_end_of_a_passage_is_never_split(size: int) -> None:
    text = f"One says <{FIRST}and more> then. {SECOND}"
    screen = screen_of(policy(Quote(), name="local"), policy(Says("more", "and more> then"), name="remote"))
    steps = await fed(screen, text, size)
    assert steps[-1] == f"One says [QUOTE]. {SECOND}"
    assert all(step == "" or step.startswith("One says [QUOTE].") or step == "One says " for step in steps)


@pytest.mark.parametrize(("on_error", "last"), [(OnError.BLOCK, FIRST), (OnError.ALLOW, TEXT)])
async def test_an_error_follows_on_error_where_it_happens(on_error: OnError, last: str) -> None:
    class Failing(Says):
        async def judge(self, passage: Passage) -> list[Match]:
            if passage.start:
                raise ConnectionError
            return []

    screen = screen_of(policy(Failing("rude", "rude"), on_error=on_error))
    assert (await fed(screen, TEXT))[-1] == last
    (verdict,) = screen.verdicts()
    assert (verdict.decision, verdict.error) == (Decision.ERROR, "ConnectionError")
    assert verdict.blocked == (on_error is OnError.BLOCK)


async def test_an_error_behind_a_block_counts_for_nothing() -> None:
    class Failing(Says):
        async def judge(self, passage: Passage) -> list[Match]:
            if passage.start > len(FIRST):
                raise ConnectionError
            await asyncio.sleep(0.01)
            return self.says(passage.text, passage.before)

    failing = Failing("rude", "second")
    screen = screen_of(
        policy(failing, action=Action.BLOCK, on_error=OnError.ALLOW),
        policy(failing, on_error=OnError.ALLOW),
    )
    assert (await fed(screen, TEXT + SECOND, size=100_000))[-1] == ""
    assert [verdict.decision for verdict in screen.verdicts()] == [Decision.BLOCK, Decision.REDACT]


async def test_a_service_that_hangs_ends_the_stream_in_time() -> None:
    screen = screen_of(policy(Judge(delay_s=30), timeout_s=0.02))
    begun = time.perf_counter()
    assert (await fed(screen, TEXT))[-1] == ""
    assert time.perf_counter() - begun < 1
    assert screen.blocked is not None
    assert screen.blocked.error == "timeout"


async def test_every_passage_has_the_time_of_the_guardrail() -> None:
    slow = Slow("rude", "rude")
    screen = screen_of(policy(slow, timeout_s=0.5))
    assert (await fed(screen, TEXT * 5))[-1] == TEXT * 5
    (verdict,) = screen.verdicts()
    assert verdict.duration_ns > 5_000_000 * len(slow.judged)


async def test_a_check_of_whole_texts_holds_the_stream_to_its_end() -> None:
    by_sentence, textual = Says("rude", "rude"), Says("topic", "harbour", unit="text")
    screen = screen_of(policy(by_sentence, textual))
    steps = await fed(screen, TEXT)
    assert set(steps[:-1]) == {""}
    assert steps[-1] == TEXT.replace("harbour", "[TOPIC]")
    assert by_sentence.judged == [FIRST, SECOND, REST]
    assert textual.judged == [TEXT]


async def test_texts_side_by_side_have_gates_of_their_own() -> None:
    screen = screen_of(policy(Says("rude", "rude")))
    released = {"a": "", "b": ""}
    for left, right in zip(cut(TEXT, [4]), cut("rude " * 60, [4]), strict=False):
        released["a"] += await screen.feed(Part("a", left))
        released["b"] += await screen.feed(Part("b", right))
    for path in released:
        released[path] += await screen.finish(path)
    assert released["a"] == TEXT
    assert released["b"].startswith("[RUDE] [RUDE] ")


async def test_cancelling_a_feed_cancels_its_question() -> None:
    judge = Judge(delay_s=30)
    judge.unit = "sentence"
    screen = screen_of(policy(judge, timeout_s=60))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await screen.feed(Part(PATH, FIRST))
    assert judge.cancelled == 1

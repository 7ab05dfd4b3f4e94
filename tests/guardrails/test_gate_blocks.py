"""What a block or an error behind the gate ends, and what still counts beside it.

The counterpart is `test_gate.py`, about what goes out.
"""

import asyncio
import time
from collections.abc import Sequence

import pytest

from guardrails import Action, Decision, Guardrail, Match, OnError, OutputScreen, Part, Passage, Run
from tests.guardrails.planted import Broken, Says, Word, policy
from tests.guardrails.test_gate import FIRST, PATH, REST, SECOND, TEXT, fed, screen_of

ALL = 100_000
"""Characters: all of a text in one fragment."""


class Later(Says):
    """Answers when all that answer at once have done so."""

    async def judge(self, passage: Passage) -> list[Match]:
        await asyncio.sleep(0.01)
        await super().judge(passage)
        return self.says(passage.text, passage.before)


def blocking(*checks: Says | Word, name: str = "blocks") -> Guardrail:
    return policy(*checks, name=name, action=Action.BLOCK)


def found(screen: OutputScreen, name: str) -> list[str]:
    (verdict,) = (one for one in screen.verdicts() if one.guardrail == name)
    return [TEXT[one.start : one.end] for one in verdict.findings]


async def test_a_local_block_in_the_first_passage_ends_the_answer_where_it_stands() -> None:
    says = Says("rude", "rude")
    screen = screen_of(policy(says), blocking(Word("local", "the")))
    assert await screen.feed(Part(PATH, "This is the ")) == ""
    assert screen.blocked is not None
    assert says.judged == []


async def test_a_block_makes_passages_from_its_own_on_needless_and_earlier_ones_not() -> None:
    later = Later("late", "nothing")
    screen = screen_of(blocking(Says("rude", "harbour")), policy(later, name="later"))
    await fed(screen, TEXT, ALL)
    assert later.judged == [FIRST]


async def test_a_block_of_whole_texts_makes_passages_behind_its_place_needless() -> None:
    later = Later("late", "nothing")
    screen = screen_of(blocking(Says("topic", "And", unit="text")), policy(later, name="later"))
    await fed(screen, TEXT + SECOND, ALL)
    assert later.judged == [FIRST, SECOND]


async def test_a_block_of_a_passage_makes_whole_texts_needless() -> None:
    textual = Later("topic", "first", unit="text")
    screen = screen_of(blocking(Says("rude", "harbour")), policy(textual, name="later"))
    await fed(screen, TEXT, ALL)
    assert textual.judged == []


async def test_an_earlier_passage_may_block_after_a_later_one() -> None:
    screen = screen_of(blocking(Says("rude", "harbour"), Later("late", "first")))
    await fed(screen, TEXT, ALL)
    assert found(screen, "blocks") == ["first"]


@pytest.mark.parametrize("beside", [[], [blocking(Says("topic", "nobody", unit="text"), name="beside")]])
async def test_what_stands_in_the_passage_before_a_block_counts(beside: list[Guardrail]) -> None:
    told = policy(Says("told", "stands|plans"), name="told")
    screen = screen_of(blocking(Later("late", "harbour")), *beside, told)
    await fed(screen, TEXT, ALL)
    assert found(screen, "blocks") == ["harbour"]
    assert found(screen, "told") == ["stands"]


async def test_what_begins_where_a_block_does_counts() -> None:
    screen = screen_of(blocking(Later("late", "A second")), policy(Says("told", "A"), name="told"))
    await fed(screen, TEXT, ALL)
    assert found(screen, "told") == ["A"]


class Failing(Says):
    """Raises where its pattern is."""

    async def judge(self, passage: Passage) -> list[Match]:
        if self.says(passage.text, passage.before):
            raise ConnectionError
        return []


class FailingLater(Failing):
    """Does so a moment later."""

    async def judge(self, passage: Passage) -> list[Match]:
        await asyncio.sleep(0.01)
        return await super().judge(passage)


@pytest.mark.parametrize(
    "blocks",
    [
        [blocking(Later("late", "first"))],
        [blocking(Later("late", "first")), blocking(Says("topic", "nobody", unit="text"), name="beside")],
        [policy(FailingLater("late", "first"), name="blocks")],
    ],
)
async def test_an_error_behind_the_first_block_or_blocking_error_is_none(blocks: list[Guardrail]) -> None:
    screen = screen_of(*blocks, policy(Failing("fails", "harbour"), name="told", on_error=OnError.ALLOW))
    await fed(screen, TEXT, ALL)
    *_, told = screen.verdicts()
    assert screen.blocked == screen.verdicts()[0]
    assert (told.decision, told.error) == (Decision.PASS, None)


async def test_behind_an_error_that_is_allowed_everything_is_judged_as_ever() -> None:
    screen = screen_of(
        policy(Failing("fails", "first"), name="fails", on_error=OnError.ALLOW),
        policy(Says("place", "harbour"), name="redacts"),
    )
    assert (await fed(screen, TEXT, ALL))[-1] == TEXT.replace("harbour", "[PLACE]")


@pytest.mark.parametrize("on_error", list(OnError))
async def test_the_error_of_a_local_check_is_told_at_once(on_error: OnError) -> None:
    broken, says = Broken(KeyError("secret")), Says("rude", "rude")
    screen = screen_of(policy(broken, name="fails", on_error=on_error), policy(says))
    await screen.feed(Part(PATH, "This is "))
    assert screen.verdicts()[0].error == "KeyError"
    assert (screen.blocked is not None) == (on_error is OnError.BLOCK)
    assert says.judged == []


class Slow(Word):
    """Takes its time."""

    def find(self, run: Run) -> Sequence[Match]:
        time.sleep(0.001)
        return super().find(run)


async def test_the_time_of_local_checks_is_told() -> None:
    screen = screen_of(policy(Slow("word", "first"), name="slow"), policy(Says("rude", "rude")))
    await fed(screen, FIRST, 10)
    assert screen.verdicts()[0].duration_ns >= 1_000_000


class AtEnd(Word):
    """Finds where the text ends, which covers nothing."""

    def find(self, run: Run) -> Sequence[Match]:
        return [Match("end", len(run.text), len(run.text))] if run.last else []


async def test_what_is_found_behind_the_last_passage_is_found() -> None:
    screen = screen_of(policy(AtEnd("end", "x", triggered=False), name="end"), policy(Says("rude", "rude")))
    assert (await fed(screen, FIRST))[-1] == FIRST
    assert [finding.start for finding in screen.verdicts()[0].findings] == [len(FIRST)]


async def test_a_redaction_that_ends_with_its_passage_goes_out_with_it() -> None:
    screen = screen_of(policy(Says("end", "sentence. ")))
    assert await screen.feed(Part(PATH, FIRST + "A")) == "This is the first [END]"


async def test_a_check_may_not_find_anything_behind_a_passage_that_is_not_the_last() -> None:
    class Beyond(Says):
        async def judge(self, passage: Passage) -> list[Match]:
            return [Match("beyond", len(passage.text), len(passage.text))]

    screen = screen_of(policy(Beyond("beyond", "x"), on_error=OnError.ALLOW))
    await screen.feed(Part(PATH, FIRST + "A"))
    assert screen.verdicts()[0].error == "UnsoundMatches"
    at_end = screen_of(policy(Beyond("beyond", "x"), on_error=OnError.ALLOW))
    await fed(at_end, REST, ALL)
    assert at_end.verdicts()[0].error is None

"""A long text is asked about piece by piece, and gives what the whole gives."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from guardrails import Action, Check, Decision, Engine, Match, OnError, Part, Run
from guardrails.asking import Outcome
from guardrails.config import guardrail
from guardrails.panel import Panel
from guardrails.pieces import INLINE_LENGTH, ask_in_pieces
from guardrails.reader import Places, Questions
from guardrails.ruling import Outcomes
from guardrails.scope import Audience
from guardrails.view import AS_IT_IS_READ
from tests.guardrails.planted import Broken, Short, Whole, Word, policy

KEY = b"key"
LONG = 3 * INLINE_LENGTH
VALUES = (
    "Call (212) 555-0123 or write to jane.doe@example.com about 4111 1111 1111 1111, ",
    "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 and new\nyork; ",
    "Das ist ein langer Satz, in dem nichts steht. ",
    "中文。",
)
CHECKS: tuple[dict[str, object], ...] = (
    {"pii": {}},
    {"secrets": {}},
    {"words": {"deny": ["new york"]}},
    {"length": {"max_chars": 30_000}},
)


@pytest.mark.parametrize("shift", [0, 1, 37, 4_095])
@pytest.mark.parametrize("spec", CHECKS, ids=str)
async def test_a_long_text_gives_what_the_whole_gives(spec: dict[str, object], shift: int) -> None:
    text = ("x" * shift + " " + "".join(VALUES) * (LONG // 150))[:LONG]
    made = guardrail("g", {"checks": [spec], "action": "flag", "timeout_ms": 60_000})
    (check,) = made.checks
    assert isinstance(check, Check)
    panel = Panel([made])
    outcomes = await panel.ask_local(Run(text), panel.audience(Part("a", text)))
    assert list(outcomes[0].matches) == list(check.find(Run(text))) != []


async def test_whoever_must_see_the_whole_text_sees_it() -> None:
    whole = Whole()
    text = "a b " * (LONG // 4) + "xx"
    screening = await Engine([policy(whole)], KEY).screen([Part("a", text)])
    assert [(one.start, one.end) for one in screening.verdicts[0].findings] == [(len(text) - 2, len(text))]


async def test_the_end_is_asked_about_too() -> None:
    engine = Engine([policy(Short(2 * LONG), action=Action.BLOCK)], KEY)
    assert (await engine.screen([Part("a", "a b " * (LONG // 4))])).blocked is not None


class Noting(Word):
    """Notes which runs it is asked about; finds where a text ends, and fails on any with an `!`."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__("end", "x", triggered=False)
        self.runs: list[Run] = []
        self._broken = broken

    def find(self, run: Run) -> Sequence[Match]:
        self.runs.append(run)
        if "!" in run.text:
            raise KeyError
        return [Match("end", len(run.text), len(run.text))] if run.last else []

    def is_open(self, text: str, start: int) -> bool:
        if self._broken:
            raise KeyError
        return False


async def outcomes_of(run: Run, *checks: Noting) -> list[Outcome]:
    panel = Panel([policy(*checks, timeout_s=60)])
    said = await panel.ask_local(run, panel.audience(Part("a", run.text)))
    return [said.get(place, Outcome()) for place in range(len(checks))]


@pytest.mark.parametrize("unit", ["a b ", "x"])
@pytest.mark.parametrize("last", [True, False])
async def test_a_check_knows_where_a_piece_stands_and_whether_it_is_the_last(unit: str, last: bool) -> None:
    noting, text = Noting(), unit * (LONG // len(unit))
    (outcome,) = await outcomes_of(Run(text, 7, last), noting)
    assert [one.start for one in noting.runs] == [
        7 + sum(len(other.text) for other in noting.runs[:i]) for i in range(len(noting.runs))
    ]
    assert "".join(one.text for one in noting.runs) == text
    assert [one.last for one in noting.runs] == [False] * (len(noting.runs) - 1) + [last]
    assert [match.start for match in outcome.matches] == ([len(text)] if last else [])


async def test_a_failure_in_one_piece_is_one_of_the_text() -> None:
    (outcome,) = await outcomes_of(Run("a! " + "a b " * (LONG // 4)), noting := Noting())
    assert outcome.error == "KeyError"
    assert len(noting.runs) == 1


async def test_a_check_that_has_failed_is_not_asked_in_a_thread_either() -> None:
    broken, sound = Noting(broken=True), Noting()
    first, second = await outcomes_of(Run("a " + "x" * LONG), broken, sound)
    assert (first.error, second.error) == ("KeyError", None)
    assert (broken.runs, len(sound.runs) > 0) == ([], True)


async def test_looking_what_to_ask_may_take_no_longer_than_asking() -> None:
    class Lingering:
        """Takes its time to say who is to be asked."""

        local: tuple[Check, ...] = (Noting(),)

        def local_of(self, audience: Audience) -> tuple[Check, ...]:
            return self.local

        def places(self, check: Check, audience: Audience) -> tuple[int, ...]:
            return (0,)

        def questions(self, text: str, audience: Audience, due: Places | None = None) -> Questions:
            time.sleep(0.05)
            return {}

        def time_left_s(self, place: int, outcomes: Outcomes) -> float:
            return 0.005

    audience = Audience(frozenset({0}), (0,), (), is_everybody=True)
    outcomes = await ask_in_pieces(Lingering(), Run("x" * LONG), audience)
    assert [one.error for one in outcomes.values()] == ["timeout"]


class Slow(Word):
    """Takes some milliseconds for each run."""

    def find(self, run: Run) -> Sequence[Match]:
        self.asked.append("")
        time.sleep(0.005)
        return []


async def test_time_runs_out_in_the_middle_and_for_all_checks_of_a_guardrail_alike() -> None:
    slow = Slow("slow", "s", triggered=False)
    text = "see a@b " + "and so on " * (LONG // 10) + "c@d"
    hasty = policy(slow, Word("email", r"\w+@\w+"), name="hasty", timeout_s=0.02, on_error=OnError.ALLOW)
    patient = policy(Word("mail", r"\w+@\w+"), name="patient")
    screening = await Engine([hasty, patient], KEY).screen([Part("a", text)])
    assert [verdict.decision for verdict in screening.verdicts] == [Decision.ERROR, Decision.REDACT]
    assert [one.start for one in screening.verdicts[0].findings] == [4], "what was found by then"
    assert [one.start for one in screening.verdicts[1].findings] == [4, len(text) - 3]
    assert len(slow.asked) < 10, "nobody goes on once the time is up"


async def test_others_have_their_turn_in_between() -> None:
    slow = Slow("slow", "s", triggered=False)
    turns = 0
    async with asyncio.TaskGroup() as group:
        task = group.create_task(
            Engine([policy(slow, timeout_s=60)], KEY).screen([Part("a", "and so on " * (LONG // 10))])
        )
        while not task.done():
            turns += 1
            await asyncio.sleep(0)
    assert turns > len(slow.asked) > 5


async def test_a_check_that_fails_to_say_whether_a_match_is_open_has_failed() -> None:
    engine = Engine([policy(Broken(KeyError("x"), opens=True), name="broken")], KEY)
    screening = await engine.screen([Part("a", "a c " * (LONG // 4))])
    assert screening.blocked is not None
    assert screening.blocked.error == "KeyError"


async def test_what_is_open_only_as_it_is_read_is_not_looked_at_again_and_again() -> None:
    looked = 0

    class Counting(Word):
        views = AS_IT_IS_READ

        def is_open(self, text: str, start: int) -> bool:
            nonlocal looked
            looked += len(text)
            return False

    text = "\uff11\uff12 " * (8 * INLINE_LENGTH)
    await Engine([policy(Counting("w", "zz"), timeout_s=60)], KEY).screen([Part("a", text)])
    assert looked < 4 * len(text)

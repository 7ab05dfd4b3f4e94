"""A replay is added up by effect, guardrail, check and rule, and each exchange counts once in the totals."""

import pytest

from app.replaying.bodies import Missing
from app.replaying.comparison import Comparison, Counts, Failure
from app.replaying.effects import Effect, Mark, marks
from app.replaying.replay import Replayed, ReplayedSide
from guardrails import Action, Decision, Mode, Side, Verdict
from tests.exchanges import finding, verdict

BLOCKED = {"decision": Decision.BLOCK, "action": Action.BLOCK, "blocked": True}
PLACE = "messages[0].content"
REDACTS = verdict(Side.INPUT, finding(PLACE, 0, 4))
BLOCKS = verdict(Side.INPUT, finding(PLACE, 0, 4, rule="card"), **BLOCKED, guardrail="strict")
WATCHES = verdict(
    Side.OUTPUT, finding("user", 0, 4), mode=Mode.MONITOR, decision=Decision.BLOCK, guardrail="watch"
)
FAILS = verdict(Side.INPUT, decision=Decision.ERROR, error="timeout", blocked=True, guardrail="slow")


def counted(*exchanges: tuple[ReplayedSide, ...], samples: int = 9) -> Comparison:
    done = Comparison(samples)
    for i, sides in enumerate(exchanges):
        done.add(Replayed(str(i), f"trace {i}", sides))
    return done


def asked(then: tuple[Verdict, ...], now: tuple[Verdict, ...] = ()) -> ReplayedSide:
    return ReplayedSide(Side.INPUT, then, now)


def test_every_change_has_its_column() -> None:
    unknown = ReplayedSide(Side.INPUT, (REDACTS,), unknown=marks([REDACTS]), may=frozenset({Effect.REDACTED}))
    done = counted(
        (asked((), (REDACTS,)),),
        (asked((REDACTS,)),),
        (asked((REDACTS,)),),
        (asked((REDACTS,), (REDACTS,)),),
        (unknown,),
    )
    expected = Counts(new=1, gone=2, same=1, unknown=1)
    assert (expected.before, expected.now) == (4, 2)
    of = (Effect.REDACTED, Side.INPUT, "privacy")
    assert [*done.rows()] == [
        (Mark(*of), expected),
        (Mark(*of, "pii"), expected),
        (Mark(*of, "pii", "email"), expected),
    ]
    assert done.totals[Effect.REDACTED] == expected
    assert (done.exchanges, done.heard[Side.INPUT]) == (5, 5)


def test_an_exchange_that_another_guardrail_blocks_now_is_blocked_as_before() -> None:
    done = counted((asked((BLOCKS,), (verdict(Side.INPUT, **BLOCKED, guardrail="new"),)),))
    assert done.totals[Effect.BLOCKED] == Counts(same=1)
    assert {mark.guardrail: counts for mark, counts in done.rows() if mark.is_whole} == {
        "new": Counts(new=1),
        "strict": Counts(gone=1),
    }


def test_an_exchange_counts_once_however_many_of_its_sides_change() -> None:
    answered = ReplayedSide(Side.OUTPUT, (), (verdict(Side.OUTPUT, finding("user", 0, 4)),))
    done = counted((asked((), (REDACTS,)), answered))
    assert done.totals[Effect.REDACTED] == Counts(new=1)
    assert [counts for mark, counts in done.rows() if mark.is_whole] == [Counts(new=1), Counts(new=1)]


def test_what_is_only_watched_is_never_counted_as_blocked() -> None:
    done = counted((ReplayedSide(Side.OUTPUT, (), (WATCHES,)),))
    assert done.totals[Effect.WOULD_BLOCK] == Counts(new=1)
    assert done.totals[Effect.BLOCKED] == Counts()


def test_checks_that_failed_are_counted_beside_what_they_blocked() -> None:
    lenient = verdict(Side.INPUT, decision=Decision.ERROR, error="timeout", guardrail="slow")
    done = counted((asked((), (FAILS,)),), (asked((lenient,), (lenient,)),), (asked((lenient,)),))
    failure = Failure("slow", Side.INPUT, "timeout")
    assert done.failures == {failure: Counts(new=1, same=1, gone=1)}
    assert done.failures_blocked[failure] == 1
    assert done.totals[Effect.BLOCKED] == Counts(new=1)


def test_what_was_not_heard_is_counted_by_why() -> None:
    gone = ReplayedSide(Side.OUTPUT, (), missing=Missing.ERASED)
    done = counted((gone,), (gone,))
    done.add(Replayed("x", "t", missing=Missing.REJECTED))
    assert done.missing == {(Side.OUTPUT, Missing.ERASED): 2, (None, Missing.REJECTED): 1}
    assert (done.exchanges, done.heard.total()) == (3, 0)


def test_bodies_that_were_changed_before_are_counted_by_exchange() -> None:
    sides = tuple(ReplayedSide(side, (), is_redacted=True) for side in Side)
    done = counted(sides, (ReplayedSide(Side.OUTPUT, (), is_altered=True),))
    assert (done.redacted, done.altered) == (1, 1)


@pytest.mark.parametrize("most", [0, 2])
def test_there_are_so_many_samples_of_each_kind_of_change(most: int) -> None:
    done = counted(*((asked((), (REDACTS,)),) for _ in range(4)), (asked((REDACTS,)),), samples=most)
    assert [one.change for one in done.samples] == (most * ["new"] + ["gone"] if most else [])
    assert [one.exchange_id for one in done.samples if one.change == "new"] == ["0", "1"][:most]

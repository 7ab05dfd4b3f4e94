"""Remote checks are asked last, together, a few at a time, and no longer than it takes somebody to block."""

import asyncio
import time
from collections.abc import Sequence
from typing import Literal

import msgspec
import pytest

from guardrails import Action, Decision, Engine, Match, Mode, OnError, Part, Passage
from guardrails.scope import EVERYTHING, Scope
from tests.guardrails.planted import Groups, Judge, Word, policy

KEY = b"key of the tests"
EMAIL = Word("email", r"\w+@\w+")
NUMBER = Groups("number", "[0-9]")


def parts(*texts: str) -> list[Part]:
    return [Part(f"messages[{i}].content", text) for i, text in enumerate(texts)]


async def test_a_local_block_comes_before_any_remote_question() -> None:
    judge = Judge([Match("jailbreak", 0, 1)])
    engine = Engine(
        [policy(judge, name="remote", action=Action.BLOCK), policy(EMAIL, action=Action.BLOCK)], KEY
    )
    screening = await engine.screen(parts("me@here"))
    assert judge.judged == []
    assert screening.blocked == screening.verdicts[1]
    assert screening.verdicts[0].decision is Decision.PASS
    assert not screening.verdicts[0].complete
    assert screening.verdicts[1].complete


async def test_remote_checks_are_asked_together_about_every_part() -> None:
    judges = [Judge(delay_s=0.05), Judge([Match("name", 0, 2)], delay_s=0.05)]
    begun = time.perf_counter()
    screening = await Engine([policy(judge) for judge in judges], KEY).screen(parts("ab", "cd", "ef"))
    assert time.perf_counter() - begun < 0.25
    assert all(sorted(judge.judged) == ["ab", "cd", "ef"] for judge in judges)
    assert set(screening.redacted.values()) == {"[NAME]"}
    assert 40_000_000 < screening.verdicts[0].duration_ns < 1_000_000_000


async def test_the_first_remote_block_cancels_the_others() -> None:
    slow = Judge([Match("late", 0, 1)], delay_s=30)
    fast = Judge([Match("jailbreak", 0, 1)], delay_s=0.01)
    guardrails = [policy(slow, name="slow", action=Action.BLOCK, timeout_s=60),
                  policy(fast, name="fast", action=Action.BLOCK),
                  policy(slow, EMAIL, name="mixed", timeout_s=60)]  # fmt: skip
    screening = await Engine(guardrails, KEY).screen(parts("me@here"))
    assert slow.cancelled == 1
    assert screening.blocked == screening.verdicts[1]
    assert [(v.decision, v.error, v.complete) for v in screening.verdicts] == [
        (Decision.PASS, None, False),
        (Decision.BLOCK, None, True),
        (Decision.REDACT, None, False),
    ]


async def test_a_remote_error_that_blocks_cancels_the_others_and_one_that_allows_does_not() -> None:
    slow = Judge([Match("late", 0, 1)], delay_s=0.1)
    failing = Judge(error=ConnectionError("http://guard.internal"))
    asked = policy(slow, name="slow")
    blocked = await Engine([asked, policy(failing)], KEY).screen(parts("ab"))
    assert blocked.blocked == blocked.verdicts[1]
    assert slow.cancelled == 1
    allowed = await Engine([asked, policy(failing, on_error=OnError.ALLOW)], KEY).screen(parts("ab"))
    assert allowed.blocked is None
    assert allowed.verdicts[1].error == "ConnectionError"
    assert allowed.redacted == {"messages[0].content": "[LATE]b"}


async def test_a_remote_check_that_hangs_is_a_timeout() -> None:
    screening = await Engine([policy(Judge(delay_s=30), timeout_s=0.02)], KEY).screen(parts("ab"))
    assert screening.verdicts[0].error == "timeout"
    assert screening.blocked == screening.verdicts[0]


async def test_questions_to_a_remote_check_are_bounded() -> None:
    class Busy(Judge):
        now = most = 0

        async def judge(self, passage: Passage) -> Sequence[Match]:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            return []

    busy = Busy()
    await Engine([policy(busy)], KEY).screen(parts(*("text" for _ in range(100))))
    assert busy.most == 16


async def test_a_check_that_guardrails_share_is_asked_once() -> None:
    local, remote = Word("email", r"\w+@\w+"), Judge()
    await Engine([policy(local, remote), policy(remote, local)], KEY).screen(parts("me@here"))
    assert local.asked == ["me@here"]
    assert remote.judged == ["me@here"]


async def test_cancelling_a_screening_cancels_its_questions() -> None:
    judge = Judge(delay_s=30)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Engine([policy(judge, timeout_s=60)], KEY).screen(parts("ab", "cd")))
        await asyncio.sleep(0.01)
        task.cancel()
    assert task.cancelled()
    assert judge.cancelled == 2


async def test_waiting_for_its_turn_counts_as_time_of_a_remote_check() -> None:
    dead = Judge(delay_s=30)
    guardrail = policy(dead, timeout_s=0.2, on_error=OnError.ALLOW)
    screening = await Engine([guardrail], KEY).screen(parts(*("text" for _ in range(160))))
    assert screening.verdicts[0].error == "timeout"
    assert len(dead.judged) < 80, "those whose turn had not come ran out of time beside the others"


async def test_a_remote_check_that_hangs_takes_no_turn_from_another() -> None:
    all_asked = asyncio.Event()

    class Hanging(Judge):
        async def judge(self, passage: Passage) -> Sequence[Match]:
            await all_asked.wait()
            return []

    class Sound(Judge):
        async def judge(self, passage: Passage) -> Sequence[Match]:
            self.judged.append(passage.text)
            if len(self.judged) == 100:
                all_asked.set()
            return []

    guardrails = [policy(Hanging(), name="hangs", timeout_s=5), policy(Sound(), name="sound", timeout_s=5)]
    screening = await Engine(guardrails, KEY).screen(parts(*("text" for _ in range(100))))
    assert [verdict.error for verdict in screening.verdicts] == [None, None]


async def test_questions_under_way_at_once_take_their_time_once() -> None:
    slow = policy(Judge(delay_s=0.1), timeout_s=10)
    screening = await Engine([slow], KEY).screen(parts(*("text" for _ in range(32))))
    assert 190_000_000 < screening.verdicts[0].duration_ns < 1_000_000_000


@pytest.mark.parametrize("unit", ["sentence", "text"])
async def test_remote_checks_that_may_wait_are_left_to_the_rest(unit: Literal["sentence", "text"]) -> None:
    early, late, both = Judge(), Judge([Match("late", 0, 1)]), Judge()
    early.unit = late.unit = both.unit = unit
    guardrails = [
        policy(early, both, name="before", action=Action.BLOCK),
        msgspec.structs.replace(policy(late, both, name="during", action=Action.BLOCK), during=True),
    ]
    screening = await Engine(guardrails, KEY).screen(parts("ab"), defers=True)
    assert (early.judged, both.judged, late.judged) == (["ab"], ["ab"], [])
    assert screening.blocked is None
    assert [verdict.complete for verdict in screening.verdicts] == [True, False]
    assert screening.rest is not None
    rest = await screening.rest()
    assert late.judged == ["ab"]
    assert rest.blocked == rest.verdicts[1]
    assert [verdict.complete for verdict in rest.verdicts] == [True, True]
    assert (early.judged, both.judged, rest.rest) == (["ab"], ["ab"], None)


async def test_the_rest_of_which_nothing_blocks_is_over() -> None:
    during = msgspec.structs.replace(policy(Judge(), action=Action.BLOCK), during=True)
    screening = await Engine([during], KEY).screen(parts("ab"), defers=True)
    assert screening.rest is not None
    rest = await screening.rest()
    assert (rest.blocked, rest.rest, rest.verdicts[0].complete) == (None, None, True)


async def test_who_was_not_heard_about_every_part_of_the_rest_is_not_complete() -> None:
    class Slow(Judge):
        async def judge(self, passage: Passage) -> Sequence[Match]:
            await asyncio.sleep(30 if passage.text == "ab" else 0)
            return []

    guardrails = [
        msgspec.structs.replace(policy(check, action=Action.BLOCK, timeout_s=60), during=True, scope=scope)
        for check, scope in (
            (Slow(), EVERYTHING),
            (Judge([Match("bad", 0, 1)], delay_s=0.02), Scope(frozenset({"tool"}))),
        )
    ]
    asked = [*parts("ab", "cd"), Part("tool", "x", role="tool")]
    screening = await Engine(guardrails, KEY).screen(asked, defers=True)
    assert screening.rest is not None
    rest = await screening.rest()
    assert [(one.complete, one.blocked) for one in rest.verdicts] == [(False, False), (True, True)]


async def test_who_was_not_asked_about_one_of_many_parts_has_not_heard_all() -> None:
    users = msgspec.structs.replace(policy(Judge(), name="remote"), scope=Scope(frozenset({"user"})))
    request = [Part("a", "ab", role="user"), Part("b", "me@here", role="system")]
    screening = await Engine([users, policy(EMAIL, action=Action.BLOCK)], KEY).screen(request)
    assert [verdict.complete for verdict in screening.verdicts] == [False, True]


async def test_observers_are_asked_all_at_once_also_where_they_might_wait() -> None:
    judge = Judge()
    watching = msgspec.structs.replace(policy(judge, mode=Mode.MONITOR), during=True)
    engine = Engine([watching], KEY)
    await engine.observe(parts("ab"), await engine.screen(parts("ab"), defers=True))
    assert judge.judged == ["ab"]


async def test_nothing_is_left_where_something_blocks_or_nobody_may_wait() -> None:
    during = msgspec.structs.replace(policy(Judge(), action=Action.BLOCK), during=True)
    blocking = Engine([during, policy(EMAIL, action=Action.BLOCK)], KEY)
    assert (await blocking.screen(parts("me@here"), defers=True)).rest is None
    assert (await Engine([during], KEY).screen(parts("ab"))).rest is None
    assert (await Engine([policy(Judge())], KEY).screen(parts("ab"), defers=True)).rest is None


async def test_of_a_name_no_other_service_is_asked() -> None:
    judge = Judge()
    engine = Engine([policy(judge)], b"key")
    await engine.screen_texts([Part("model", "a name")], local=True)
    assert judge.judged == []
    await engine.screen_texts([Part("document", "a text")])
    assert judge.judged == ["a text"]


async def test_texts_beside_a_request_wait_for_nobody_later() -> None:
    judge = Judge()
    during = msgspec.structs.replace(policy(judge, action=Action.BLOCK), during=True)
    screening = await Engine([during], KEY).screen_texts([Part("document", "a text")])
    assert judge.judged == ["a text"]
    assert screening.rest is None

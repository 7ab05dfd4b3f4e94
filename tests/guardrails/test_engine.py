"""The engine screens requests: all parts, all guardrails, local before remote; silence never passes."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from guardrails import Action, Decision, Engine, Guardrail, Match, OnError, Part, Run, Side, Vault
from tests.guardrails.planted import Broken, Groups, Judge, Short, Word, policy

KEY = b"key of the tests"
EMAIL = Word("email", r"\w+@\w+")
NUMBER = Groups("number", "[0-9]")


def parts(*texts: str) -> list[Part]:
    return [Part(f"messages[{i}].content", text) for i, text in enumerate(texts)]


async def test_every_part_is_screened_by_every_input_guardrail() -> None:
    engine = Engine([policy(EMAIL, name="a"), policy(NUMBER, EMAIL, name="b")], KEY)
    screening = await engine.screen(parts("me@here", "clean", "7 and you@there"))
    assert screening.blocked is None
    assert [(verdict.guardrail, verdict.decision) for verdict in screening.verdicts] == [
        ("a", Decision.REDACT),
        ("b", Decision.REDACT),
    ]
    assert [(f.check, f.rule, f.part, f.start, f.end) for f in screening.verdicts[1].findings] == [
        ("word", "email", "messages[0].content", 0, 7),
        ("groups", "number", "messages[2].content", 0, 1),
        ("word", "email", "messages[2].content", 6, 15),
    ]
    assert screening.redacted == {
        "messages[0].content": "[EMAIL]",
        "messages[2].content": "[NUMBER] and [EMAIL]",
    }


async def test_guardrails_of_the_other_side_are_not_asked() -> None:
    engine = Engine([Guardrail("out", frozenset({Side.OUTPUT}), (EMAIL,), Action.BLOCK)], KEY)
    screening = await engine.screen(parts("me@here"))
    assert screening.verdicts == ()
    assert screening.blocked is None


async def test_where_nobody_hears_requests_nothing_stands_for_anything() -> None:
    engine, vault = Engine([], KEY), Vault(KEY)
    for given in (None, vault):
        screening = await engine.screen_texts(parts("me@here"), vault=given)
        assert (screening.verdicts, screening.redacted, screening.blocked) == ((), {}, None)
        assert not screening.vault
        assert given is None or screening.vault is given


async def test_a_clean_request_passes_and_no_check_is_asked() -> None:
    check = Word("email", r"\w+@\w+")
    before = time.time_ns()
    screening = await Engine([policy(check)], KEY).screen(parts("clean", "as well"))
    verdict = screening.verdicts[0]
    assert verdict.decision is Decision.PASS
    assert verdict.complete
    assert before <= verdict.started_ns <= time.time_ns()
    assert verdict.duration_ns > 0
    assert screening.redacted == {}
    assert check.asked == []


async def test_a_request_without_parts_passes() -> None:
    screening = await Engine([policy(EMAIL), policy(Judge())], KEY).screen([])
    assert [verdict.decision for verdict in screening.verdicts] == [Decision.PASS, Decision.PASS]


async def test_equal_values_have_equal_fingerprints_and_nothing_holds_the_value() -> None:
    screening = await Engine([policy(NUMBER)], KEY).screen(parts("4111 1111 x 41111111"))
    first, second = screening.verdicts[0].findings
    assert first.fingerprint == second.fingerprint
    assert "4111" not in repr(screening.verdicts)


async def test_a_block_is_the_first_in_order_of_the_guardrails_and_all_findings_are_reported() -> None:
    engine = Engine(
        [policy(NUMBER, name="redacts"), policy(EMAIL, name="blocks", action=Action.BLOCK),
         policy(NUMBER, name="blocks too", action=Action.BLOCK)],
        KEY,
    )  # fmt: skip
    screening = await engine.screen(parts("1 2 a@b", "c@d"))
    assert screening.blocked == screening.verdicts[1]
    assert [verdict.blocked for verdict in screening.verdicts] == [False, True, True]
    assert [len(verdict.findings) for verdict in screening.verdicts] == [1, 2, 1]
    assert all(verdict.complete for verdict in screening.verdicts)


async def test_two_redactions_compose() -> None:
    engine = Engine([policy(NUMBER, name="a"), policy(EMAIL, Word("key", "sk-[a-z0-9]+"), name="b")], KEY)
    screening = await engine.screen(parts("7 8 for a1@b1 with sk-77"))
    assert screening.redacted == {"messages[0].content": "[NUMBER] for [EMAIL] with [KEY]"}


@pytest.mark.parametrize("action", [Action.BLOCK, Action.REDACT])
async def test_an_error_blocks_unless_told_otherwise(action: Action) -> None:
    broken = Broken(ValueError("secret"))
    blocking = await Engine([policy(broken, EMAIL, action=action)], KEY).screen(parts("clean"))
    assert blocking.blocked == blocking.verdicts[0]
    assert blocking.verdicts[0].decision is Decision.ERROR
    assert blocking.verdicts[0].error == "ValueError"
    allowing = await Engine([policy(broken, action=action, on_error=OnError.ALLOW)], KEY).screen(
        parts("clean")
    )
    assert allowing.blocked is None
    assert allowing.verdicts[0].decision is Decision.ERROR


async def test_an_error_does_not_stop_the_checks_beside_it() -> None:
    broken = Broken(ValueError("secret"))
    redacting = await Engine([policy(broken, EMAIL, on_error=OnError.ALLOW)], KEY).screen(parts("me@here"))
    assert redacting.verdicts[0].decision is Decision.ERROR
    assert redacting.redacted == {"messages[0].content": "[EMAIL]"}
    blocking = policy(broken, EMAIL, action=Action.BLOCK, on_error=OnError.ALLOW)
    screening = await Engine([blocking], KEY).screen(parts("me@here"))
    assert screening.verdicts[0].decision is Decision.BLOCK
    assert screening.verdicts[0].blocked


async def test_a_local_check_that_took_too_long_is_an_error_though_it_answered() -> None:
    class Slow(Word):
        def find(self, run: Run) -> Sequence[Match]:
            time.sleep(0.02)
            return []

    slow = Slow("slow", "s", triggered=False)
    engine = Engine([policy(slow, name="strict", timeout_s=0.01), policy(slow, name="patient")], KEY)
    screening = await engine.screen(parts("text"))
    assert [(verdict.decision, verdict.error) for verdict in screening.verdicts] == [
        (Decision.ERROR, "timeout"),
        (Decision.PASS, None),
    ]


async def test_a_long_word_is_scanned_beside_the_loop_and_in_time() -> None:
    released = threading.Event()

    class Stuck(Word):
        def find(self, run: Run) -> Sequence[Match]:
            released.wait(30)
            return []

    stuck = Stuck("stuck", "s", triggered=False)
    engine = Engine([policy(stuck, name="stuck", timeout_s=0.05), policy(EMAIL, name="email")], KEY)
    ticks = 0
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(engine.screen(parts("-" * 70_000 + " a@b")))
            while not task.done():
                ticks += 1
                await asyncio.sleep(0.001)
    finally:
        released.set()
    screening = task.result()
    assert ticks > 5
    assert [(verdict.decision, verdict.error) for verdict in screening.verdicts] == [
        (Decision.ERROR, "timeout"),
        (Decision.REDACT, None),
    ]


async def test_the_checks_of_a_guardrail_share_its_time() -> None:
    released = threading.Event()

    class Stuck(Word):
        def find(self, run: Run) -> Sequence[Match]:
            self.asked.append("")
            released.wait(30)
            return []

    checks = [Stuck("stuck", "s", triggered=False) for _ in range(3)]
    try:
        screening = await Engine([policy(*checks, timeout_s=0.02)], KEY).screen(parts("-" * 70_000))
    finally:
        released.set()
    assert screening.verdicts[0].error == "timeout"
    assert [len(check.asked) for check in checks] == [1, 0, 0]


async def test_a_lone_surrogate_is_scanned_and_kept() -> None:
    screening = await Engine([policy(EMAIL)], KEY).screen(parts("\ud83d me@here"))
    assert screening.redacted == {"messages[0].content": "\ud83d [EMAIL]"}


def test_a_guardrail_cannot_redact_what_covers_no_characters() -> None:
    with pytest.raises(ValueError, match="guardrail 'size' cannot redact what 'short' finds"):
        Engine([policy(Short(3), name="size")], KEY)

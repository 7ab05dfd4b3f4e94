"""A panel asks what its guardrails need, once, and says what follows for a text."""

import time
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, Check, ConversationCheck, Guardrail, Match, Mode, OnError, Part, Run, Side
from guardrails.asking import Outcome
from guardrails.conformance.texts import TEXTS
from guardrails.judging import judge
from guardrails.panel import Panel
from guardrails.scope import Scope
from guardrails.view import AS_IT_IS_READ, View
from guardrails.window import Window
from tests.guardrails.every_check import CONVERSATION, built
from tests.guardrails.planted import Broken, Groups, Judge, Line, Word, everybody, policy

EMAIL = Word("email", r"\w+@\w+")
NUMBER = Groups("number", "[0-9]")


LOCAL = [
    check for checks in built().values() for check in checks if isinstance(check, Check | ConversationCheck)
]


@settings(deadline=None)
@given(
    chosen=st.lists(st.sampled_from(LOCAL), min_size=1, max_size=5, unique_by=id),
    scoped=st.lists(st.booleans(), min_size=5, max_size=5),
    chunks=st.lists(TEXTS | st.sampled_from(["\u200b", "&#", "%4", "a ", " "]), max_size=5),
    size=st.integers(1, 7),
)
def test_its_windows_cut_where_those_do_that_ask_everybody(
    chosen: list[Check | ConversationCheck], scoped: list[bool], chunks: list[str], size: int
) -> None:
    scopes = [Scope(frozenset({"assistant"})) if one else Scope() for one in scoped]
    guardrails = [
        Guardrail(f"g{i}", frozenset({Side.OUTPUT}), (check,), action=Action.FLAG, scope=scope)
        for i, (check, scope) in enumerate(zip([*chosen, chosen[0]], scopes, strict=False))
    ]
    panel = Panel(guardrails, streams=True).of(CONVERSATION)
    for role in ("assistant", "user"):
        audience = panel.audience(Part("a", "", role=role))
        quick, plain = panel.window(audience, whole=False), Window(panel.local_of(audience))
        text = "".join(chunks)
        for piece in (text[at : at + size] for at in range(0, len(text), size)):
            assert quick.feed(piece) == plain.feed(piece)
        assert quick.finish() == plain.finish()


async def test_where_a_text_is_blocked_is_where_the_first_blocking_match_begins() -> None:
    panel = Panel(
        [policy(Line(), NUMBER), policy(EMAIL, action=Action.BLOCK), policy(Line(), action=Action.BLOCK)]
    )
    assert panel.block_at(await panel.ask_local(Run("1 2 3"), everybody(panel))) is None
    assert panel.block_at(await panel.ask_local(Run("1 BEGIN a@b"), everybody(panel))) == 2
    assert panel.block_at(await panel.ask_local(Run("1 a@b BEGIN"), everybody(panel))) == 2


async def test_an_error_that_blocks_blocks_at_the_start() -> None:
    checks = (Broken(ValueError()), EMAIL)
    assert [
        panel.block_at(await panel.ask_local(Run("1 a@b"), everybody(panel)))
        for panel in (
            Panel([policy(*checks, action=Action.BLOCK)]),
            Panel([policy(*checks, action=Action.BLOCK, on_error=OnError.ALLOW)]),
            Panel([policy(*checks, on_error=OnError.ALLOW)]),
            Panel([policy(*checks, mode=Mode.MONITOR)]),
        )
    ] == [0, 2, None, None]


async def test_only_enforced_redactions_count() -> None:
    panel = Panel([policy(EMAIL, mode=Mode.MONITOR), policy(Line(), action=Action.FLAG), policy(NUMBER)])
    assert panel.redactions(await panel.ask_local(Run("BEGIN a@b 7"), everybody(panel))) == [
        Match("number", 10, 11)
    ]


async def test_findings_of_a_guardrail_are_in_order_of_the_text() -> None:
    panel = Panel([policy(EMAIL, NUMBER, Line())])
    found = panel.found(0, await panel.ask_local(Run("7 a@b BEGIN c@d"), everybody(panel)))
    assert [(item.check, item.match.start) for item in found] == [
        ("groups", 0), ("word", 2), ("line", 6), ("word", 12),
    ]  # fmt: skip


def test_time_in_remote_checks_counts_once_and_in_local_ones_adds_up() -> None:
    panel = Panel([policy(EMAIL, Judge(), NUMBER, Judge(), timeout_s=1)])
    outcomes = {place: Outcome(duration_ns=400_000_000) for place in range(4)}
    assert panel.duration_ns(0, outcomes) == 1_200_000_000
    assert panel.error(0, outcomes) == "timeout"
    del outcomes[3]
    assert panel.duration_ns(0, outcomes) == 1_200_000_000
    assert panel.error(0, outcomes) == "timeout"
    del outcomes[2]
    assert panel.duration_ns(0, outcomes) == 800_000_000
    assert panel.error(0, outcomes) is None


async def test_guardrails_whose_remote_checks_have_not_spoken_are_known() -> None:
    silent, heard = Judge(), Judge()
    panel = Panel([policy(heard), policy(EMAIL, silent), policy(heard, silent), policy(NUMBER)])
    assert panel.unheard({panel.remote.index(heard) + len(panel.local): Outcome()}, everybody(panel)) == {
        1,
        2,
    }


async def test_a_shared_remote_check_has_the_longest_time_and_each_guardrail_its_own() -> None:
    shared = Judge([Match("name", 0, 1)], delay_s=0.05)
    panel = Panel([policy(shared, timeout_s=0.01, on_error=OnError.ALLOW), policy(shared, timeout_s=10)])
    outcomes: dict[int, Outcome] = {}
    await judge(panel, [Part("a", "text")], [outcomes])
    assert (panel.error(0, outcomes), panel.error(1, outcomes)) == ("timeout", None)
    assert len(panel.found(1, outcomes)) == 1


class _Counting(Line):
    """Adds up how much it was asked to look at."""

    def __init__(self) -> None:
        self.looked_at = 0

    def find(self, run: Run) -> list[Match]:
        self.looked_at += len(run.text)
        return [
            Match("dot", place, place + 1) for place, character in enumerate(run.text) if character == "."
        ]


async def test_a_long_text_full_of_matches_is_looked_at_once() -> None:
    check = _Counting()
    checks: list[Check] = [check]
    panel = Panel([policy(*checks, timeout_s=60), policy(*checks, timeout_s=60, action=Action.FLAG)])
    outcomes = await panel.ask_local(Run("BEGIN." * 50_000), everybody(panel))
    assert check.looked_at == 300_000
    assert len(panel.redactions(outcomes)) == 50_000


async def test_what_cannot_be_encoded_is_shown_to_no_check() -> None:
    word = Word("w", "word", triggered=False)
    panel = Panel([policy(word)])
    await panel.ask_local(Run("a \ud800 word"), everybody(panel))
    assert word.asked == ["a \ufffd word"]


async def test_a_text_without_a_name_is_read_behind_none() -> None:
    class Naming(Word):
        views = frozenset({View.RAW, View.NAMED})

    word = Naming("w", "word", triggered=False)
    panel = Panel([policy(word)])
    await panel.ask_local(Run("some word"), everybody(panel))
    assert word.asked == ["some word"]
    (asked,) = panel.questions("some word", everybody(panel)).values()
    assert list(asked) == [None]
    await panel.ask_local(Run("some word", name="key"), everybody(panel))
    assert word.asked[1:] == ["some word", '"key": "some word"']


def test_its_windows_hold_what_goes_on_as_it_is_read_though_no_opener_says_so() -> None:
    class Rarely(Word):
        views = AS_IT_IS_READ
        openers = ("never",)

    panel = Panel([policy(Rarely("w", "word"))], streams=True)
    window = panel.window(everybody(panel), whole=False)
    assert window.feed("key: " + "aB3+" * 8) == "key: "
    assert window.feed("\n") == ""
    assert window.feed("end. ") == "aB3+" * 8 + "\nend. "


async def test_silence_is_that_nobody_found_failed_or_was_late() -> None:
    panel = Panel([policy(EMAIL, NUMBER, timeout_s=1), policy(NUMBER, timeout_s=0.001)])
    assert panel.is_silent({})
    assert panel.is_silent({0: Outcome(duration_ns=400_000), 1: Outcome(duration_ns=400_000)})
    assert not panel.is_silent({0: Outcome(duration_ns=600_000), 1: Outcome(duration_ns=600_000)})
    assert not panel.is_silent({0: Outcome((Match("email", 0, 1),))})
    assert not panel.is_silent({0: Outcome(error="KeyError")})


async def test_who_comes_when_the_time_is_over_is_not_asked_and_says_so() -> None:
    class Slow(Word):
        def find(self, run: Run) -> Sequence[Match]:
            time.sleep(0.1)
            return []

    late = Word("late", "x", triggered=False)
    panel = Panel([policy(Slow("slow", "x", triggered=False), late, timeout_s=0.02)])
    outcomes = await panel.ask_local(Run("x" * 100_000), everybody(panel))
    assert ([one.error for one in outcomes.values()], late.asked) == (["timeout", "timeout"], [])

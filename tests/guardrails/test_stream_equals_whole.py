"""The proof: however an answer is cut, its verdicts, findings and released text are those of the whole."""

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, Check, Engine, Guardrail, Mode, Part, Run, Verdict
from tests.guardrails import oracle
from tests.guardrails.planted import SECRET, Groups, Line, Phrase, Short, Whole, Word, policy
from tests.guardrails.streams import PATH, Streamed, assert_as_whole, assert_ordered, cut

CHECKS: list[Check] = [
    Word("email", r"[a-z]+@[a-z]+"),
    Word("name", r"[a-z]+@"),
    Word("host", r"@[a-z]+\.[a-z]+", triggered=False),
    Word("shout", r"[A-Z]{3,}", replacement="(loud)"),
    Groups("number", "[0-9]"),
    Groups("secret", SECRET),
    Line(),
    Phrase(),
    Short(20),
    Whole(),
]
PIECES = [
    *("a@b.c ", "ab ", "cd ", "ef ", "ab\n", "xx", "x", "@", ".", " ", "\n", "\u3000", "BEGIN", "7", "42 "),
    *(SECRET, f"{SECRET} {SECRET}", "你", "好。", "é", "ABC", "I", "😀", oracle.LONE_SURROGATE, "word "),
    "Prose goes on. ",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=8)


@st.composite
def policies(draw: st.DrawFn) -> list[Guardrail]:
    """Draw up to four guardrails over one to three of the checks."""
    drawn = []
    for i in range(draw(st.integers(1, 4))):
        action = draw(st.sampled_from(Action))
        usable = [check for check in CHECKS if check.redactable or action is not Action.REDACT]
        checks = draw(st.lists(st.sampled_from(usable), min_size=1, max_size=3, unique_by=id))
        drawn.append(policy(*checks, name=f"g{i}", action=action, mode=draw(st.sampled_from(Mode))))
    return drawn


@settings(deadline=None, max_examples=400)
@given(policies(), TEXTS, SIZES)
def test_any_text_in_any_fragments_under_any_guardrails(
    guardrails: list[Guardrail], text: str, sizes: list[int]
) -> None:
    engine = Engine(guardrails, oracle.KEY)
    assert_as_whole(guardrails, engine, text, [text])
    assert_as_whole(guardrails, engine, text, cut(text, sizes))
    assert_as_whole(guardrails, engine, text, cut(text, [1]))
    assert_as_whole(guardrails, engine, text, cut(text, sizes), held=True)


@settings(deadline=None, max_examples=200)
@given(TEXTS, SIZES, st.sampled_from([Action.BLOCK, Action.REDACT]))
def test_no_character_of_a_match_is_ever_released(text: str, sizes: list[int], action: Action) -> None:
    engine = Engine(
        [policy(Groups("secret", SECRET), action=action), policy(Line(), action=action)], oracle.KEY
    )
    for piece in Streamed(engine, cut(text, sizes)).pieces:
        assert SECRET not in piece
        assert "BEGIN" not in piece


SHORT_TEXTS = [
    f"my {SECRET} {SECRET} is a@b and 12 34 5 end",
    f"{SECRET}",
    f"ab cd ef ab cd {SECRET}ef",
    "BEGIN a@b 12\nab cd ef\n",
    "你好1 2。ab\u3000cd ef",
    "AAAA@bbb 1 2 3",
]


@pytest.mark.parametrize("text", SHORT_TEXTS)
@pytest.mark.parametrize("action", [Action.BLOCK, Action.REDACT])
def test_every_two_cuts_of_short_texts(text: str, action: Action) -> None:
    guardrails = [
        policy(Groups("number", "[0-9]"), Word("email", r"[a-zA-Z]+@[a-z]+"), name="first"),
        policy(Groups("secret", SECRET), Phrase(), name="second", action=action),
        policy(Line(), Short(30), name="third", action=Action.FLAG),
    ]
    engine = Engine(guardrails, oracle.KEY)
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            assert_as_whole(guardrails, engine, text, [text[:first], text[first:second], text[second:]])


@settings(deadline=None, max_examples=100)
@given(policies(), st.lists(st.tuples(st.sampled_from("abc"), TEXTS), max_size=12))
def test_texts_side_by_side_are_each_as_whole(
    guardrails: list[Guardrail], fed: list[tuple[str, str]]
) -> None:
    engine = Engine(guardrails, oracle.KEY)
    texts = {path: "".join(text for to, text in fed if to == path) for path, _ in fed}

    async def streamed() -> tuple[dict[str, str], tuple[Verdict, ...]]:
        screen = engine.output()
        released = dict.fromkeys(texts, "")
        for path, text in fed:
            released[path] += await screen.feed(Part(path, text))
        for path in texts:
            released[path] += await screen.finish(path)
        await screen.close()
        assert_ordered(screen.coverage)
        return released, screen.verdicts()

    wholes = {path: oracle.expected(guardrails, text) for path, text in texts.items()}
    released, verdicts = asyncio.run(streamed())
    assert any(verdict.blocked for verdict in verdicts) == any(whole.blocked for whole in wholes.values())
    for path, whole in wholes.items():
        assert whole.text.startswith(released[path])
    if not any(whole.blocked for whole in wholes.values()):
        for i, verdict in enumerate(verdicts):
            for path, whole in wholes.items():
                found = sorted(
                    (f.rule, f.start, f.end, f.fingerprint) for f in verdict.findings if f.part == path
                )
                assert found == whole.findings[i]
        assert [released[path] for path in texts] == [w.text for w in wholes.values()]


@settings(deadline=None)
@given(policies(), TEXTS)
def test_a_request_is_judged_as_an_answer_is(guardrails: list[Guardrail], text: str) -> None:
    engine = Engine(guardrails, oracle.KEY)
    parts = [Part(PATH, text)]
    screening = asyncio.run(engine.screen(parts))
    streamed = Streamed(engine, [text])
    assert (screening.blocked is None) == (streamed.blocked is None)
    if screening.blocked is None:
        assert [(v.decision, v.findings) for v in asyncio.run(engine.observe(parts, screening))] == [
            (v.decision, v.findings) for v in streamed.verdicts
        ]
        assert screening.redacted.get(PATH, text) == streamed.text


PROSE = (
    "The committee met on Tuesday, as it always does, and looked at the plans for the new harbour. Nobody "
    "was quite sure who had drawn them; the engineer said so twice. There were three of them, or four if one "
    "counts the sketch on the back of an envelope.\nIn the end it was agreed to wait for spring."
)


@pytest.mark.parametrize("size", [1, 4, 7, 30])
def test_of_prose_no_more_is_held_than_the_current_word(size: int) -> None:
    engine = Engine(
        [policy(*(check for check in CHECKS if not isinstance(check, Whole | Short)))], oracle.KEY
    )

    async def held_at_each_step() -> None:
        screen = engine.output()
        fed = released = ""
        for fragment in cut(PROSE, [size]):
            fed += fragment
            released += await screen.feed(Part(PATH, fragment))
            assert fed.startswith(released)
            assert not re.search(r"\s", fed[len(released) :])

    asyncio.run(held_at_each_step())


class _Hasty(Groups):
    """A check that denies that its matches may go on: what the law forbids."""

    def is_open(self, text: str, start: int) -> bool:
        return False


def test_a_check_that_breaks_the_law_is_caught_by_these_tests() -> None:
    guardrails = [policy(_Hasty("secret", SECRET))]
    text = f"{SECRET} {SECRET} "
    with pytest.raises(AssertionError):
        assert_as_whole(guardrails, Engine(guardrails, oracle.KEY), text, list(text))


def test_the_oracle_asks_about_the_whole_text() -> None:
    check = Word("email", r"[a-z]+@[a-z]+")
    oracle.expected([policy(check)], "me@here is not\nyou@there")
    assert set(check.asked) == {"me@here is not\nyou@there"}
    assert Groups("n", "1").find(Run("1 1"))[0].end == 3

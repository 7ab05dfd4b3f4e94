"""The proof for remote checks: passages, findings and released text of a stream are those of the whole."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Action, Check, Engine, Guardrail, Match, Mode, Part, RemoteCheck
from tests.guardrails import oracle
from tests.guardrails.planted import SECRET, Groups, Line, Quote, Says, Short, Whole, Word, policy
from tests.guardrails.streams import PATH, Streamed, assert_as_whole, cut

SENTENCES = [
    Says("rude", "rude"),
    Says("bad", "bad", whole=True),
    Says("after", "evil", before=True),
    Says("end", r"\S\s*\Z"),
]
TEXTUAL = [Says("topic", "secret.*?weapons", unit="text"), Says("short", r"\A.{0,80}\Z", unit="text")]
LOCAL: list[Check] = [
    Word("email", r"[a-z]+@[a-z]+"),
    Groups("number", "[0-9]"),
    Groups("secret", SECRET),
    Line(),
    Quote(),
    Short(60),
    Whole(),
]
PIECES = [
    "Prose goes on and on, as it does. ", "This is rude and bad! ", "A bad thing to say, they said.\n",
    "rude ", "evil comes. ", "a@b.c ", "12 34 5 ", "1. 2. 3. ", f"{SECRET} {SECRET}. {SECRET}", "BEGIN a\n",
    "<b. ", "> ", "xx", "\n", "Tell me secret ", "of weapons. ", "好。", "😀", "bad.",
    "这是一个很长的句子没有空格。",
    "Another sentence without anything in it stands here, and it is a long one. ", "rude. bad. evil. ",
    oracle.LONE_SURROGATE,
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), min_size=6, max_size=40).map("".join)
SIZES = st.lists(st.integers(1, 90), min_size=1, max_size=8)


def policies(*groups: list[Check] | list[Says]) -> st.SearchStrategy[list[Guardrail]]:
    checks: list[Check | RemoteCheck] = [check for group in groups for check in group]

    @st.composite
    def drawn(draw: st.DrawFn) -> list[Guardrail]:
        made = []
        for i in range(draw(st.integers(1, 4))):
            action = draw(st.sampled_from(Action))
            usable = [check for check in checks if check.redactable or action is not Action.REDACT]
            chosen = draw(st.lists(st.sampled_from(usable), min_size=1, max_size=3, unique_by=id))
            mode = draw(st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.MONITOR]))
            made.append(policy(*chosen, name=f"g{i}", action=action, mode=mode))
        return made

    return drawn()


@settings(deadline=None, max_examples=120)
@given(policies(SENTENCES, LOCAL), TEXTS, SIZES)
def test_sentences_and_local_checks(guardrails: list[Guardrail], text: str, sizes: list[int]) -> None:
    engine = Engine(guardrails, oracle.KEY)
    assert_as_whole(guardrails, engine, text, [text])
    assert_as_whole(guardrails, engine, text, cut(text, sizes))
    assert_as_whole(guardrails, engine, text, cut(text, sizes), held=True)


@settings(deadline=None, max_examples=60)
@given(policies(SENTENCES, TEXTUAL, LOCAL), TEXTS, SIZES)
def test_sentences_whole_texts_and_local_checks(
    guardrails: list[Guardrail], text: str, sizes: list[int]
) -> None:
    engine = Engine(guardrails, oracle.KEY)
    assert_as_whole(guardrails, engine, text, cut(text, sizes))
    assert_as_whole(guardrails, engine, text, [text], held=True)


@settings(deadline=None, max_examples=60)
@given(policies(SENTENCES, LOCAL), TEXTS)
def test_character_by_character(guardrails: list[Guardrail], text: str) -> None:
    assert_as_whole(guardrails, Engine(guardrails, oracle.KEY), text, cut(text, [1]))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(["<a. ", "rude ", "b> ", "> ", "bad. ", "evil. ", "So it goes on. "]), max_size=60
    ),
    st.sampled_from(Action),
    SIZES,
)
def test_redactions_over_the_ends_of_passages(pieces: list[str], action: Action, sizes: list[int]) -> None:
    text = "".join(pieces)
    guardrails = [
        policy(Quote(), SENTENCES[0], name="quotes"),
        policy(SENTENCES[2], name="after"),
        policy(SENTENCES[1], name="bad", action=action),
    ]
    engine = Engine(guardrails, oracle.KEY)
    assert_as_whole(guardrails, engine, text, cut(text, sizes))
    assert_as_whole(guardrails, engine, text, [text], held=True)


@settings(deadline=None, max_examples=60)
@given(TEXTS, SIZES)
def test_the_passages_that_are_asked_about_are_those_of_the_whole(text: str, sizes: list[int]) -> None:
    whole, streamed = (Says("rude", "rude"), Says("rude", "rude"))
    asyncio.run(Engine([policy(whole)], oracle.KEY).screen([Part(PATH, text)]))
    Streamed(Engine([policy(streamed)], oracle.KEY), cut(text, sizes))
    assert streamed.judged == whole.judged
    assert "".join(whole.judged) == text.replace(oracle.LONE_SURROGATE, "\ufffd")


@settings(deadline=None, max_examples=60)
@given(TEXTS, SIZES, st.sampled_from([Action.BLOCK, Action.REDACT]))
def test_no_character_of_a_finding_is_ever_released(text: str, sizes: list[int], action: Action) -> None:
    found = Says("rude", "rude|" + SECRET)
    for piece in Streamed(Engine([policy(found, action=action)], oracle.KEY), cut(text, sizes)).pieces:
        assert SECRET not in piece
        assert "rude" not in piece


@settings(deadline=None, max_examples=60)
@given(policies(SENTENCES), TEXTS)
def test_a_request_is_judged_as_an_answer_is(guardrails: list[Guardrail], text: str) -> None:
    engine = Engine(guardrails, oracle.KEY)
    screening = asyncio.run(engine.screen([Part(PATH, text)]))
    streamed = Streamed(engine, [text])
    assert (screening.blocked is None) == (streamed.blocked is None)
    if screening.blocked is None:
        assert screening.redacted.get(PATH, text) == streamed.text


class _Fickle(Says):
    """Does not say the same twice about the same passage."""

    calls = 0

    def says(self, text: str, before: str) -> list[Match]:
        self.calls += 1
        return super().says(text, before) if self.calls % 2 else []


def test_a_check_that_is_not_the_same_twice_is_caught_by_these_tests() -> None:
    guardrails = [policy(_Fickle("rude", "rude"))]
    with pytest.raises(AssertionError):
        assert_as_whole(guardrails, Engine(guardrails, oracle.KEY), "rude ", ["rude "])

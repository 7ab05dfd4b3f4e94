"""Checks that only the conversation makes are bound once an exchange and asked like any other."""

from collections.abc import Sequence

import pytest

from guardrails import Action, Check, Conversation, Decision, Engine, Match, Mode, OnError, Part, Passage
from guardrails.view import AS_IT_IS_READ
from tests.guardrails.exchanges import Named
from tests.guardrails.planted import Judge, Word, policy

KEY = b"key of the tests"
PATH = "choices[0].message.content"
SAID = Conversation(model="gpt-9")


def parts(*texts: str) -> list[Part]:
    return [Part(f"messages[{i}].content", text) for i, text in enumerate(texts)]


async def test_a_check_looks_for_what_the_conversation_tells() -> None:
    named = Named()
    engine = Engine([policy(named, Word("number", "[0-9]{3}"))], KEY)
    assert engine.needs_conversation
    screening = await engine.screen(parts("ask gpt-9 for 123", "gpt-9"), SAID)
    assert screening.redacted == {
        "messages[0].content": "ask [NAME] for [NUMBER]",
        "messages[1].content": "[NAME]",
    }
    assert [one for one in named.bound if one is SAID] == [SAID]
    other = await engine.screen(parts("ask gpt-9"), Conversation(model="ask"))
    assert other.redacted == {"messages[0].content": "[NAME] gpt-9"}


async def test_it_reads_what_others_look_through() -> None:
    class Seeing(Word):
        views = AS_IT_IS_READ

    class SeenThrough(Named):
        def of(self, conversation: Conversation) -> Check:
            return Seeing("name", conversation.model or "nothing", triggered=False)

    screening = await Engine([policy(SeenThrough())], KEY).screen(parts("ask g\u200bpt-9"), SAID)
    assert screening.redacted == {"messages[0].content": "ask [NAME]"}


async def test_it_holds_a_stream_like_any_other() -> None:
    screen = Engine([policy(Named(), action=Action.BLOCK)], KEY).output(SAID)
    assert await screen.feed(Part(PATH, "I am g", role="assistant")) == "I am "
    assert await screen.feed(Part(PATH, "pt-9 ", role="assistant")) == ""
    assert screen.blocked is not None


@pytest.mark.parametrize("on_error", list(OnError))
async def test_one_that_cannot_be_made_fails_by_name(on_error: OnError) -> None:
    engine = Engine([policy(Named(LookupError("secret")), on_error=on_error)], KEY)
    screening = await engine.screen(parts("hi"), SAID)
    assert screening.verdicts[0].error == "LookupError"
    assert (screening.blocked is not None) == (on_error is OnError.BLOCK)
    screen = engine.output(SAID)
    released = await screen.feed(Part(PATH, "I am ", role="assistant"))
    assert released == ("" if on_error is OnError.BLOCK else "I am ")


async def test_an_observing_one_is_bound_too() -> None:
    engine = Engine([policy(Named(), action=Action.BLOCK, mode=Mode.MONITOR)], KEY)
    screening = await engine.screen(parts("ask gpt-9"), SAID)
    (verdict,) = await engine.observe(parts("ask gpt-9"), screening, SAID)
    assert (verdict.decision, verdict.blocked) == (Decision.BLOCK, False)


async def test_remote_checks_are_told_the_conversation() -> None:
    told: list[Conversation] = []

    class Listening(Judge):
        async def judge(self, passage: Passage) -> Sequence[Match]:
            told.append(passage.conversation)
            return []

    await Engine([policy(Listening())], KEY).screen(parts("hi"), SAID)
    assert told == [SAID]


def test_where_checks_look_at_texts_alone_nobody_needs_to_know_more() -> None:
    engine = Engine([policy(Word("number", "[0-9]"))], KEY)
    assert not engine.needs_conversation
    assert engine.headers == frozenset()


def test_headers_that_checks_read_are_known() -> None:
    class Reading(Named):
        headers = frozenset({"authorization"})

    assert Engine([policy(Reading()), policy(Named())], KEY).headers == {"authorization"}

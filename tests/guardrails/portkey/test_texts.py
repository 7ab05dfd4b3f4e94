"""What must not be said must not be said anywhere; what must be there is asked of the last message."""

from guardrails.check import Remark, Subject
from guardrails.conversation import Conversation
from guardrails.part import Part
from guardrails.portkey.texts import TextVerdict, all_texts, asked_texts
from guardrails.verdict import Side
from tests.guardrails.portkey.subjects import answered, arguments, asked


def test_the_last_message_is_asked_and_every_choice() -> None:
    assert asked_texts(asked("first", "last")) == [("messages[1].content", "last")]
    assert asked_texts(answered("a", "b")) == [
        ("choices[0].message.content", "a"),
        ("choices[1].message.content", "b"),
    ]


def test_where_nothing_was_said_an_empty_text_is_asked() -> None:
    assert asked_texts(asked()) == [("messages[0].content", "")]
    assert asked_texts(answered()) == [("choices[0].message.content", "")]


def test_pieces_of_a_message_are_one_text() -> None:
    pieces = tuple(Part(f"messages[0].content[{i}].text", text) for i, text in enumerate(("a", "", "b")))
    assert asked_texts(Subject(Side.INPUT, Conversation(), pieces)) == [("messages[0].content", "a\nb")]


def test_what_embeddings_and_completions_are_about_is_asked_where_there_is_no_message() -> None:
    for name in ("input", "prompt"):
        parts = (Part(f"{name}[0]", "a"), Part(f"{name}[1]", "b"), Part("user", "u"))
        assert asked_texts(Subject(Side.INPUT, Conversation(), parts)) == [(name, "a\nb")]
        assert asked_texts(Subject(Side.INPUT, Conversation(), parts[:1])) == [(name, "a")]
        messages = (Part("messages[0].content", "last"), Part(name, "beside"))
        assert asked_texts(Subject(Side.INPUT, Conversation(), messages)) == [("messages[0].content", "last")]
    completed = (Part("choices[0].text", "said"),)
    assert asked_texts(Subject(Side.OUTPUT, Conversation(), completed)) == [("choices[0].text", "said")]


def test_every_text_is_looked_at_for_what_must_not_be_said() -> None:
    subject = asked("first", "last")
    subject = Subject(subject.side, subject.conversation, (*subject.parts, arguments("hidden")))
    assert [text for _, text in all_texts(subject)] == ["first", "last", "hidden"]


def test_a_remark_names_the_text_that_is_at_fault() -> None:
    everywhere = TextVerdict("f", lambda text: text != "bad", everywhere=True)
    assert everywhere.kind == "default.f"
    assert everywhere.examine(asked("bad", "good")) == [Remark("f", "messages[0].content")]
    assert TextVerdict("f", lambda text: text != "bad").examine(asked("bad", "good")) == []

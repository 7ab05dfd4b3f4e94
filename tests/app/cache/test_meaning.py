"""What is compared by meaning, and what must be equal."""

from typing import Any

import pytest

from app.cache.meaning import MAX_CHARS, Meaning, meaning_of
from tests.caches import asking


def _asks(*messages: dict[str, Any]) -> Meaning | None:
    return meaning_of({"messages": list(messages), "temperature": 0})


def user(content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **fields}


def test_the_last_turn_of_the_user_is_taken_out_and_the_rest_stays() -> None:
    meaning = _asks({"role": "system", "content": "Be brief."}, user("Hi", name="ann"), user("Who are you?"))
    assert meaning == Meaning(
        "Hi\nWho are you?",
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "name": "ann"},
                {"role": "user"},
            ],
            "temperature": 0,
        },
        (),
    )


def test_earlier_turns_are_not_compared_by_meaning() -> None:
    meaning = _asks(user("Hi"), {"role": "assistant", "content": "Hello."}, user("Who are you?"))
    assert meaning is not None
    assert meaning.text == "Who are you?"
    assert meaning.rest["messages"][:2] == [user("Hi"), {"role": "assistant", "content": "Hello."}]


def test_parts_of_text_are_a_text() -> None:
    meaning = _asks(user([{"type": "text", "text": "Hi,"}, {"type": "text", "text": "you"}]))
    assert meaning is not None
    assert meaning.text == "Hi,\nyou"


def test_numbers_must_be_equal() -> None:
    meaning = _asks(user("Refund order 4711 of 3 May, 12.50 EUR"))
    assert meaning is not None
    assert meaning.marks == ("4711", "3", "12", "50")


def test_what_stands_for_a_redacted_value_must_be_equal() -> None:
    meaning = _asks(user("Mail [EMAIL_KVQZMD] and [EMAIL], not [them] or [x]"))
    assert meaning is not None
    assert meaning.marks == ("[EMAIL_KVQZMD]", "[EMAIL]")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "  \n",
        None,
        7,
        [],
        ["text"],
        "x" * (MAX_CHARS + 1),
        [
            {"type": "text", "text": "Hi"},
            {"type": "image_url", "image_url": {"url": "https://x.invalid/a.png"}},
        ],
        [{"type": "text", "text": "Hi", "unheard_of": 1}],
        [{"type": "text", "text": None}],
    ],
)
def test_a_turn_that_is_not_all_text_is_not_compared(content: Any) -> None:
    assert _asks(user(content)) is None


def test_what_does_not_end_with_the_user_is_not_compared() -> None:
    assert _asks(user("Hi"), {"role": "tool", "tool_call_id": "c", "content": "7"}) is None
    assert _asks({"role": "system", "content": "Be brief."}) is None


@pytest.mark.parametrize("messages", [None, [], "Hi", [user("Hi")] * 5, ["Hi"]])
def test_conversations_that_are_none_or_too_long_are_not_compared(messages: Any) -> None:
    assert meaning_of({"messages": messages}) is None


def test_a_request_stays_as_it_is() -> None:
    document = asking()
    meaning_of(document)
    assert document == asking()

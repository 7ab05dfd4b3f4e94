"""A conversation as contents: roles, results in their places, signatures."""

import base64
from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.wire.gemini.signatures import Signatures
from app.wire.gemini.turns import SENTINEL
from tests.gemini import GEMINI_2, GEMINI_3, assistant, body, call, contents, result, user

SIGNED: dict[str, Any] = {"extra_content": {"google": {"thought_signature": "c2lnbmVk"}}}


def test_instructions_stand_apart_wherever_they_were_said() -> None:
    found = body(
        {
            "messages": [
                {"role": "system", "content": "a"},
                {"role": "developer", "content": [{"type": "text", "text": "b"}]},
                user("hi"),
                {"role": "system", "content": "c"},
            ]
        }
    )
    assert found["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}
    assert found["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]


def test_a_lone_instruction_becomes_the_question() -> None:
    found = body({"messages": [{"role": "system", "content": "say hi"}]})
    assert found == {"contents": [{"role": "user", "parts": [{"text": "say hi"}]}]}


@pytest.mark.parametrize("text", ["", []])
def test_a_user_who_says_nothing_is_still_there(text: Any) -> None:
    assert contents(user(text)) == [{"role": "user", "parts": [{"text": "."}]}]


def test_the_user_has_the_first_word() -> None:
    assert contents(assistant("b"), user("c")) == [
        {"role": "user", "parts": [{"text": "."}]},
        {"role": "model", "parts": [{"text": "b"}]},
        {"role": "user", "parts": [{"text": "c"}]},
    ]


def test_neighbours_of_one_role_are_one_content() -> None:
    assert contents(user("a"), user("b"), assistant("c"), assistant("d"), user("e")) == [
        {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
        {"role": "model", "parts": [{"text": "c"}, {"text": "d"}]},
        {"role": "user", "parts": [{"text": "e"}]},
    ]


def test_empty_texts_are_nothing() -> None:
    assert contents(user("a"), assistant(""), user([{"type": "text", "text": ""}])) == [
        {"role": "user", "parts": [{"text": "a"}]}
    ]


def test_results_stand_in_the_order_of_their_calls_before_all_else() -> None:
    found = contents(
        user("a"),
        assistant("b", call("call_1", "one", '{"x": 1}'), call("call_2", "two", "")),
        result("call_2", "second"),
        result("call_1", '{"n": 1}'),
        user("c"),
    )
    assert found[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "b"},
                {"functionCall": {"name": "one", "args": {"x": 1}}},
                {"functionCall": {"name": "two", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "one", "response": {"n": 1}}},
                {"functionResponse": {"name": "two", "response": {"output": "second"}}},
                {"text": "c"},
            ],
        },
    ]


def test_a_model_that_wants_results_alone_gets_them_so() -> None:
    found = contents(
        user("a"),
        assistant(None, call("call_1")),
        result("call_1", "x"),
        user("b"),
        abilities=Abilities(text_with_tool_results=False),
    )
    assert [len(content["parts"]) for content in found] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plain", {"output": "plain"}),
        ("", {"output": ""}),
        ("[1]", {"output": "[1]"}),
        ('{"a": 1', {"output": '{"a": 1'}),
        (' {"a": 1}', {"a": 1}),
        ('{"a":' * 5000, {"output": '{"a":' * 5000}),
    ],
)
def test_a_result_is_an_object(text: str, meant: dict[str, Any]) -> None:
    found = contents(user("a"), assistant(None, call("call_1")), result("call_1", text))
    assert found[2]["parts"][0]["functionResponse"]["response"] == meant


def test_a_result_that_failed_says_so() -> None:
    failed = {**result("call_1", "no such city"), "is_error": True}
    found = contents(user("a"), assistant(None, call("call_1")), failed)
    assert found[2]["parts"][0]["functionResponse"]["response"] == {"error": "no such city"}


def test_an_image_in_a_result_stays_one() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    found = contents(user("a"), assistant(None, call("call_1")), result("call_1", [image]))
    assert found[2]["parts"][0]["functionResponse"]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    ]


def test_two_calls_under_one_id_take_their_results_in_turn() -> None:
    found = contents(
        user("a"),
        assistant(None, call("call_1"), call("call_1")),
        result("call_1", "x"),
        result("call_1", "y"),
    )
    said = [part["functionResponse"]["response"]["output"] for part in found[2]["parts"]]
    assert said == ["x", "y"]


def test_ids_that_gemini_gave_go_back_and_others_do_not() -> None:
    found = contents(user("a"), assistant(None, call("g7h2")), result("g7h2", "x"))
    assert found[1]["parts"][0]["functionCall"]["id"] == "g7h2"
    assert found[2]["parts"][0]["functionResponse"]["id"] == "g7h2"
    for foreign in ("call_1", "toolu_1"):
        found = contents(user("a"), assistant(None, call(foreign)), result(foreign, "x"))
        assert "id" not in found[1]["parts"][0]["functionCall"]
        assert "id" not in found[2]["parts"][0]["functionResponse"]


def signature_of(*calls: dict[str, Any], **fields: Any) -> list[str | None]:
    results = [result(made["id"], "x") for made in calls]
    found = contents(user("a"), assistant(None, *calls), *results, **fields)
    return [part.get("thoughtSignature") for part in found[1]["parts"]]


def test_a_signature_that_came_back_goes_on() -> None:
    assert signature_of(call("call_1", **SIGNED), abilities=GEMINI_3) == ["c2lnbmVk"]
    vertex: dict[str, Any] = {"extra_content": {"vertex": {"thought_signature": "c2lnbmVk"}}}
    assert signature_of(call("call_1", **vertex), abilities=GEMINI_2) == ["c2lnbmVk"]


def test_a_signature_in_portkeys_place_goes_on() -> None:
    made = call("call_1")
    made["function"]["thought_signature"] = "c2lnbmVk"
    assert signature_of(made, abilities=GEMINI_3) == ["c2lnbmVk"]


def test_a_signature_that_the_client_lost_is_remembered() -> None:
    kept = Signatures()
    kept.note("call_2", "a2VwdA==")
    assert signature_of(call("call_1"), call("call_2"), signatures=kept, abilities=GEMINI_2) == [
        None,
        "a2VwdA==",
    ]


def test_without_a_signature_the_first_call_of_gemini_3_has_the_sentinel() -> None:
    assert signature_of(call("call_1"), call("call_2"), abilities=GEMINI_3) == [SENTINEL, None]
    assert signature_of(call("call_1"), abilities=GEMINI_2) == [None]
    assert base64.b64decode(SENTINEL) == b"skip_thought_signature_validator"


@pytest.mark.parametrize("said", ["skip_thought_signature_validator", "not base64!", "", 7, None])
def test_what_is_no_signature_is_none(said: Any) -> None:
    made = call("call_1", extra_content={"google": {"thought_signature": said}})
    assert signature_of(made, abilities=GEMINI_3) == [SENTINEL]


def test_the_signature_of_a_text_goes_back_with_it() -> None:
    found = contents(user("a"), assistant("b", **SIGNED), user("c"))
    assert found[1]["parts"] == [{"text": "b", "thoughtSignature": "c2lnbmVk"}]


def test_images_that_the_model_made_go_back() -> None:
    images = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}, "index": 0},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "image_url", "image_url": {"url": "data:broken"}},
        "junk",
    ]
    found = contents(user("a"), assistant(None, images=images), user("c"))
    assert found[1]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "aGk="}}]

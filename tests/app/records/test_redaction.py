import json
from collections.abc import Callable
from typing import Any

import pytest

from app.records.redaction import (
    input_findings,
    recorded_part,
    redacted_request,
    redacted_response,
    renamed_keys,
)
from guardrails import Action, Decision, Mode, Side
from tests.exchanges import finding, found, request, response, verdict

A = "anna@a.example"
B = "4000-1234-5678"


def untouched(text: str) -> str:
    return text


def hiding(*values: str) -> Callable[[str], str]:
    def redact(text: str) -> str:
        for value in values:
            text = text.replace(value, "[X]")
        return text

    return redact


def test_each_finding_becomes_its_rule_and_the_rest_stays() -> None:
    document = request("Mail anna@a.example or bob@b.example!", user="anna@a.example")
    findings = [finding("messages[0].content", 5, 19), finding("messages[0].content", 23, 36)]
    recorded = redacted_request(document, findings, untouched)
    assert recorded == request("Mail [EMAIL] or [EMAIL]!", user="anna@a.example")


def test_findings_that_overlap_become_one_placeholder_that_of_the_first() -> None:
    findings = [
        finding("messages[0].content", 3, 8, rule="late"),
        finding("messages[0].content", 1, 5, rule="early"),
        finding("messages[0].content", 8, 9, rule="next"),
    ]
    assert redacted_request(request("0123456789"), findings, untouched) == request("0[EARLY][NEXT]9")


def test_a_finding_inside_tool_arguments_leaves_valid_json() -> None:
    call = {
        "id": "1",
        "type": "function",
        "function": {"name": "f", "arguments": '{"to": ["anna\\u0040a.example"]}'},
    }
    document = {"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]}
    path = "messages[0].tool_calls[0].function.arguments#.to[0]"
    recorded: Any = redacted_request(document, [finding(path, 0, 14)], untouched)
    assert recorded["messages"][0]["tool_calls"][0]["function"]["arguments"] == '{"to":["[EMAIL]"]}'


def test_a_key_that_was_found_is_replaced_too() -> None:
    recorded = redacted_request(
        {"metadata": {A: "yes"}}, found({"metadata": {A: "yes"}}, A, "email"), untouched
    )
    assert recorded == {"metadata": {"[EMAIL]": "yes"}}


@pytest.mark.parametrize("path", ["messages[7].content", "nowhere", "messages[0].content.text"])
def test_a_request_of_which_it_is_not_known_what_to_hide_is_hidden(path: str) -> None:
    recorded = redacted_request(request("one", "two"), [finding(path, 0, 3)], untouched)
    assert "one" not in json.dumps(recorded)


def test_an_offset_outside_of_a_requests_text_hides_all_of_it() -> None:
    recorded = redacted_request(request("one", "two"), [finding("messages[0].content", 1, 4)], untouched)
    assert recorded == request("[REDACTED]", "two")


def test_a_finding_about_a_place_hides_nothing() -> None:
    too_short = verdict(Side.INPUT, finding("messages[0].content", 0, 0, rule="length"))
    assert input_findings((too_short,)) == []


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("action", Action)
def test_findings_of_every_guardrail_are_hidden_in_a_request(mode: Mode, action: Action) -> None:
    said = verdict(
        Side.INPUT, finding("messages[0].content", 0, 3), mode=mode, action=action, decision=Decision.FLAG
    )
    assert redacted_request(request("one"), input_findings((said,)), untouched) == request("[EMAIL]")


def test_what_only_watched_is_placed_in_an_answer_as_long_as_nothing_else_changed_its_text() -> None:
    watched = verdict(Side.OUTPUT, finding("choices[0].message.content", 3, 5), mode=Mode.MONITOR)
    elsewhere = verdict(Side.OUTPUT, finding("choices[1].message.content", 0, 2))
    recorded = redacted_response(response("abcdefg", "[EMAIL]x"), (watched, elsewhere), untouched)
    assert recorded == response("abc[EMAIL]fg", "[EMAIL]x")


def test_what_only_watched_cannot_be_placed_in_a_text_that_was_redacted_so_that_text_goes() -> None:
    watched = verdict(Side.OUTPUT, finding("choices[0].message.content", 3, 5), mode=Mode.MONITOR)
    enforced = verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 2))
    assert redacted_response(response("[EMAIL]cdefg"), (watched, enforced), untouched) == response(
        "[REDACTED]"
    )


def test_an_enforced_redaction_alone_is_recorded_as_it_was_released() -> None:
    enforced = verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 2))
    released = response("[EMAIL]cdefg")
    assert redacted_response(released, (enforced,), untouched) == released


def test_what_was_found_but_never_released_changes_nothing() -> None:
    blocked = verdict(
        Side.OUTPUT,
        finding("choices[0].message.content", 9, 12),
        finding("choices[0].message.refusal", 0, 5),
        finding("choices[1].message.content", 0, 5),
        action=Action.BLOCK,
    )
    assert redacted_response(response("released"), (blocked,), untouched) == response("released")


def test_the_released_beginning_of_what_was_found_is_hidden() -> None:
    flagged = verdict(Side.OUTPUT, finding("choices[0].message.content", 4, 18), action=Action.FLAG)
    assert redacted_response(response("Ask anna@a."), (flagged,), untouched) == response("Ask [EMAIL]")


def test_the_only_choice_there_is_may_be_a_later_one() -> None:
    choices = [{"index": 2, "message": {"role": "assistant", "content": "anna"}}]
    watched = verdict(Side.OUTPUT, finding("choices[2].message.content", 0, 4), mode=Mode.MONITOR)
    recorded: Any = redacted_response({"choices": choices}, (watched,), untouched)
    assert recorded["choices"] == [{"index": 2, "message": {"role": "assistant", "content": "[EMAIL]"}}]


@pytest.mark.parametrize("indexes", [(0, 0), (-1, 0), (10**9, 0), ("x", 0)])
def test_choices_that_cannot_be_told_apart_are_not_recorded(indexes: tuple[object, ...]) -> None:
    choices = [{"index": index, "message": {"content": "text"}} for index in indexes]
    assert redacted_response({"choices": choices}, (), untouched) == "[REDACTED]"


def test_below_a_key_that_was_redacted_on_its_way_nothing_can_be_placed() -> None:
    enforced = verdict(Side.OUTPUT, finding(f'choices[0].message.extra["{A}"].~key', 0, len(A)))
    watched = verdict(Side.OUTPUT, finding(f'choices[0].message.extra["{A}"]', 0, 4), mode=Mode.MONITOR)
    released = response("fine")
    released["choices"][0]["message"]["extra"] = {"[EMAIL]": "4000"}
    assert redacted_response(released, (enforced, watched), untouched) == "[REDACTED]"


def spelled(text: str) -> dict[str, Any]:
    logprobs = {"content": [{"token": c, "bytes": [ord(c)], "logprob": -0.1} for c in text]}
    answer = response(text, "other")
    for choice in answer["choices"]:
        choice["logprobs"] = logprobs
    return answer


def test_log_probabilities_go_where_the_text_they_spell_had_something_to_hide() -> None:
    watched = verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 4), mode=Mode.MONITOR)
    for verdicts, redact in (((watched,), untouched), ((), hiding("anna"))):
        recorded: Any = redacted_response(spelled("anna"), verdicts, redact)
        assert recorded["choices"][0]["logprobs"] is None
        assert recorded["choices"][1]["logprobs"] is not None


def test_two_keys_that_become_one_are_both_kept() -> None:
    recorded = redacted_request({"metadata": {A: 1, B: 2}}, [], hiding(A, B))
    assert recorded == {"metadata": {"[X]": 1, "[X]_2": 2}}


def test_a_number_long_enough_to_be_a_card_is_seen() -> None:
    document = {"metadata": {"card": 4111111111111111, "small": 4111}}
    assert redacted_request(document, [], hiding("4111111111111111")) == {
        "metadata": {"card": "[X]", "small": 4111}
    }


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        (f'metadata["{A}"].~key', "metadata.[EMAIL].~key"),
        (f'metadata["{A}"].card', "metadata.[EMAIL].card"),
        (f'metadata["{A}s"].card', f'metadata["{A}s"].card'),
        ("messages[0].content#.plain[2].~key", "messages[0].content#.[EMAIL].~key"),
    ],
)
def test_the_path_of_a_finding_does_not_say_what_its_key_was(path: str, recorded: str) -> None:
    found_in_keys = [
        finding(f'metadata["{A}"].~key', 0, 14),
        finding("messages[0].content#.plain[2].~key", 0, 5),
    ]
    assert recorded_part(path, renamed_keys(found_in_keys), untouched) == recorded


def with_arguments(text: str) -> dict[str, Any]:
    answer = response("fine")
    answer["choices"][0]["message"]["function_call"] = {"name": "f", "arguments": text}
    return answer


ARGUMENTS_PATH = "choices[0].message.function_call.arguments"


def test_broken_json_in_which_something_was_found_both_ways_is_hidden_as_a_whole() -> None:
    text = '{"a": "anna@a.example", "b": "anna\\u0040a.example'
    raw, decoded = finding(ARGUMENTS_PATH, 7, 21), finding(ARGUMENTS_PATH + "#", 30, 44)
    flagged = verdict(Side.OUTPUT, raw, decoded, action=Action.FLAG)
    assert redacted_response(with_arguments(text), (flagged,), untouched) == with_arguments("[REDACTED]")


@pytest.mark.parametrize(("enforced_at", "watched_at"), [("#", ""), ("", "#"), ("", ""), ("#", "#")])
def test_broken_json_that_was_redacted_on_its_way_one_way_is_not_placed_in_the_other(
    enforced_at: str, watched_at: str
) -> None:
    enforced = verdict(Side.OUTPUT, finding(ARGUMENTS_PATH + enforced_at, 0, 1))
    watched = verdict(Side.OUTPUT, finding(ARGUMENTS_PATH + watched_at, 8, 12), mode=Mode.MONITOR)
    recorded = redacted_response(with_arguments("[EMAIL]\\n4000 and more"), (enforced, watched), untouched)
    assert recorded == with_arguments("[REDACTED]")


def test_a_number_sign_in_a_key_does_not_hide_the_arguments_behind_it() -> None:
    document: dict[str, Any] = {"metadata": {"f#g": {"arguments": '{"to":"anna"}'}}}
    found_there = finding('metadata["f\\u0023g"].arguments#.to', 0, 4)
    recorded = redacted_request(document, [found_there], untouched)
    assert recorded == {"metadata": {"f#g": {"arguments": '{"to":"[EMAIL]"}'}}}

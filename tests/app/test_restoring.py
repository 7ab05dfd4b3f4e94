"""What a caller is told: his own values back, in every kind of event, however the answer is cut."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InternalError
from app.domain.events import (
    FUNCTION_CALL,
    ChoiceFinished,
    Event,
    Extra,
    Failed,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
    UsageReported,
)
from app.domain.model_request import ModelRequest
from app.restoring import Restoring
from guardrails import Vault
from tests.guardrails.streams import cut

VALUE = 'O\'Neil "Al"\\\n<a@b.c> é'
"""A value with everything that JSON escapes."""
END = ChoiceFinished(0, "stop", {})


def vault_of(*values: str) -> tuple[Vault, list[str]]:
    vault = Vault(b"key")
    return vault, [vault.placeholder("name", value) for value in values]


VAULT, (NAME,) = vault_of(VALUE)


def told(*events: Event, **document: Any) -> list[Event]:
    restoring = Restoring(VAULT)
    restoring.asked(ModelRequest(document, "m"))
    return [one for event in events for one in restoring.told(event)] + restoring.rest()


def text_of(events: Sequence[Event], choice: int = 0, channel: str = "content") -> str:
    return "".join(
        one.text
        for one in events
        if isinstance(one, TextDelta) and (one.choice, one.channel) == (choice, channel)
    )


def arguments_of(events: Sequence[Event]) -> str:
    (found,) = [one.text for one in events if isinstance(one, ToolArguments)]
    return found


def call(arguments: str, pieces: int = 5, **fields: Any) -> list[Event]:
    started = ToolCallStarted(0, 0, {"id": "c", "type": "function", "function": {"name": "f"}} | fields)
    return [started, *(ToolArguments(0, 0, piece) for piece in cut(arguments, [pieces])), END]


def test_an_exchange_that_gave_nothing_out_is_told_everything_as_it_comes() -> None:
    restoring = Restoring(Vault(b"key"))
    for event in [Started({}), TextDelta(0, "content", "[NAME_"), *call("{"), Extra(0, {"x": NAME})]:
        assert restoring.told(event) == [event]
    assert restoring.rest() == []


@pytest.mark.parametrize("channel", ["content", "refusal", "reasoning_content", "reasoning"])
@given(st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_every_channel_of_every_choice_is_restored_however_it_is_cut(channel: str, sizes: list[int]) -> None:
    text = f"Dear {NAME}, {NAME.lower()}, [NAME]"
    pieces = [TextDelta(i, channel, piece) for piece in cut(text, sizes) for i in range(2)]
    answer = told(*pieces, END, ChoiceFinished(1, "stop", {}))
    assert [text_of(answer, i, channel) for i in range(2)] == [f"Dear {VALUE}, {VALUE}, [NAME]"] * 2


def test_text_is_held_for_no_more_than_a_word_that_may_be_a_placeholder() -> None:
    restoring = Restoring(VAULT)
    assert restoring.told(TextDelta(0, "content", "Dear friend")) == [TextDelta(0, "content", "Dear friend")]
    assert restoring.told(TextDelta(0, "content", " [nam")) == [TextDelta(0, "content", " ")]
    assert restoring.told(TextDelta(0, "content", "e]")) == [TextDelta(0, "content", "[name]")]


def test_what_is_held_goes_out_before_an_end_or_an_error() -> None:
    half = TextDelta(0, "content", NAME[:-2])
    assert told(half, END) == [half, END]
    failed = Failed(InternalError("x"))
    assert told(half, *call("[", pieces=1)[:2], failed)[-3:] == [half, ToolArguments(0, 0, "["), failed]
    assert told(half) == [half]


def test_an_empty_piece_still_says_that_the_text_exists() -> None:
    assert told(TextDelta(0, "content", ""), END) == [TextDelta(0, "content", ""), END]


def test_log_probabilities_stay_what_the_model_wrote() -> None:
    probabilities = {"content": [{"token": NAME}]}
    answer = told(TextDelta(0, "content", NAME[:3], probabilities), TextDelta(0, "content", NAME[3:]), END)
    assert answer == [TextDelta(0, "content", "", probabilities), TextDelta(0, "content", VALUE), END]


@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_arguments_of_calls_stay_json_whatever_a_value_has_in_it(pieces: int) -> None:
    arguments = {"to": NAME, NAME: [f"x {NAME.lower()}", 1, None], "n": 1.5}
    (started, *_), answer = call(""), told(*call(json.dumps(arguments), pieces))
    assert answer[0] == started
    assert json.loads(arguments_of(answer)) == {"to": VALUE, VALUE: [f"x {VALUE}", 1, None], "n": 1.5}


def test_json_inside_arguments_stays_json_too() -> None:
    inner = {"name": NAME, "more": json.dumps([NAME])}
    answer = json.loads(arguments_of(told(*call(json.dumps({"body": json.dumps(inner), "note": NAME})))))
    assert answer["note"] == VALUE
    body = json.loads(answer["body"])
    assert body["name"] == VALUE
    assert json.loads(body["more"]) == [VALUE]


def test_arguments_without_a_placeholder_come_out_to_the_letter() -> None:
    arguments = '{ "n" : 1.50, "x":"\\u0041" }'
    assert arguments_of(told(*call(arguments))) == arguments


@pytest.mark.parametrize("around", ['{{"a": "{}"', '{{"a": "{}", "a": 2}}', '"{}'])
def test_arguments_that_are_no_json_have_values_as_json_writes_them(around: str) -> None:
    written = json.dumps(VALUE, ensure_ascii=False)[1:-1]
    assert arguments_of(told(*call(around.format(NAME)))) == around.format(written)


def test_free_text_of_custom_tools_and_the_legacy_call_are_restored() -> None:
    custom = ToolCallStarted(0, 0, {"id": "c", "type": "custom", "custom": {"name": "f"}})
    assert arguments_of(told(custom, ToolArguments(0, 0, f"say {NAME}"), END)) == f"say {VALUE}"
    legacy = ToolCallStarted(0, FUNCTION_CALL, {"name": "f"})
    answer = told(legacy, ToolArguments(0, FUNCTION_CALL, f'["{NAME}"]'), END)
    assert json.loads(arguments_of(answer)) == [VALUE]


def test_a_function_has_the_name_that_the_caller_gave_it() -> None:
    (started, *_) = told(*call("{}", function={"name": NAME}))
    assert isinstance(started, ToolCallStarted)
    assert started.fields["function"] == {"name": VALUE}


def test_an_answer_asked_for_as_json_stays_json() -> None:
    wanted = {"type": "json_schema"}
    pieces = [TextDelta(0, "content", piece) for piece in cut(json.dumps({"a": NAME}), [3])]
    assert json.loads(text_of(told(*pieces, END, response_format=wanted))) == {"a": VALUE}
    thought = TextDelta(0, "reasoning", f"it is {NAME}")
    assert text_of(told(thought, END, response_format=wanted), 0, "reasoning") == f"it is {VALUE}"
    assert text_of(told(*pieces, END, response_format={"type": "text"})) == f'{{"a": "{VALUE}"}}'


def test_fields_that_came_in_pieces_are_restored_together() -> None:
    pieces = [Extra(0, {"blocks": [{"index": 0, "text": piece}], "n": 1}) for piece in cut(NAME, [4])]
    answer = told(*pieces, Extra(None, {"cited": {NAME: [NAME]}}), ChoiceFinished(0, "stop", {"x": NAME}))
    assert answer == [
        Extra(None, {"cited": {VALUE: [VALUE]}}),
        Extra(0, {"blocks": [{"index": 0, "text": VALUE}], "n": 1}),
        ChoiceFinished(0, "stop", {"x": VALUE}),
    ]


def test_arguments_in_other_fields_stay_json() -> None:
    calls = [{"function": {"arguments": json.dumps({"to": NAME})}}]
    (extra,) = told(Extra(None, {"calls": calls}))
    assert isinstance(extra, Extra)
    assert json.loads(extra.fields["calls"][0]["function"]["arguments"]) == {"to": VALUE}


def test_usage_passes_and_the_start_is_restored() -> None:
    usage = UsageReported({"x": NAME})
    assert told(Started({"id": "1", "echo": NAME}), usage) == [Started({"id": "1", "echo": VALUE}), usage]


def test_the_fold_is_what_was_told() -> None:
    restoring = Restoring(VAULT)
    for event in (Started({"id": "1"}), TextDelta(0, "content", NAME), END):
        restoring.told(event)
    assert restoring.fold.document()["choices"][0]["message"]["content"] == VALUE

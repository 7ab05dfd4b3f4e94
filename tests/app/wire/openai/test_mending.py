"""Answers of compatible providers, mended."""

import json
from typing import Any

import pytest

from app.catalogue.dialect import Dialect, ErrorWithin
from app.domain.errors import UpstreamRefused
from app.wire.openai.body import StreamBody, WholeBody
from app.wire.openai.mending import MendedBody, error_check
from tests.golden.openai_cases import fold

CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def _fold(choice: dict[str, Any], dialect: Dialect, *, strict: bool = True, **top: Any) -> dict[str, Any]:
    """Read an answer whole and as a stream of two chunks; both must fold to the same."""
    reason = choice.get("finish_reason")
    delta = {"index": 0, "delta": choice["message"]}
    chunks = [{"id": "a", "choices": [delta]}, {"choices": [{"delta": {}, "finish_reason": reason}], **top}]
    stream = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    streamed = MendedBody(StreamBody(10_000), dialect, strict=strict)
    events = [*streamed.feed(stream.encode()), *streamed.close()]
    whole = MendedBody(WholeBody(), dialect, strict=strict)
    list(whole.feed(json.dumps({"id": "a", "choices": [choice], **top}).encode()))
    found = fold(whole.close())
    assert _flat(fold(events)) == _flat(found)
    return found


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """Return it without places, which streams put into calls."""
    calls = document["choices"][0]["message"].get("tool_calls", [])
    for call in calls:
        call.pop("index", None)
    return document


def _said(text: str, reason: str | None = "stop", **fields: Any) -> dict[str, Any]:
    return {"index": 0, "message": {"content": text, **fields}, "finish_reason": reason}


@pytest.mark.parametrize(
    ("native", "ours"),
    [
        ("eos", "stop"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
        ("TOOL_CALL", "tool_calls"),
        ("sensitive", "content_filter"),
        ("anything", "stop"),
    ],
)
def test_a_foreign_reason_becomes_openais_and_is_kept_beside_it(native: str, ours: str) -> None:
    choice = _fold(_said("x", native), Dialect(finish={"sensitive": "content_filter"}))["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == (ours, native)


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter", "function_call"])
def test_openais_reasons_stay(reason: str) -> None:
    choice = _fold(_said("x", reason), Dialect())["choices"][0]
    assert choice["finish_reason"] == reason
    assert "native_finish_reason" not in choice


def test_a_caller_who_is_not_strict_gets_the_providers_word() -> None:
    assert _fold(_said("x", "eos"), Dialect(), strict=False)["choices"][0]["finish_reason"] == "eos"


def test_who_stops_to_call_a_tool_says_so() -> None:
    choice = _said("", "stop", tool_calls=[CALL])
    assert _fold(choice, Dialect())["choices"][0]["finish_reason"] == "tool_calls"
    assert _fold(choice, Dialect(), strict=False)["choices"][0]["finish_reason"] == "stop"
    assert _fold(choice, Dialect(stop_with_calls=True))["choices"][0]["finish_reason"] == "stop"


def test_a_failing_reason_is_an_error_before_anything_is_said() -> None:
    body = MendedBody(WholeBody(), Dialect(failing={"error": 502}), strict=False)
    list(body.feed(json.dumps({"choices": [_said("half", "error")]}).encode()))
    with pytest.raises(UpstreamRefused) as caught:
        next(body.close())
    assert (caught.value.status, caught.value.code) == (502, "error")


def test_reasoning_has_one_name() -> None:
    message = _fold(_said("x", reasoning="hm"), Dialect(rename_reasoning=True))["choices"][0]["message"]
    assert message == {"role": "assistant", "reasoning_content": "hm", "content": "x"}


def test_reasoning_keeps_its_name_for_a_caller_who_is_not_strict() -> None:
    found = _fold(_said("x", reasoning="hm"), Dialect(rename_reasoning=True), strict=False)
    assert found["choices"][0]["message"]["reasoning"] == "hm"


def test_reasoning_said_under_both_names_is_not_said_twice() -> None:
    said = _said("x", reasoning="hm", reasoning_content="hm")
    message = _fold(said, Dialect(rename_reasoning=True))["choices"][0]["message"]
    assert (message["reasoning_content"], message["reasoning"]) == ("hm", "hm")


def test_a_call_is_made_once() -> None:
    said = _said("", "tool_calls", tool_calls=[CALL], function_call={"name": "f", "arguments": "{}"})
    message = _fold(said, Dialect())["choices"][0]["message"]
    assert "function_call" not in message
    assert message["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}


def test_a_function_call_alone_stays() -> None:
    said = _said("", "function_call", function_call={"name": "f", "arguments": "{}"})
    message = _fold(said, Dialect())["choices"][0]["message"]
    assert message["function_call"] == {"name": "f", "arguments": "{}"}


def test_thoughts_leave_the_content() -> None:
    message = _fold(_said("<think>\nWhy?</think>\n\nSo."), Dialect(think_tags=True))["choices"][0]["message"]
    assert message == {"role": "assistant", "reasoning_content": "Why?", "content": "So."}


def test_who_only_thought_said_nothing() -> None:
    message = _fold(_said("<think>Why", "length"), Dialect(think_tags=True))["choices"][0]["message"]
    assert message == {"role": "assistant", "reasoning_content": "Why", "content": ""}


def test_an_empty_text_stays_a_text() -> None:
    assert _fold(_said(""), Dialect(think_tags=True))["choices"][0]["message"]["content"] == ""


def test_log_probabilities_wait_with_the_text_they_spell() -> None:
    body = MendedBody(StreamBody(10_000), Dialect(think_tags=True), strict=True)
    chunks = [
        {"delta": {"content": text}, "logprobs": {"content": [{"token": text}]}}
        for text in ("<thi", "n", " x")
    ]
    chunks.append({"delta": {}, "finish_reason": "stop"})
    stream = "".join(f"data: {json.dumps({'id': 'a', 'choices': [chunk]})}\n\n" for chunk in chunks)
    first, *rest = [event for event in body.feed(stream.encode()) if hasattr(event, "text")]
    assert not rest
    choice = fold([first, *body.close()])["choices"][0]
    assert choice["message"]["content"] == "<thin x"
    assert [item["token"] for item in choice["logprobs"]["content"]] == ["<thi", "n", " x"]


def test_parts_of_a_content_become_texts() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Why"}, {"type": "text", "text": "?"}]},
        {"type": "text", "text": "So."},
        {"type": "reference", "reference_ids": [1]},
    ]
    choice = {"message": {"content": parts}, "finish_reason": "stop"}
    message = _fold(choice, Dialect(thinking_parts=True))["choices"][0]["message"]
    assert message["reasoning_content"] == "Why?"
    assert message["content"] == [parts[2], {"type": "text", "text": "So."}]


@pytest.mark.parametrize(
    ("usage", "completion"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 17}, 12),
        ({"prompt_tokens": 5, "completion_tokens": 12, "total_tokens": 17}, 12),
        ({"prompt_tokens": 5, "completion_tokens": 2}, 2),
    ],
)
def test_reasoning_is_counted_once(usage: dict[str, Any], completion: int) -> None:
    usage = {**usage, "completion_tokens_details": {"reasoning_tokens": 10}}
    found = _fold(_said("x"), Dialect(reasoning_outside=True), usage=usage)
    assert found["usage"] == {**usage, "completion_tokens": completion}


def test_cached_tokens_stand_where_openai_has_them() -> None:
    usage = {"prompt_tokens": 9, "hits": 7}
    found = _fold(_said("x"), Dialect(cached_field="hits"), usage=usage)["usage"]
    assert found == {**usage, "prompt_tokens_details": {"cached_tokens": 7}}


def test_usage_without_faults_stays_as_it_is() -> None:
    usage = {"prompt_tokens": 9, "cost": 0.5}
    assert _fold(_said("x"), Dialect(), usage=usage)["usage"] == usage


def test_an_error_that_calls_itself_an_answer_is_one() -> None:
    place = ErrorWithin(object="base_resp", code="status_code", message="status_msg", statuses={1004: 401})
    check = error_check(Dialect(error_within=place))
    assert check is not None
    check({"base_resp": {"status_code": 0}, "choices": []})
    check({"choices": []})
    with pytest.raises(UpstreamRefused) as caught:
        check({"base_resp": {"status_code": 1004, "status_msg": "no key"}})
    assert (caught.value.status, caught.value.code, caught.value.message) == (401, "1004", "no key")
    with pytest.raises(UpstreamRefused) as caught:
        check({"base_resp": {"status_code": 7}})
    assert caught.value.status == 502
    assert error_check(Dialect()) is None

import json
from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from app.domain.operation import Operation
from app.wire.openai.asked_texts import tokens_in
from app.wire.openai.request import Limits, checked, decode

LIMITS = Limits(max_inputs=3)
EMBED, COMPLETE = Operation.EMBEDDINGS, Operation.COMPLETION


def read(operation: Operation, **fields: Any) -> Any:
    return decode(json.dumps({"model": "m", **fields}).encode(), LIMITS, operation)


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("a", None),
        (["a", "b"], None),
        ([1, 2, 3, 4], "input"),
        ([[1, 2], [3]], "input[0]"),
        (["a", [1]], "input[1]"),
    ],
)
def test_tokens_are_found(asked: Any, where: str | None) -> None:
    assert read(EMBED, input=asked).unreadable == where
    prompt = where and where.replace("input", "prompt")
    assert read(COMPLETE, prompt=asked).unreadable == prompt


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ([], "input"),
        ({}, "input"),
        (1, "input"),
        (None, "input"),
        ([True], "input[0]"),
        ([-1], "input[0]"),
        ([1.5], "input[0]"),
        ([[]], "input[0]"),
        (["a", None], "input[1]"),
        (["a", {"text": "b"}], "input[1]"),
        ([1, "a"], "input[0]"),
        (["a"] * 4, "input"),
        ([[1]] * 4, "input"),
    ],
)
def test_what_is_neither_text_nor_tokens_is_refused_with_its_place(asked: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(EMBED, input=asked)
    assert caught.value.param == param


def test_the_bound_on_inputs_is_no_bound_on_tokens() -> None:
    assert read(EMBED, input=[1] * 8191).unreadable == "input"
    assert tokens_in({"prompt": None}, "prompt") is None


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "input"),
        ({"input": "a", "encoding_format": "hunter2"}, "encoding_format"),
        ({"input": "a", "encoding_format": 1}, "encoding_format"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": "a", "dimensions": "x"}, "dimensions"),
        ({"input": "a", "model": ""}, "model"),
    ],
)
def test_every_documented_field_of_embeddings_is_checked(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(EMBED, **fields)
    assert caught.value.param == param
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "prompt"),
        ({"prompt": "a", "n": "x"}, "n"),
        ({"prompt": "a", "stream_options": {}}, "stream_options"),
        ({"prompt": "a", "logprobs": True}, "logprobs"),
    ],
)
def test_every_documented_field_of_completions_is_checked(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(COMPLETE, **fields)
    assert caught.value.param == param


def test_a_prompt_may_be_null_as_openai_has_it() -> None:
    assert read(COMPLETE, prompt=None).unreadable is None


def test_an_empty_body_is_told_what_is_expected() -> None:
    with pytest.raises(InvalidRequest, match="`input` is expected"):
        decode(b"", LIMITS, EMBED)


def test_embeddings_do_not_stream() -> None:
    assert not read(EMBED, input="a", stream=True).stream


def test_what_a_config_changed_is_checked_as_what_it_is() -> None:
    asked = read(EMBED, input="a")
    again = checked(asked)
    assert (again.operation, again.model, again.document) == (EMBED, "m", asked.document)

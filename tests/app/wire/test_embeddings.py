import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse

from app.domain.errors import InvalidRequest, UpstreamBroken
from app.wire.embeddings import EmbeddingsBody, inputs_of, texts_of, tokens_used, vector_length
from app.wire.format import AnswerHead
from app.wire.openai.embeddings import EmbeddingsFold, read_vectors
from tests.embeddings import JSON, VECTORS, document, in_base64, question
from tests.oracles import checker, violations

TWO = question(["a", "b"])


def told(sent: Any, asked: Any = TWO, head: AnswerHead = JSON) -> dict[str, Any]:
    body = EmbeddingsBody(asked, read_vectors, head)
    fold = EmbeddingsFold()
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    for event in (*body.feed(raw[:7]), *body.feed(raw[7:]), *body.close()):
        fold.add(event)
    return fold.document()


def test_an_answer_is_openais_whatever_its_order() -> None:
    sent = document(VECTORS)
    sent["data"].reverse()
    found = told(sent)
    assert found == document(VECTORS)
    assert violations(checker(CreateEmbeddingResponse), found) == []


@pytest.mark.parametrize("sent", [VECTORS, [in_base64(one) for one in VECTORS]])
@pytest.mark.parametrize(
    ("wanted", "vectors"),
    [({}, VECTORS), ({"encoding_format": "float"}, VECTORS), ({"encoding_format": "base64"}, None)],
)
def test_vectors_come_in_the_form_that_was_asked_for(sent: Any, wanted: Any, vectors: Any) -> None:
    found = told(document(sent), question(["a", "b"], **wanted))
    expected = vectors or [in_base64(one) for one in VECTORS]
    assert [one["embedding"] for one in found["data"]] == expected


@pytest.mark.parametrize(
    "vectors",
    [
        [[0.5]],
        [[0.5], [0.5], [0.5]],
        [[0.5, 0.5], [0.5]],
        [[0.5], []],
        [[0.5], [True]],
        [[0.5], ["x"]],
        [[0.5], None],
        [[0.5], "not base64 !"],
        [[0.5], ""],
        [[0.5], "AAA="],
        [[0.5], in_base64([math.inf])],
        [[0.5], in_base64([math.nan])],
    ],
)
def test_what_are_no_vectors_of_these_texts_is_no_answer(vectors: Any) -> None:
    with pytest.raises(UpstreamBroken):
        told(document(vectors))


def test_a_number_that_32_bits_cannot_hold_is_no_answer_in_base64() -> None:
    with pytest.raises(UpstreamBroken):
        told(document([[1e300]]), question("a", encoding_format="base64"))
    assert told(document([[1e300]]), question("a"))["data"][0]["embedding"] == [1e300]


@pytest.mark.parametrize(
    "sent",
    [b"{", b"[]", b"null", b'{"data": {}}', b'{"data": [1, 2]}', b'{"data": []}', b"\xff\xfe", b"[NaN]"],
)
def test_junk_is_no_answer(sent: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        told(sent)


def test_an_answer_that_says_to_be_something_else_is_none() -> None:
    with pytest.raises(UpstreamBroken):
        EmbeddingsBody(TWO, read_vectors, AnswerHead(media_type="text/event-stream"))
    assert told(document(VECTORS), head=AnswerHead(media_type=""))["data"]


def test_no_words_of_a_provider_go_out() -> None:
    sent = document(
        VECTORS, model="my mail is a@b.example", note="words", usage={"prompt_tokens": 2, "said": "w"}
    )
    sent["data"][0]["note"] = "words"
    assert told(sent) == document(VECTORS, model="m", usage={"prompt_tokens": 2})


def test_a_provider_that_does_not_count_has_no_usage() -> None:
    sent = document(VECTORS)
    del sent["usage"]
    assert told(sent)["usage"] is None


@pytest.mark.parametrize(
    ("asked", "inputs"),
    [("a", ["a"]), (["a", "b"], ["a", "b"]), ([1, 2], [[1, 2]]), ([[1, 2], [3]], [[1, 2], [3]])],
)
def test_each_text_and_each_array_of_tokens_is_one_input(asked: Any, inputs: Any) -> None:
    assert inputs_of({"input": asked}) == inputs


def test_tokens_are_for_those_who_know_them() -> None:
    assert texts_of({"input": ["a", "b"]}, "It") == ["a", "b"]
    with pytest.raises(InvalidRequest, match="texts only") as caught:
        texts_of({"input": ["a", [1, 2]]}, "It")
    assert (caught.value.param, caught.value.code) == ("input", "unsupported_parameter")


@pytest.mark.parametrize(
    ("count", "known"), [(3, 3), (3.0, 3), (3.5, None), (-1, None), (True, None), ("3", None)]
)
def test_only_numbers_are_counts(count: object, known: int | None) -> None:
    assert tokens_used(count) == (None if known is None else {"prompt_tokens": known, "total_tokens": known})


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_both_forms_say_the_same(vector: list[float]) -> None:
    as_text = told(document([vector]), question("a", encoding_format="base64"))["data"][0]["embedding"]
    assert told(document([as_text]), question("a"))["data"][0]["embedding"] == vector
    assert vector_length(as_text) == vector_length(vector) == len(vector)

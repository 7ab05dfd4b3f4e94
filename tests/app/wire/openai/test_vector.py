import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.wire.openai.vector import question, vector_of


def test_the_vector_of_one_text_is_asked_for_in_numbers() -> None:
    assert json.loads(question("small", "a\nb")) == {
        "model": "small",
        "input": "a\nb",
        "encoding_format": "float",
    }


def test_a_vector_is_read_from_the_one_row() -> None:
    row = {"object": "embedding", "index": 0, "embedding": [1, -0.5, 2e-3]}
    assert vector_of({"object": "list", "data": [row], "usage": {}}) == [1.0, -0.5, 0.002]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"data": []},
        {"data": [{"embedding": [1]}, {"embedding": [1]}]},
        {"data": [{"embedding": "AAAA"}]},
        {"data": [{"embedding": ["1"]}]},
    ],
)
def test_what_is_no_vector_is_none(document: Any) -> None:
    with pytest.raises(UpstreamBroken):
        vector_of(document)


def test_an_error_in_an_answer_is_an_error() -> None:
    with pytest.raises(UpstreamRefused, match="no such model"):
        vector_of({"error": {"message": "no such model", "code": 404}})

import json
from typing import Any

import pytest
from openai.types import EmbeddingCreateParams

from app.catalogue.catalogue import Catalogue
from app.catalogue.dialect import Dialect, Embeddings
from app.domain.errors import InvalidRequest, UpstreamRefused
from app.domain.events import Embedded, Started, TextDelta, UsageReported
from app.wire.openai.azure_format import AzureFormat
from app.wire.openai.embeddings import EmbeddingsFold, ask_embeddings, read_vectors
from app.wire.openai.format import OpenAIFormat
from tests.embeddings import VECTORS, answer, document, question
from tests.oracles import checker, violations


def said(
    dialect: Dialect | None = None, texts: Any = "a", **fields: Any
) -> tuple[dict[str, Any], tuple[str, ...]]:
    asked = ask_embeddings(question(texts, **fields), dialect or Dialect(), "It")
    return json.loads(asked.content), asked.dropped


def test_a_request_goes_out_as_it_came() -> None:
    fields: dict[str, Any] = {"encoding_format": "base64", "dimensions": 256, "user": "u"}
    body, dropped = said(texts=["a", "b"], **fields, input_type="query")
    assert (body, dropped) == ({"model": "m", "input": ["a", "b"], **fields, "input_type": "query"}, ())
    del body["input_type"]
    assert violations(checker(EmbeddingCreateParams), body) == []


def test_tokens_go_to_those_who_know_them() -> None:
    assert said(texts=[[1, 2], [3]])[0]["input"] == [[1, 2], [3]]


def test_a_dialect_renames_and_drops() -> None:
    dialect = Dialect(
        embeddings=Embeddings(rename={"dimensions": "output_dimension"}, drop=("user", "encoding_format"))
    )
    body, dropped = said(dialect, dimensions=3, user="u", encoding_format="base64")
    assert body == {"model": "m", "input": "a", "output_dimension": 3}
    assert dropped == ("user",)  # the form of the answer is not lost: it is converted
    with pytest.raises(InvalidRequest) as caught:
        said(dialect, user="u", unsupported="error")
    assert caught.value.param == "user"


@pytest.mark.parametrize(
    ("kind", "field"), [("mistral", "output_dimension"), ("openai", "dimensions"), ("ollama", "dimensions")]
)
def test_rows_know_what_vendors_call_it(kind: str, field: str) -> None:
    row = Catalogue.load().row(kind)
    assert row is not None
    assert said(row.dialect, dimensions=3)[0][field] == 3


@pytest.mark.parametrize("kind", ["groq", "deepseek", "cerebras"])
def test_some_have_none(kind: str) -> None:
    row = Catalogue.load().row(kind)
    assert row is not None
    with pytest.raises(InvalidRequest, match="has no embeddings") as caught:
        OpenAIFormat(row.dialect, name=kind).ask(question("a"))
    assert caught.value.code == "unsupported_operation"


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("2024-10-21", "deployments/m/embeddings?api-version=2024-10-21"),
        (None, "v1/embeddings"),
        ("preview", "v1/embeddings?api-version=preview"),
    ],
)
def test_azure_has_them_beside_its_chat(version: str | None, path: str) -> None:
    asked = AzureFormat(version).ask(question("a"))
    assert asked.path == path
    assert answer(asked, document(VECTORS[:1])) == document(VECTORS[:1])


def test_an_error_with_status_200_is_an_error() -> None:
    with pytest.raises(UpstreamRefused):
        read_vectors({"error": {"message": "no", "type": "server_error"}})


def test_places_that_are_none_leave_the_order_as_it_is() -> None:
    sent = document(VECTORS)
    for one in sent["data"]:
        one["index"] = 0
    assert read_vectors(sent).vectors == VECTORS


def test_a_fold_has_vectors_for_the_caller_and_their_lengths_for_the_record() -> None:
    fold = EmbeddingsFold()
    events = (Started({"model": "m"}), Embedded(0, [0.5, 1.0]), UsageReported({"prompt_tokens": 1}))
    for event in (*events, TextDelta(0, "content", "no text")):
        fold.add(event)
    usage = {"prompt_tokens": 1}
    item = {"object": "embedding", "index": 0}
    assert fold.document() == {
        "object": "list",
        "data": [item | {"embedding": [0.5, 1.0]}],
        "model": "m",
        "usage": usage,
    }
    assert fold.recorded() == {
        "object": "list",
        "data": [item | {"dimensions": 2}],
        "model": "m",
        "usage": usage,
    }

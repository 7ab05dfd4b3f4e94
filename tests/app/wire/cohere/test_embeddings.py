"""Cohere's embeddings, held against its own client on a socket."""

import asyncio
import json
from typing import Any

import cohere
import httpx
import pytest

from app.domain.errors import InvalidRequest, UpstreamBroken
from app.wire.cohere.format import CohereFormat
from tests.embeddings import VECTORS, answer, question
from tests.upstreams import Upstream, whole

ANSWER: dict[str, Any] = {
    "id": "e1",
    "response_type": "embeddings_by_type",
    "embeddings": {"float": VECTORS},
    "texts": ["a", "b"],
    "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2.0}},
}


async def test_it_is_asked_as_its_own_client_asks_it() -> None:
    async with Upstream(whole(ANSWER), path="") as api:

        def ask() -> Any:
            with httpx.Client(trust_env=False) as http:
                client: Any = cohere.ClientV2(api_key="k", base_url=api.base_url, httpx_client=http)
                return client.embed(
                    model="embed-v4.0",
                    texts=["a", "b"],
                    input_type="search_query",
                    output_dimension=2,
                    truncate="END",
                    embedding_types=["float"],
                )

        said = await asyncio.to_thread(ask)
    ours = CohereFormat().ask(
        question(["a", "b"], model="embed-v4.0", dimensions=2, input_type="search_query", truncate="END")
    )
    assert (api.requests[0].target, api.requests[0].json()) == (f"/{ours.path}", json.loads(ours.content))
    found = answer(ours, ANSWER)
    assert [one["embedding"] for one in found["data"]] == said.embeddings.float_ == VECTORS
    assert found["usage"] == {"prompt_tokens": 2, "total_tokens": 2}


def test_who_says_nothing_wants_to_be_found() -> None:
    body = json.loads(CohereFormat().ask(question("a")).content)
    assert (body["texts"], body["input_type"]) == (["a"], "search_document")


def test_the_tokens_of_the_model_go_before_those_that_are_billed() -> None:
    meta = {"tokens": {"input_tokens": 7}, "billed_units": {"input_tokens": 2}}
    assert (
        answer(CohereFormat().ask(question(["a", "b"])), ANSWER | {"meta": meta})["usage"]["prompt_tokens"]
        == 7
    )
    assert answer(CohereFormat().ask(question(["a", "b"])), ANSWER | {"meta": None})["usage"] is None


def test_what_it_cannot_be_asked_for_is_dropped_or_refused() -> None:
    assert CohereFormat().ask(question("a", user="u")).dropped == ("user",)
    with pytest.raises(InvalidRequest):
        CohereFormat().ask(question("a", user="u", unsupported="error"))
    with pytest.raises(InvalidRequest, match="texts only"):
        CohereFormat().ask(question([[1]]))


@pytest.mark.parametrize("sent", [{}, [], {"embeddings": {"int8": [[1]]}}, {"embeddings": {"float": "x"}}])
def test_an_answer_without_vectors_is_none(sent: Any) -> None:
    with pytest.raises(UpstreamBroken):
        answer(CohereFormat().ask(question("a")), sent)

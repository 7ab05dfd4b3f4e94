"""Embeddings on Bedrock, held against boto3 on a socket."""

import asyncio
import json
from typing import Any

import boto3
import botocore.config
import pytest

from app.domain.errors import InvalidRequest, UpstreamBroken
from app.wire.bedrock.format import BedrockFormat
from app.wire.format import AnswerHead
from tests.embeddings import VECTORS, answer, question
from tests.upstreams import Upstream, whole

TITAN = "amazon.titan-embed-text-v2:0"
COHERE = "cohere.embed-multilingual-v3"
WIRE = BedrockFormat(lambda: 0.0)


def titan(vector: list[float], tokens: int | None = 3) -> dict[str, Any]:
    counted = {} if tokens is None else {"inputTextTokenCount": tokens}
    return {"embedding": vector, "embeddingsByType": {"float": vector}, **counted}


async def test_the_path_is_the_one_that_boto3_takes() -> None:
    body = {"inputText": "a", "dimensions": 256, "normalize": True}
    async with Upstream(whole(titan(VECTORS[0])), path="") as api:

        def ask() -> Any:
            client = boto3.client(
                "bedrock-runtime",
                region_name="us-east-1",
                endpoint_url=api.base_url,
                aws_access_key_id="a",
                aws_secret_access_key="s",
                config=botocore.config.Config(retries={"total_max_attempts": 1}),
            )
            return json.load(client.invoke_model(modelId=TITAN, body=json.dumps(body))["body"])

        said = await asyncio.to_thread(ask)
    ours = WIRE.ask(question("a", model=TITAN, dimensions=256, normalize=True))
    assert (api.requests[0].target, api.requests[0].json()) == (f"/{ours.path}", json.loads(ours.content))
    assert answer(ours, said)["data"][0]["embedding"] == VECTORS[0]


def test_titan_is_asked_for_one_text_after_the_other() -> None:
    asked = WIRE.ask(question(["a", "b", "c"], model=TITAN))
    assert [json.loads(one.content)["inputText"] for one in (asked, *asked.then)] == ["a", "b", "c"]
    found = answer(asked, *(titan([float(i)]) for i in range(3)))
    assert [(one["index"], one["embedding"]) for one in found["data"]] == [(0, [0.0]), (1, [1.0]), (2, [2.0])]
    assert (found["model"], found["usage"]) == (TITAN, {"prompt_tokens": 9, "total_tokens": 9})


def test_a_sum_of_which_a_part_is_not_known_is_not_known() -> None:
    asked = WIRE.ask(question(["a", "b", "c"], model=TITAN))
    assert answer(asked, titan([1.0]), titan([1.0], None), titan([1.0]))["usage"] is None


def test_coheres_models_take_all_texts_and_their_tokens_stand_in_a_header() -> None:
    asked = WIRE.ask(question(["a", "b"], model=COHERE, input_type="search_query"))
    assert asked.path == "model/cohere.embed-multilingual-v3/invoke"
    assert json.loads(asked.content) == {
        "texts": ["a", "b"],
        "input_type": "search_query",
        "embedding_types": ["float"],
    }
    head = AnswerHead(media_type="application/json", headers={"x-amzn-bedrock-input-token-count": "6"})
    for sent in ({"embeddings": {"float": VECTORS}}, {"embeddings": VECTORS}):
        found = answer(asked, sent, head=head)
        assert [one["embedding"] for one in found["data"]] == VECTORS
        assert found["usage"] == {"prompt_tokens": 6, "total_tokens": 6}
    assert answer(asked, {"embeddings": VECTORS})["usage"] is None


@pytest.mark.parametrize("model", ["anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-pro-v1:0"])
def test_other_models_have_none(model: str) -> None:
    with pytest.raises(InvalidRequest, match="has no embeddings"):
        WIRE.ask(question("a", model=model))


def test_a_name_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no model id"):
        WIRE.ask(question("a", model="amazon.titan-embed/../x?"))


def test_what_it_cannot_be_asked_for_is_dropped_or_refused() -> None:
    assert WIRE.ask(question("a", model=TITAN, user="u")).dropped == ("user",)
    with pytest.raises(InvalidRequest):
        WIRE.ask(question("a", model=TITAN, user="u", unsupported="error"))
    with pytest.raises(InvalidRequest, match="texts only"):
        WIRE.ask(question([1], model=TITAN))


@pytest.mark.parametrize("sent", [{}, [], {"embedding": []}, {"embedding": "x"}])
def test_an_answer_without_vectors_is_none(sent: Any) -> None:
    with pytest.raises(UpstreamBroken):
        answer(WIRE.ask(question("a", model=TITAN)), sent)

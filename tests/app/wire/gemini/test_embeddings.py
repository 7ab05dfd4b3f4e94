"""Gemini's embeddings, held against google-genai on a socket."""

import asyncio
import json
from typing import Any

import pytest
from google import genai
from google.genai import types

from app.domain.errors import InvalidRequest, UpstreamBroken
from app.wire.gemini.format import GeminiFormat
from tests.embeddings import VECTORS, answer, question
from tests.upstreams import Upstream, whole

BATCH = {"embeddings": [{"values": one} for one in VECTORS], "usageMetadata": {"promptTokenCount": 4}}
PREDICTED = {
    "predictions": [
        {"embeddings": {"values": one, "statistics": {"token_count": 2.0, "truncated": False}}}
        for one in VECTORS
    ]
}


async def googles(answered: dict[str, Any], texts: list[Any], **config: Any) -> tuple[str, Any, Any]:
    """Return what Google's own client sends, and what it makes of the answer."""
    async with Upstream(whole(answered), path="") as api:

        def ask() -> Any:
            options = types.HttpOptions(
                base_url=api.base_url, api_version="v1beta", client_args={"trust_env": False}
            )
            client = genai.Client(api_key="k", http_options=options)
            return client.models.embed_content(
                model="gemini-embedding-001", contents=texts, config=types.EmbedContentConfig(**config)
            )

        said = await asyncio.to_thread(ask)
        return api.requests[0].target, api.requests[0].json(), said


async def test_the_gemini_api_is_asked_as_googles_client_asks_it() -> None:
    path, body, said = await googles(BATCH, ["a", "b"], output_dimensionality=2, task_type="RETRIEVAL_QUERY")
    ours = GeminiFormat().ask(
        question(["a", "b"], model="gemini-embedding-001", dimensions=2, task_type="RETRIEVAL_QUERY")
    )
    for one in body["requests"]:
        one["content"].pop("role", None)  # which embeddings have none of
    assert (path.partition("?")[0].removeprefix("/v1beta/"), body) == (ours.path, json.loads(ours.content))
    found = answer(ours, BATCH)
    assert [one["embedding"] for one in found["data"]] == [one.values for one in said.embeddings] == VECTORS
    assert (found["model"], found["usage"]) == (
        "gemini-embedding-001",
        {"prompt_tokens": 4, "total_tokens": 4},
    )


def test_vertex_ai_is_asked_to_predict_and_counts_each_text() -> None:
    ours = GeminiFormat("vertex").ask(
        question(
            ["a", "b"], model="text-embedding-005", dimensions=2, task_type="CLUSTERING", auto_truncate=False
        )
    )
    assert ours.path == "models/text-embedding-005:predict"
    assert json.loads(ours.content) == {
        "instances": [{"content": text, "task_type": "CLUSTERING"} for text in ("a", "b")],
        "parameters": {"outputDimensionality": 2, "autoTruncate": False},
    }
    assert answer(ours, PREDICTED)["usage"] == {"prompt_tokens": 4, "total_tokens": 4}


def test_a_count_that_is_not_there_is_not_known() -> None:
    ours = GeminiFormat().ask(question("a"))
    assert answer(ours, {"embeddings": [{"values": [0.5]}]})["usage"] is None


def test_what_it_cannot_be_asked_for_is_dropped_or_refused() -> None:
    assert GeminiFormat().ask(question("a", user="u", encoding_format="base64")).dropped == ("user",)
    with pytest.raises(InvalidRequest):
        GeminiFormat().ask(question("a", user="u", unsupported="error"))
    with pytest.raises(InvalidRequest, match="texts only"):
        GeminiFormat().ask(question([1, 2]))


@pytest.mark.parametrize("host", ["gemini", "vertex"])
@pytest.mark.parametrize("sent", [{}, [], {"embeddings": 1}, {"predictions": [1]}, {"embeddings": [{}]}])
def test_an_answer_without_vectors_is_none(host: Any, sent: Any) -> None:
    with pytest.raises(UpstreamBroken):
        answer(GeminiFormat(host).ask(question("a")), sent)

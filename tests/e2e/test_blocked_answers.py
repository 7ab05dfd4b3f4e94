"""An answer that must not be released: 446 as a whole, an error in the stream, and nothing of it gets out."""

from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from tests.e2e.completions import completion, said, spoken
from tests.e2e.planted import GUARDRAILS
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Upstream, whole

TEXT = "Here it comes: the launch code is swordfish. Good luck."


def _config(upstream: Upstream, record: Database) -> str:
    return f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}"}}}}
records: {{url: "{record.url}"}}
{GUARDRAILS}"""


async def test_a_whole_answer_is_refused_with_446(tmp_path: Path, record: Database) -> None:
    async with Upstream(whole(completion(said(TEXT)))) as upstream:
        with serve(_config(upstream, record), tmp_path) as service:
            async with openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="x", max_retries=0) as client:
                with pytest.raises(openai.APIStatusError) as caught:
                    await client.chat.completions.create(
                        model="@scripted/m", messages=[{"role": "user", "content": "Tell me."}]
                    )
            row = record.exchange(caught.value.response.headers["x-request-id"])
    assert caught.value.status_code == 446
    assert "launch" not in caught.value.response.text.replace("no-launch", "")
    assert (row["outcome"], row["status_code"], row["chars_released"]) == ("blocked_output", 446, 0)
    assert "swordfish" not in record.everything()


async def test_a_stream_ends_before_the_match_with_an_error(tmp_path: Path, record: Database) -> None:
    chunks: list[ChatCompletionChunk] = []
    async with Upstream(spoken(TEXT)) as upstream:
        with serve(_config(upstream, record), tmp_path) as service:
            async with openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="x", max_retries=0) as client:
                raw = await client.chat.completions.with_raw_response.create(
                    model="@scripted/m", messages=[{"role": "user", "content": "Tell me."}], stream=True
                )
                with pytest.raises(openai.APIError):
                    await _listen(raw.parse(), chunks)
            row = record.exchange(raw.headers["x-request-id"])
    heard = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "Here it comes: the launch code".startswith(heard)
    assert "launch code" not in heard
    assert chunks[-1].choices[0].finish_reason == "content_filter"
    assert row["outcome"] == "blocked_output"
    assert row["chars_released"] == len(heard)
    assert "swordfish" not in record.everything()


async def _listen(stream: openai.AsyncStream[ChatCompletionChunk], chunks: list[ChatCompletionChunk]) -> None:
    async for chunk in stream:
        chunks.append(chunk)  # noqa: PERF401 (what came before the error counts)

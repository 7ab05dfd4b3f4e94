"""Golden files of Gemini: requests, answers, and the `openai` SDK as the judge of both forms of an answer."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from google.genai import types
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from app.wire.openai.request import Limits, decode
from tests.golden.gemini_cases import FOLDER, REQUESTS, STREAMS, body, events, expected, released, text_of
from tests.golden.openai_cases import fold
from tests.upstreams import Upstream, stream, whole

MESSAGES: Any = [{"role": "user", "content": "hi"}]
HELPED = sorted(
    set(STREAMS) - {"grounded", "code"} - {"blocked_prompt", "cut_by_length", "cut_by_safety", "n2"}
)
"""What the SDK's helper can put together: it refuses lists of entries without an index, and raises where an
answer was cut by its length or a filter."""


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as running:
        yield running


@pytest.fixture
async def client(upstream: Upstream) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=upstream.base_url, api_key="k", max_retries=0) as running:
        yield running


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_becomes_what_its_file_says(name: str) -> None:
    case = json.loads(expected(name, "request.json"))
    decode(json.dumps({"model": "m", **case["document"]}).encode(), Limits())
    assert text_of(body(name)) == expected(name, "body.json")


@pytest.mark.parametrize("name", STREAMS)
def test_an_answer_becomes_what_its_files_say(name: str) -> None:
    found = events(name)
    assert text_of(fold(found)) == expected(name, "folded.json")
    assert released(found) == expected(name, "released.sse")


@pytest.mark.parametrize("name", STREAMS)
def test_what_gemini_sends_is_an_answer_by_googles_types(name: str) -> None:
    for line in expected(name, "responses.jsonl").splitlines():
        types.GenerateContentResponse.model_validate_json(line)


@pytest.mark.parametrize("name", STREAMS)
def test_every_chunk_and_document_of_ours_is_one_by_openais_types(name: str) -> None:
    for data in expected(name, "released.sse").removesuffix("data: [DONE]\n\n").split("\n\n")[:-1]:
        ChatCompletionChunk.model_validate_json(data.removeprefix("data: "), strict=True)
    ChatCompletion.model_validate_json(expected(name, "folded.json"))


@pytest.mark.parametrize("name", STREAMS)
async def test_the_sdk_reads_our_document(name: str, upstream: Upstream, client: openai.AsyncOpenAI) -> None:
    folded = json.loads(expected(name, "folded.json"))
    upstream.script(whole(folded))
    answer = await client.chat.completions.create(model="m", messages=MESSAGES)
    assert answer.model_dump(exclude_unset=True, warnings=False) == folded


@pytest.mark.parametrize("name", HELPED)
async def test_the_sdks_helper_puts_our_stream_together_as_we_fold_it(
    name: str, upstream: Upstream, client: openai.AsyncOpenAI
) -> None:
    folded = json.loads(expected(name, "folded.json"))
    upstream.script(stream([expected(name, "released.sse").encode()]))
    async with client.chat.completions.stream(model="m", messages=MESSAGES, n=2) as answer:
        async for _ in answer:
            pass
        final = await answer.get_final_completion()
    assert final.usage is None or final.usage.model_dump(exclude_unset=True) == folded["usage"]
    for choice, meant in zip(final.choices, folded["choices"], strict=True):
        message = choice.message
        assert (message.content or "") == (meant["message"].get("content") or "")
        assert (message.refusal or "") == (meant["message"].get("refusal") or "")
        assert choice.finish_reason == meant["finish_reason"]
        calls = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()]
        said = [
            (call["id"], call["function"]["name"], call["function"]["arguments"])
            for call in meant["message"].get("tool_calls", ())
        ]
        assert calls == said


def test_there_are_files() -> None:
    assert len(REQUESTS) >= 5
    assert len(STREAMS) >= 10
    assert {file.name.split(".", 1)[0] for file in FOLDER.iterdir()} == {*REQUESTS, *STREAMS}

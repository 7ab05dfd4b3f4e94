"""The `openai` SDK as the judge of what becomes of Anthropic's answers: it reads them off a real socket."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from tests.golden import anthropic_cases as cases
from tests.oracles import checker, violations
from tests.upstreams import Upstream, stream, whole

MODEL: Any = "m"
MESSAGES: Any = [{"role": "user", "content": "hi"}]
STRICT = [name for name in cases.ANSWERS if cases.reading(name).strict]

RAISED: dict[str, type[openai.OpenAIError]] = {
    "max_tokens": openai.LengthFinishReasonError,
    "refusal": openai.ContentFilterFinishReasonError,
}
"""What the SDK's helper makes of answers that did not come to their end."""


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as running:
        yield running


@pytest.fixture
async def client(upstream: Upstream) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=upstream.base_url, api_key="k", max_retries=0) as running:
        yield running


def said(message: dict[str, Any]) -> dict[str, Any]:
    """Return what a caller sees of a message, apart from fields that are null or empty."""
    return {key: value for key, value in message.items() if value or key == "content"}


@pytest.mark.parametrize("name", STRICT)
async def test_the_sdk_puts_our_stream_together(
    name: str, upstream: Upstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script(stream([cases.released(name).encode()]))
    async with client.chat.completions.stream(
        model=MODEL, messages=MESSAGES, stream_options={"include_usage": True}
    ) as answer:
        chunks = [event.chunk async for event in answer if event.type == "chunk"]
        if name in RAISED:
            with pytest.raises(RAISED[name]):
                await answer.get_final_completion()
            return
        final = await answer.get_final_completion()
    for chunk in chunks:
        dumped = chunk.model_dump(exclude_unset=True)
        assert violations(checker(ChatCompletionChunk, close_open=False), dumped) == []
    document = cases.load(f"{name}.folded.json")
    message = final.choices[0].message.model_dump(exclude_unset=True)
    expected = document["choices"][0]["message"]
    for call in message.get("tool_calls") or ():
        call.pop("index", None)
        call["function"].pop("parsed_arguments", None)
    message.pop("parsed", None)
    assert said(message) == said({**expected, "content": message["content"]})
    assert (message["content"] or None) == (expected["content"] or None)
    assert final.choices[0].finish_reason == document["choices"][0]["finish_reason"]
    assert final.usage is not None
    assert final.usage.total_tokens == document["usage"]["total_tokens"]


@pytest.mark.parametrize("name", STRICT)
async def test_the_sdk_reads_our_document(name: str, upstream: Upstream, client: openai.AsyncOpenAI) -> None:
    document = cases.load(f"{name}.folded.json")
    upstream.script(whole(document))
    answer = await client.chat.completions.create(model=MODEL, messages=MESSAGES)
    assert answer.model_dump(exclude_unset=True) == document

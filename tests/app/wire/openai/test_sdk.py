"""The `openai` SDK as the judge of what we write: it reads our streams and documents off a real socket."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from app.domain.errors import UpstreamBroken
from app.domain.events import Blocked, Event, Failed, Started, TextDelta
from app.wire.openai.document import events_of_document
from guardrails.verdict import Action, Decision, Mode, Side, Verdict
from tests.golden.openai_cases import (
    DOCUMENTS,
    STREAMS,
    chunks,
    document,
    events,
    fold,
    folded,
    released,
    stream_bytes,
    write,
)
from tests.upstreams import Upstream, stream, whole

MODEL: Any = "m"
MESSAGES: Any = [{"role": "user", "content": "hi"}]
ODD_CONTENT = {"mistral_thinking", "mistral_parts"}
"""Content that is a list of parts is Mistral's own; the SDK's types know text only."""
UNTYPED = {"custom_tool"}
"""The SDK's chunks have no type for calls of custom tools, its documents do."""
HELPED = sorted(set(STREAMS) - ODD_CONTENT - UNTYPED - {"audio_and_annotations"})
"""What the SDK's helper can put together itself: lists of entries without an index it refuses."""


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as running:
        yield running


@pytest.fixture
async def client(upstream: Upstream) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=upstream.base_url, api_key="k", max_retries=0) as running:
        yield running


async def collect(client: openai.AsyncOpenAI) -> list[ChatCompletionChunk]:
    answer = await client.chat.completions.create(
        model=MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    return [chunk async for chunk in answer]


@pytest.mark.parametrize("name", STREAMS)
async def test_the_sdk_reads_our_stream_to_the_end(
    name: str, upstream: Upstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script(stream([released(name).encode()]))
    found = await collect(client)
    texts = [choice.delta.content for chunk in found for choice in chunk.choices if choice.index == 0]
    said = folded(name)["choices"][0]["message"].get("content")
    if name not in ODD_CONTENT:
        assert "".join(text or "" for text in texts) == (said or "")
    assert len({(chunk.id, chunk.model, chunk.created) for chunk in found}) == 1
    usage = found[-1].usage
    assert (usage.model_dump(exclude_unset=True) if usage else None) == folded(name).get("usage")


@pytest.mark.parametrize("name", sorted(set(STREAMS) - ODD_CONTENT - UNTYPED))
def test_every_chunk_of_ours_is_one_by_the_sdks_types(name: str) -> None:
    for data in released(name).removesuffix("data: [DONE]\n\n").split("\n\n")[:-1]:
        ChatCompletionChunk.model_validate_json(data.removeprefix("data: "), strict=True)


@pytest.mark.parametrize("name", HELPED)
async def test_the_sdks_helper_puts_our_stream_together_as_we_fold_it(
    name: str, upstream: Upstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script(stream([released(name).encode()]))
    async with client.chat.completions.stream(model=MODEL, messages=MESSAGES, n=2) as answer:
        async for _ in answer:
            pass
        final = await answer.get_final_completion()
    for choice, meant in zip(final.choices, folded(name)["choices"], strict=True):
        message = choice.message
        assert (message.content or "") == (meant["message"].get("content") or "")
        assert (message.refusal or "") == (meant["message"].get("refusal") or "")
        assert choice.finish_reason == meant["finish_reason"]
        calls = [_plain(call.model_dump(exclude_unset=True)) for call in message.tool_calls or ()]
        assert calls == meant["message"].get("tool_calls", [])


def _plain(call: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the helper adds to a call."""
    call.pop("index", None)
    call.get("function", {}).pop("parsed_arguments", None)
    return call


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_the_sdk_reads_our_document(name: str, upstream: Upstream, client: openai.AsyncOpenAI) -> None:
    upstream.script(whole(fold(events_of_document(document(name)))))
    answer = await client.chat.completions.create(model=MODEL, messages=MESSAGES)
    assert answer.model_dump(exclude_unset=True, warnings=False) == document(name)


@pytest.mark.parametrize("name", sorted((set(DOCUMENTS) | set(STREAMS)) - ODD_CONTENT))
def test_every_document_of_ours_is_one_by_the_sdks_types(name: str) -> None:
    found = document(name) if name in DOCUMENTS else folded(name)
    ChatCompletion.model_validate(found)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (Failed(UpstreamBroken("The provider went away.")), "upstream_broken"),
        (
            Blocked(Verdict("g", Side.OUTPUT, Decision.BLOCK, Action.BLOCK, Mode.ENFORCE, True)),
            "guardrail_blocked",
        ),
    ],
)
async def test_the_sdk_raises_where_an_answer_was_cut(
    last: Failed | Blocked, code: str, upstream: Upstream, client: openai.AsyncOpenAI
) -> None:
    begun: list[Event] = [Started({"id": "a", "created": 1, "model": "m"}), TextDelta(0, "content", "Hel")]
    upstream.script(stream([write([*begun, last])]))
    with pytest.raises(openai.APIError) as caught:
        await collect(client)
    assert caught.value.code == code


async def test_what_real_providers_send_means_the_same_to_the_sdk(
    upstream: Upstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script(stream([stream_bytes("text")]))
    raw = await collect(client)
    upstream.script(stream([write(events([stream_bytes("text")]))]))
    ours = await collect(client)
    assert [chunk.choices for chunk in ours] == [chunk.choices for chunk in raw]
    assert len(chunks("text")) == len(ours)

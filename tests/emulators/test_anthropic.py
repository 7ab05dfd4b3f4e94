"""The emulator is right: the vendor's own client takes its answers, and our format is taken by it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import pytest

from app.domain.errors import UpstreamRefused
from app.wire.anthropic.format import AnthropicFormat
from app.wire.format import AnswerHead, Question
from tests.emulators.anthropic import STATUSES, messages_api
from tests.golden import anthropic_cases as cases
from tests.golden.openai_cases import fold
from tests.upstreams import Upstream

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
TOOL: Any = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
SCHEMA: Any = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}
ASKED: list[dict[str, Any]] = [
    {},
    {"system": "Be brief.", "stop_sequences": ["END"]},
    {"tools": [TOOL], "tool_choice": {"type": "any"}},
    {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
]
OURS = sorted(set(cases.QUESTIONS) - {"vertex", "thinking_given", "tier_fast"})


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream(messages_api()) as running:
        yield running


@pytest.fixture
async def client(upstream: Upstream) -> AsyncIterator[anthropic.AsyncAnthropic]:
    url = upstream.base_url.removesuffix("/v1")
    async with anthropic.AsyncAnthropic(base_url=url, api_key="k", max_retries=0) as running:
        yield running


@pytest.mark.parametrize("fields", ASKED)
async def test_the_vendor_s_client_reads_the_same_whole_and_streamed(
    fields: dict[str, Any], client: anthropic.AsyncAnthropic
) -> None:
    asked: Any = {"model": "claude-x", "max_tokens": 2000, "messages": HELLO, **fields}
    message = await client.messages.create(**asked)
    async with client.messages.stream(**asked) as stream:
        streamed = await stream.get_final_message()
    assert [block.type for block in streamed.content] == [block.type for block in message.content]
    assert streamed.stop_reason == message.stop_reason
    assert streamed.usage.output_tokens == message.usage.output_tokens
    for one, other in zip(streamed.content, message.content, strict=True):
        assert one.model_dump(exclude={"parsed_output"}) == other.model_dump(exclude={"parsed_output"})


async def test_the_vendor_s_blocking_client_is_answered(upstream: Upstream) -> None:
    url = upstream.base_url.removesuffix("/v1")

    def ask() -> list[str]:
        with anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client:
            message = client.messages.create(model="claude-x", max_tokens=9, messages=HELLO)
            listed = client.models.list()
            return [message.content[0].to_dict()["text"], listed.data[0].id]  # type: ignore[list-item]  # a dict of objects

    assert await asyncio.to_thread(ask) == ["You said: Hello", "claude-x"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty"),
        ({"messages": [{"role": "user", "content": " "}]}, "non-whitespace"),
        ({"messages": [*HELLO, {"role": "assistant", "content": "a "}]}, "trailing whitespace"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"extra_body": {"seed": 1}}, "seed"),
        ({"extra_body": {"temperature": 1}}, "temperature"),
        ({"tool_choice": {"type": "any"}}, "while providing tools"),
        (
            {"thinking": {"type": "adaptive"}, "tools": [TOOL], "tool_choice": {"type": "any"}},
            "forces tool use",
        ),
        ({"thinking": {"type": "enabled", "budget_tokens": 5000}}, "greater than"),
        (
            {
                "messages": [
                    *HELLO,
                    {
                        "role": "assistant",
                        "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}],
                    },
                    *HELLO,
                ]
            },
            "tool_result",
        ),
    ],
)
async def test_what_the_vendor_refuses_is_refused(
    fields: dict[str, Any], words: str, client: anthropic.AsyncAnthropic
) -> None:
    asked: Any = {"model": "claude-x", "max_tokens": 2000, "messages": HELLO, **fields}
    with pytest.raises(anthropic.BadRequestError, match=words):
        await client.messages.create(**asked)


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
async def test_an_error_can_be_asked_for(kind: str, status: int, client: anthropic.AsyncAnthropic) -> None:
    order: Any = [{"role": "user", "content": f"error {kind}"}]
    with pytest.raises(anthropic.APIStatusError) as caught:
        await client.messages.create(model="claude-x", max_tokens=9, messages=order)
    assert caught.value.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-api-key": "wrong"}, 401),
        ({"x-api-key": "k"}, 400),
        ({"authorization": "Bearer k"}, 400),
    ],
)
async def test_a_key_and_a_version_are_asked_for(
    headers: dict[str, str], status: int, upstream: Upstream
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{upstream.base_url}/messages", headers=headers, json={})
    assert answer.status_code == status


async def exchange(upstream: Upstream, question: Question) -> dict[str, Any]:
    """Ask by our format, and return what the answer folds to."""
    form = AnthropicFormat(clock=lambda: cases.NOW)
    asked = form.ask(question)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{upstream.base_url}/{asked.path}",
            content=asked.content,
            headers={**asked.headers, "x-api-key": "k"},
        )
    if answer.status_code != 200:
        raise form.refusal(answer.json(), answer.status_code, dict(answer.headers))
    body = asked.read(AnswerHead(media_type=answer.headers["content-type"]))
    found = [*body.feed(answer.content), *body.close()]
    return fold(found)


@pytest.mark.parametrize("name", OURS)
async def test_what_we_ask_is_answered_the_same_whole_and_streamed(name: str, upstream: Upstream) -> None:
    question = cases.question(name)
    document = {**question.document, "stream": True}
    whole = await exchange(upstream, Question(
        document=question.document, model="claude-x", abilities=question.abilities, strict=question.strict
    ))  # fmt: skip
    streamed = await exchange(upstream, Question(
        document=document, model="claude-x", abilities=question.abilities, strict=question.strict, stream=True
    ))  # fmt: skip
    assert streamed == whole
    assert whole["choices"][0]["finish_reason"]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_is_one_whenever_it_comes(stream: bool, upstream: Upstream) -> None:
    verb = "break" if stream else "error"
    document = {"messages": [{"role": "user", "content": f"{verb} overloaded_error"}]}
    with pytest.raises(UpstreamRefused) as caught:
        await exchange(upstream, Question(document=document, model="claude-x", stream=stream))
    assert (caught.value.status, caught.value.code) == (503, "overloaded")


async def test_an_unknown_model_is_one(upstream: Upstream) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        await exchange(upstream, Question(document={"messages": HELLO}, model="gpt"))
    assert (caught.value.status, caught.value.code) == (404, "model_not_found")

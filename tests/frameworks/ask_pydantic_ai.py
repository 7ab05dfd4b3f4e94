"""An agent of pydantic-ai, on OpenAI's client with the headers that Portkey's SDK makes for it."""

import asyncio
from typing import Any

from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.frameworks.asking import (
    DENIED_QUESTION,
    MODEL,
    QUESTION,
    WEATHER_QUESTION,
    headers_of,
    refused,
    tell,
    weather,
)


def _agent(base_url: str, key: str) -> Any:
    client = AsyncOpenAI(base_url=base_url, api_key="dummy", default_headers=headers_of(key), max_retries=0)
    return Agent(OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client)))


def whole(base_url: str, key: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        answer = await _agent(base_url, key).run(QUESTION)
        return {"text": answer.output, "tokens": answer.usage.total_tokens}

    return asyncio.run(ask())


def streamed(base_url: str, key: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        async with _agent(base_url, key).run_stream(QUESTION) as answer:
            pieces = [piece async for piece in answer.stream_text(delta=True, debounce_by=None)]
            return {"text": "".join(pieces), "pieces": len(pieces), "tokens": answer.usage.total_tokens}

    return asyncio.run(ask())


def tools(base_url: str, key: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        agent, asked = _with_weather(base_url, key)
        answer = await agent.run(WEATHER_QUESTION)
        return {"text": answer.output, "asked": asked}

    return asyncio.run(ask())


def tools_streamed(base_url: str, key: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        agent, asked = _with_weather(base_url, key)
        async with agent.run_stream(WEATHER_QUESTION) as answer:
            return {"text": await answer.get_output(), "asked": asked}

    return asyncio.run(ask())


def denied(base_url: str, key: str) -> dict[str, Any]:
    return refused(lambda: _agent(base_url, key).run_sync(DENIED_QUESTION))


def _with_weather(base_url: str, key: str) -> tuple[Any, list[str]]:
    agent = _agent(base_url, key)
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        return weather(city, asked)

    agent.tool_plain(get_weather)
    return agent, asked


if __name__ == "__main__":
    tell(
        {
            "whole": whole,
            "streamed": streamed,
            "tools": tools,
            "tools streamed": tools_streamed,
            "denied": denied,
        }
    )

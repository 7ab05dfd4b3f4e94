"""LangChain's ChatOpenAI, with the headers that Portkey's SDK makes for it."""

from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI

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


def _model(base_url: str, key: str) -> Any:
    return ChatOpenAI(
        model=MODEL, base_url=base_url, api_key="dummy", default_headers=headers_of(key), max_retries=0
    )


def whole(base_url: str, key: str) -> dict[str, Any]:
    answer = _model(base_url, key).invoke(QUESTION)
    return {"text": answer.content, "tokens": answer.usage_metadata["total_tokens"]}


def streamed(base_url: str, key: str) -> dict[str, Any]:
    chunks = list(_model(base_url, key).stream(QUESTION, stream_usage=True))
    texts = [chunk.content for chunk in chunks if chunk.content]
    whole_answer = sum(chunks[1:], chunks[0])
    return {
        "text": "".join(texts),
        "pieces": len(texts),
        "tokens": whole_answer.usage_metadata["total_tokens"],
    }


def tools(base_url: str, key: str) -> dict[str, Any]:
    return _round(_model(base_url, key), stream=False)


def tools_streamed(base_url: str, key: str) -> dict[str, Any]:
    return _round(_model(base_url, key), stream=True)


def denied(base_url: str, key: str) -> dict[str, Any]:
    return refused(lambda: _model(base_url, key).invoke(DENIED_QUESTION))


def _round(model: Any, *, stream: bool) -> dict[str, Any]:
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        return weather(city, asked)

    tool = StructuredTool.from_function(get_weather)
    bound = model.bind_tools([tool])

    def ask(messages: list[Any]) -> Any:
        if not stream:
            return bound.invoke(messages)
        chunks = list(bound.stream(messages))
        return sum(chunks[1:], chunks[0])

    messages: list[Any] = [HumanMessage(WEATHER_QUESTION)]
    call = ask(messages)
    messages.append(call)
    messages += [ToolMessage(tool.invoke(one["args"]), tool_call_id=one["id"]) for one in call.tool_calls]
    return {"text": ask(messages).content, "asked": asked}


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

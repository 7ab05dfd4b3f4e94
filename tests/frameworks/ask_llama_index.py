"""LlamaIndex's client of OpenAI's API, with the headers that Portkey's SDK makes for it."""

from typing import Any

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI

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
    return OpenAI(
        model=MODEL, api_base=base_url, api_key="dummy", default_headers=headers_of(key), max_retries=0
    )


def whole(base_url: str, key: str) -> dict[str, Any]:
    answer = _model(base_url, key).chat([ChatMessage(QUESTION)])
    return {"text": answer.message.content, "tokens": answer.raw.usage.total_tokens}


def streamed(base_url: str, key: str) -> dict[str, Any]:
    answers = list(
        _model(base_url, key).stream_chat([ChatMessage(QUESTION)], stream_options={"include_usage": True})
    )
    pieces = [answer.delta for answer in answers if answer.delta]
    return {
        "text": "".join(pieces),
        "pieces": len(pieces),
        "tokens": answers[-1].raw.usage.total_tokens,
    }


def tools(base_url: str, key: str) -> dict[str, Any]:
    return _round(_model(base_url, key), stream=False)


def tools_streamed(base_url: str, key: str) -> dict[str, Any]:
    return _round(_model(base_url, key), stream=True)


def denied(base_url: str, key: str) -> dict[str, Any]:
    return refused(lambda: _model(base_url, key).chat([ChatMessage(DENIED_QUESTION)]))


def _round(model: Any, *, stream: bool) -> dict[str, Any]:
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        return weather(city, asked)

    tool = FunctionTool.from_defaults(get_weather)

    def ask(messages: list[Any]) -> Any:
        if not stream:
            return model.chat_with_tools([tool], chat_history=messages)
        return list(model.stream_chat_with_tools([tool], chat_history=messages))[-1]

    messages = [ChatMessage(WEATHER_QUESTION)]
    answer = ask(messages)
    messages.append(answer.message)
    for call in model.get_tool_calls_from_response(answer):
        said = str(tool(**call.tool_kwargs))
        messages.append(ChatMessage(said, role="tool", additional_kwargs={"tool_call_id": call.tool_id}))
    return {"text": ask(messages).message.content, "asked": asked}


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

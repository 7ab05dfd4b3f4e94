"""instructor around OpenAI's client: a typed answer, asked for as a tool or as JSON, whole or as it grows."""

from typing import Any

import instructor
from openai import OpenAI
from pydantic import BaseModel

from tests.frameworks.asking import DENIED_QUESTION, MODEL, WEATHER_QUESTION, headers_of, refused, tell


class Place(BaseModel):
    """Where it is."""

    city: str


def _client(base_url: str, key: str, mode: Any) -> Any:
    client = OpenAI(base_url=base_url, api_key="dummy", default_headers=headers_of(key), max_retries=0)
    return instructor.from_openai(client, mode=mode)


def _question(text: str = WEATHER_QUESTION) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], "max_retries": 0}


def whole(base_url: str, key: str) -> dict[str, Any]:
    return _asked(_client(base_url, key, instructor.Mode.JSON_SCHEMA))


def streamed(base_url: str, key: str) -> dict[str, Any]:
    return _grown(_client(base_url, key, instructor.Mode.JSON_SCHEMA))


def tools(base_url: str, key: str) -> dict[str, Any]:
    return _asked(_client(base_url, key, instructor.Mode.TOOLS))


def tools_streamed(base_url: str, key: str) -> dict[str, Any]:
    return _grown(_client(base_url, key, instructor.Mode.TOOLS))


def denied(base_url: str, key: str) -> dict[str, Any]:
    client = _client(base_url, key, instructor.Mode.TOOLS)
    return refused(lambda: client.chat.completions.create(response_model=Place, **_question(DENIED_QUESTION)))


def _asked(client: Any) -> dict[str, Any]:
    place, answer = client.chat.completions.create_with_completion(response_model=Place, **_question())
    return {"text": place.city, "tokens": answer.usage.total_tokens}


def _grown(client: Any) -> dict[str, Any]:
    places = list(client.chat.completions.create_partial(response_model=Place, **_question()))
    return {"text": places[-1].city, "pieces": len(places)}


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

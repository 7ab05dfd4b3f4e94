import json
from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import ProviderEvent, Started
from app.wire.cohere.format import CohereFormat
from app.wire.format import AnswerHead, Format, Question

WIRE: Format = CohereFormat(clock=lambda: 1764000000.9)
WHOLE = {
    "id": "i",
    "finish_reason": "COMPLETE",
    "message": {"role": "assistant", "content": [{"type": "text", "text": "hi"}]},
}


def read(body: Any, media_type: str, *, stream: bool = False) -> list[ProviderEvent]:
    document = {"model": "x", "messages": [{"role": "user", "content": "hi"}]}
    asked = WIRE.ask(Question(document=document, model="command-a", stream=stream))
    reader = asked.read(AnswerHead(media_type=media_type, request_id="r"))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [*reader.feed(content), *reader.close()]


def test_a_question_goes_to_the_chat_api() -> None:
    document = {"model": "x", "messages": [{"role": "user", "content": "hi"}], "user": "u"}
    asked = WIRE.ask(Question(document=document, model="command-a"))
    assert (asked.path, asked.dropped, dict(asked.headers)) == ("v2/chat", ("user",), {})
    assert json.loads(asked.content) == {
        "model": "command-a",
        "messages": [{"role": "user", "content": "hi"}],
    }


@pytest.mark.parametrize("media_type", ["application/json", "application/problem+json", ""])
def test_a_document_is_read_as_one(media_type: str) -> None:
    started, *_ = read(WHOLE, media_type)
    assert started == Started({"id": "i", "created": 1764000000, "model": "command-a"})


@pytest.mark.parametrize("media_type", ["text/event-stream", ""])
def test_a_stream_is_read_as_one(media_type: str) -> None:
    start, end = (
        {"type": "message-start", "id": "i"},
        {"type": "message-end", "delta": {"finish_reason": "COMPLETE"}},
    )
    body = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in (start, end))
    started, *_ = read(body, media_type, stream=True)
    assert started == Started({"id": "i", "created": 1764000000, "model": "command-a"})


def test_an_answer_of_another_type_is_none() -> None:
    with pytest.raises(UpstreamBroken):
        read(b"x", "image/png")


def test_an_error_is_read_as_coheres() -> None:
    error = WIRE.refusal({"message": "invalid api token"}, 401, {})
    assert isinstance(error, UpstreamRefused)
    assert error.body()["error"]["code"] == "invalid_api_key"


def test_models_are_those_that_chat() -> None:
    assert WIRE.models_path is not None
    assert WIRE.models_path.startswith("v1/models?")
    models = [
        {"name": "command-a", "endpoints": ["chat", "generate"], "context_length": 5.0},
        {"name": "embed", "endpoints": ["embed"]},
        {"name": "new"},
        {"endpoints": ["chat"]},
    ]
    assert [model["id"] for model in WIRE.models({"models": models})] == ["command-a", "new"]
    assert WIRE.models({"models": models})[0]["context_length"] == 5.0


@pytest.mark.parametrize("document", [None, [], {"data": []}])
def test_a_list_of_models_that_is_none_is_broken(document: object) -> None:
    with pytest.raises(UpstreamBroken):
        WIRE.models(document)

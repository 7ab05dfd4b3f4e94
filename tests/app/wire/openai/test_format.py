"""OpenAI's format: what is sent, and by which reader the answer is read."""

import json

import msgspec
import pytest

from app.catalogue.dialect import Dialect
from app.domain.errors import UpstreamBroken
from app.wire.format import AnswerHead, Question
from app.wire.openai.body import StreamBody, WholeBody
from app.wire.openai.format import OpenAIFormat

MESSAGES = [{"role": "user", "content": "Hello"}]


def _question(**fields: object) -> Question:
    stream = bool(fields.get("stream"))
    return Question(document={"model": "@a/b", "messages": MESSAGES, **fields}, model="b", stream=stream)


def test_the_plain_dialect_sends_the_document_as_it_came() -> None:
    document = {"model": "@a/b", "messages": MESSAGES, "temperature": 1.0, "top_k": 7, "stop": None}
    asked = OpenAIFormat().ask(Question(document=document, model="b"))
    assert asked.path == "chat/completions"
    assert asked.content == json.dumps({**document, "model": "b"}, separators=(",", ":")).encode()
    assert (asked.dropped, asked.headers) == ((), {})


def test_nobody_changes_the_callers_document() -> None:
    question = _question(stream=True, stream_options={"include_usage": False})
    before = json.dumps(question.document)
    OpenAIFormat().ask(question)
    assert json.dumps(question.document) == before


def test_a_stream_is_asked_for_its_usage() -> None:
    question = _question(stream=True, stream_options={"include_obfuscation": False})
    sent = json.loads(OpenAIFormat().ask(question).content)
    assert sent["stream_options"] == {"include_obfuscation": False, "include_usage": True}


@pytest.mark.parametrize("stream_usage", ["native", "absent"])
def test_stream_options_go_only_where_they_are_known(stream_usage: str) -> None:
    question = _question(stream=True, stream_options={"include_usage": True})
    asked = OpenAIFormat(Dialect(stream_usage=stream_usage)).ask(question)  # type: ignore[arg-type]  # a parameter
    assert "stream_options" not in json.loads(asked.content)


@pytest.mark.parametrize(
    ("media_type", "stream", "reader"),
    [
        ("application/json", False, WholeBody),
        ("application/json", True, WholeBody),
        ("text/event-stream", False, StreamBody),
        ("text/event-stream", True, StreamBody),
        ("", False, WholeBody),
        ("", True, StreamBody),
    ],
)
def test_an_answer_is_read_by_what_it_is(media_type: str, stream: bool, reader: type) -> None:
    question = msgspec.structs.replace(_question(stream=stream), strict=False)
    assert isinstance(OpenAIFormat().ask(question).read(AnswerHead(media_type=media_type)), reader)


def test_an_answer_of_another_type_is_broken() -> None:
    with pytest.raises(UpstreamBroken):
        OpenAIFormat().ask(_question()).read(AnswerHead(media_type="text/html"))


def test_an_error_keeps_the_headers_that_retries_depend_on() -> None:
    headers = {"retry-after": "7", "x-other": "1"}
    error = OpenAIFormat().refusal({"error": {"message": "slow", "code": 429}}, 429, headers)
    assert (error.status, error.message, error.code) == (429, "slow", "429")
    assert error.headers == (("retry-after", "7"),)


def test_a_provider_may_say_that_another_try_makes_no_sense() -> None:
    error = OpenAIFormat().refusal({"error": {"message": "no"}}, 503, {"x-should-retry": "false"})
    assert (error.status, error.retryable) == (503, False)


@pytest.mark.parametrize("document", [{"data": [{"id": "a"}, {"id": 1}, 7]}, [{"id": "a"}]])
def test_models_are_listed_by_their_ids(document: object) -> None:
    assert OpenAIFormat().models(document) == ({"id": "a"},)


def test_a_list_of_models_that_is_none_is_broken() -> None:
    with pytest.raises(UpstreamBroken):
        OpenAIFormat().models({"data": "none"})


def test_the_dialect_says_where_things_are() -> None:
    dialect = Dialect(chat_path="chat", models_path=None)
    assert OpenAIFormat(dialect).ask(_question()).path == "chat"
    assert OpenAIFormat(dialect).models_path is None

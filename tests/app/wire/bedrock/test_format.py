"""Converse as a format: where it is asked, by which reader the answer is read, and that oracles agree."""

import json
from typing import Any

import pytest

from app.domain.errors import InvalidRequest, UpstreamBroken
from app.domain.events import ProviderEvent, Started
from app.wire.bedrock.body import BedrockDocument, BedrockStream
from app.wire.bedrock.format import BedrockFormat
from app.wire.format import AnswerHead, Question
from tests.bedrock_model import MODEL, faults, on_the_wire
from tests.event_streams import CONTENT_TYPE

FORMAT = BedrockFormat(lambda: 1_790_000_000.9)
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 9, "outputTokens": 2, "totalTokens": 11},
    "metrics": {"latencyMs": 300},
}


def _question(model: str = MODEL, *, stream: bool = False, **fields: Any) -> Question:
    return Question(document={"model": "@b/x", "messages": MESSAGES, **fields}, model=model, stream=stream)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "model",
    [
        MODEL,
        "amazon.nova-lite-v1:0",
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
        "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-8b-instruct-v1:0",
    ],
)
def test_a_request_is_what_botocore_would_send(model: str, stream: bool) -> None:
    asked = FORMAT.ask(_question(model, stream=stream, max_tokens=20, temperature=0.5, stop="END"))
    body = json.loads(asked.content)
    assert faults(body, stream=stream, model=model) == []
    assert on_the_wire(model, body, stream=stream) == (f"/{asked.path}", body)


def test_colons_and_slashes_of_an_id_are_encoded() -> None:
    asked = FORMAT.ask(_question("arn:aws:bedrock:us-east-1:1:inference-profile/us.x-v1:0", stream=True))
    assert (
        asked.path
        == "model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x-v1%3A0/converse-stream"
    )


@pytest.mark.parametrize("model", ["..", "../../x", "a b", "a?b", "a%2Fb", "", "x" * 2049])
def test_what_cannot_be_an_id_makes_no_path(model: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        FORMAT.ask(_question(model))
    assert caught.value.param == "model"


def test_what_bedrock_has_no_word_for_is_said_to_be_dropped() -> None:
    asked = FORMAT.ask(_question(seed=7, user="u1"))
    assert asked.dropped == ("seed", "user")


def test_nobody_changes_the_callers_document() -> None:
    question = _question(
        stream=True, guardrail_config={"stream_processing_mode": "sync"}, metadata={"a": "b"}
    )
    before = json.dumps(question.document)
    FORMAT.ask(question)
    assert json.dumps(question.document) == before


def test_an_answer_is_read_by_what_it_is() -> None:
    read = FORMAT.ask(_question(stream=True)).read
    assert isinstance(read(AnswerHead(media_type=CONTENT_TYPE)), BedrockStream)
    assert isinstance(read(AnswerHead(media_type="application/json")), BedrockDocument)
    with pytest.raises(UpstreamBroken):
        read(AnswerHead(media_type="text/html"))


def test_an_answer_has_the_id_of_its_request_and_the_time() -> None:
    started = _answer("0f3a-11")[0]
    assert started == Started({"id": "chatcmpl-0f3a-11", "created": 1_790_000_000, "model": MODEL})


def test_an_answer_without_an_id_gets_one() -> None:
    ids = [one.fields["id"] for one in (_answer(None)[0], _answer(None)[0]) if isinstance(one, Started)]
    assert len(set(ids)) == 2
    assert all(len(one) > len("chatcmpl-") for one in ids)


def test_there_is_no_list_of_models() -> None:
    assert FORMAT.models_path is None
    assert FORMAT.models({"data": []}) == ()


def test_an_error_is_read_by_its_header() -> None:
    error = FORMAT.refusal(
        {"message": "slow down"}, 400, {"x-amzn-errortype": "ThrottlingException:http://x/"}
    )
    assert (error.status, error.message) == (429, "slow down")


def _answer(request_id: str | None) -> list[ProviderEvent]:
    head = AnswerHead(media_type="application/json", request_id=request_id)
    body = FORMAT.ask(_question()).read(head)
    return [*body.feed(json.dumps(ANSWER).encode()), *body.close()]

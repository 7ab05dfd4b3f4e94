"""Converse's whole answers: what is none, and what is an error; for real ones see tests/golden/bedrock."""

from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import Extra, ProviderEvent
from app.wire.bedrock.answer import AnswerReader
from app.wire.bedrock.document import events_of_document


def _events(document: Any) -> list[ProviderEvent]:
    return list(events_of_document(document, AnswerReader({"id": "a"}, None, strict=True)))


def _answer(*content: Any, **fields: Any) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": "end_turn",
    } | fields


@pytest.mark.parametrize(
    "document",
    [None, [], "text", {}, {"output": {}}, {"output": {"message": {"content": "text"}}}, _answer("text")],
)
def test_what_is_no_answer_is_broken(document: Any) -> None:
    with pytest.raises(UpstreamBroken):
        _events(document)


def test_an_answer_says_why_it_ended() -> None:
    document = _answer({"text": "Hi"})
    del document["stopReason"]
    with pytest.raises(UpstreamBroken):
        _events(document)


@pytest.mark.parametrize(
    "document", [{"message": "slow"}, {"Message": "slow"}, {"__type": "ThrottlingException"}]
)
def test_an_error_in_place_of_an_answer_is_one(document: dict[str, str]) -> None:
    with pytest.raises(UpstreamRefused):
        _events(document)


def test_a_block_nobody_knows_is_kept() -> None:
    kept = {"content_extras": [{"hologram": {"a": 1}, "index": 0}]}
    assert Extra(0, kept) in _events(_answer({"hologram": {"a": 1}}))


def test_an_image_that_failed_says_so() -> None:
    block = {"image": {"format": "png", "source": {"bytes": ""}, "error": {"message": "no"}}}
    failed = {"images": [{"type": "image_url", "error": {"message": "no"}, "index": 0}]}
    assert Extra(0, failed) in _events(_answer(block))

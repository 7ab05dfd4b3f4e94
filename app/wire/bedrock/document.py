"""A whole answer of Converse, read as the pieces that ConverseStream would have sent."""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
from app.domain.events import ProviderEvent
from app.wire.bedrock.answer import AnswerReader
from app.wire.bedrock.errors import refusal

_encode = msgspec.json.Encoder().encode


def events_of_document(document: Any, reader: AnswerReader) -> Iterator[ProviderEvent]:  # noqa: ANN401 (JSON)
    """Return the events of Converse's answer.

    Raises:
        UpstreamError: it is none, or an error.
    """
    if not isinstance(document, dict):
        raise UpstreamBroken("The provider sent JSON that is no object.")
    match document:
        case {"output": {"message": {"content": list(content)}}}:
            pass
        case {"message": str()} | {"Message": str()} | {"__type": str()}:
            raise refusal(document, 502, {})
        case _:
            raise UpstreamBroken("The provider sent an answer without a message.")
    yield from reader.begin()
    for index, block in enumerate(content):
        if not isinstance(block, dict):
            raise UpstreamBroken("The provider sent a block that is no object.")
        yield from _block(index, block, reader)
    reader.stop(document)
    yield from reader.end()


def _block(index: int, block: dict[str, Any], reader: AnswerReader) -> Iterator[ProviderEvent]:
    start, deltas = _pieces(block)
    if start:
        yield from reader.block_start(index, start)
    for delta in deltas:
        yield from reader.delta(index, delta)
    yield from reader.block_stop(index)


def _pieces(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return how the block begins, and its pieces."""
    match block:
        case {"text": str()}:
            return {}, [block]
        case {"toolUse": dict(use)}:
            arguments = _encode(use.get("input", {})).decode()
            start = {"toolUse": {key: value for key, value in use.items() if key != "input"}}
            return start, [{"toolUse": {"input": arguments}}] if use.get("input") else []
        case {"reasoningContent": {"reasoningText": dict(thought)}}:
            said = [{"reasoningContent": {key: value}} for key, value in thought.items()]
            return {}, sorted(said, key=lambda piece: "text" not in piece["reasoningContent"])
        case {"citationsContent": dict(cited)}:
            texts = [{"text": piece["text"]} for piece in cited.get("content") or () if "text" in piece]
            return {}, [*texts, *({"citation": citation} for citation in cited.get("citations") or ())]
        case {"image": dict(image)}:
            other = {key: value for key, value in image.items() if key not in {"format", "source"}}
            pieces = [{"image": {"source": image["source"]}}] if "source" in image else []
            return {"image": {"format": image.get("format", "png")}}, pieces + [{"image": other}] * bool(
                other
            )
        case {"toolResult": {"content": list(content), **rest}}:
            return {"toolResult": rest}, [{"toolResult": content}]
        case _:
            return {}, [block]

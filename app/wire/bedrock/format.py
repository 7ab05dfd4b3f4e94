"""Amazon Bedrock's Converse and ConverseStream as a wire format.

Not InvokeModel, whose bodies are each maker's own. Signing is the affair of `app/providers/aws_auth.py`, and
fetching media that stand in a request by URL of whoever calls this: Bedrock takes bytes, or objects in S3.
"""

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.operation import Operation
from app.wire.bedrock.answer import AnswerReader
from app.wire.bedrock.body import BedrockDocument, BedrockStream
from app.wire.bedrock.embeddings import ask_embeddings
from app.wire.bedrock.errors import refusal
from app.wire.bedrock.models import path
from app.wire.bedrock.request import Written, write_request
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve

_EVENT_STREAM = "application/vnd.amazon.eventstream"
_encode = msgspec.json.Encoder().encode


class BedrockFormat:
    """The format; an `app.wire.format.Format`.

    Args:
        clock: seconds since 1970, for `created`, which Bedrock does not say.
    """

    models_path: str | None = None
    """Bedrock lists its models at another host, under another permission."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def ask(self, question: Question) -> Asked:
        """Say the question in Converse's words; see `app.wire.format.Format.ask`."""
        if question.operation is Operation.EMBEDDINGS:
            return ask_embeddings(question)
        if question.operation is not Operation.CHAT:
            raise cannot_serve(question.operation, f"Bedrock's {question.model}")
        written = write_request(question)
        return Asked(
            path=path(question.model, stream=question.stream),
            content=_encode(written.body),
            read=partial(self._read, question, written),
            headers={"accept": _EVENT_STREAM if question.stream else "application/json"},
            dropped=written.dropped,
        )

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error; see `app.wire.format.Format.refusal`."""
        return refusal(document, status, headers)

    def models(self, document: object) -> tuple[dict[str, Any], ...]:  # noqa: ARG002 (as the port says)
        """Return nothing: there is no list."""
        return ()

    def _read(self, question: Question, written: Written, head: AnswerHead) -> Body:
        started = {
            "id": f"chatcmpl-{head.request_id or secrets.token_hex(16)}",
            "created": int(self._clock()),
            "model": question.model,
        }
        reader = AnswerReader(started, written.json_tool, strict=question.strict, is_legacy=written.is_legacy)
        if head.media_type == _EVENT_STREAM:
            return BedrockStream(reader, head.max_bytes)
        if head.media_type.endswith("json") or not head.media_type:
            return BedrockDocument(reader)
        raise UpstreamBroken("The provider answered with neither JSON nor AWS's event stream.")

"""OpenAI's Chat Completions as a wire format: its own API, and every other that says it is compatible.

The caller speaks this format already, so the plain dialect sends his document as it came. What a provider
does differently is data (`app/catalogue/dialect.py`).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.catalogue.dialect import Dialect
from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.wire.format import AnswerHead, Asked, Body, Question
from app.wire.openai_body import StreamBody, WholeBody
from app.wire.openai_errors import refusal

_RETRY_HEADERS = ("retry-after", "retry-after-ms")
"""What the SDKs wait by."""
_encode = msgspec.json.Encoder().encode


class OpenAIFormat:
    """The format in one dialect; an `app.wire.format.Format`.

    Args:
        dialect: how this provider's API differs.
    """

    def __init__(self, dialect: Dialect | None = None) -> None:
        self._dialect = dialect or Dialect()

    def ask(self, question: Question) -> Asked:
        """Say the question in the provider's words; see `app.wire.format.Format.ask`."""
        document: dict[str, Any] = {**question.document, "model": question.model}
        if question.stream and self._dialect.stream_usage == "opt-in":
            document["stream_options"] = {**(document.get("stream_options") or {}), "include_usage": True}
        elif self._dialect.stream_usage != "opt-in":
            document.pop("stream_options", None)
        stream = question.stream
        return Asked(
            path=self._dialect.chat_path,
            content=_encode(document),
            read=lambda head: _body(head, asked_for_stream=stream),
        )

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error; see `app.wire.format.Format.refusal`."""
        kept = tuple((name, headers[name]) for name in _RETRY_HEADERS if headers.get(name))
        return refusal(document, status, kept)

    @property
    def models_path(self) -> str | None:
        """Where the provider lists its models."""
        return self._dialect.models_path

    def models(self, document: object) -> tuple[dict[str, Any], ...]:
        """Return the provider's models: those with a text `id`; see `app.wire.format.Format.models`."""
        models = document.get("data") if isinstance(document, dict) else document
        if not isinstance(models, list):
            raise UpstreamBroken("The provider sent a list of models that is none.")
        return tuple(
            model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)
        )


def _body(head: AnswerHead, *, asked_for_stream: bool) -> Body:
    """Return the reader for what this answer is.

    Raises:
        UpstreamBroken: it is neither JSON nor a stream of events.
    """
    if head.media_type == "text/event-stream" or (not head.media_type and asked_for_stream):
        return StreamBody(head.max_bytes)
    if head.media_type.endswith("json") or not head.media_type:
        return WholeBody()
    raise UpstreamBroken("The provider answered with neither JSON nor an event stream.")

"""Cohere's Chat API v2, as a wire format.

What stands where is in `request.py` (what is asked), `body.py` and `answer.py` (what comes back) and
`errors.py`. Cohere's endpoint that speaks OpenAI's format knows a part of this only: no citations, no
thinking, no documents.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.operation import Operation
from app.wire.cohere import errors as cohere_errors
from app.wire.cohere.answer import Expected
from app.wire.cohere.body import StreamBody, WholeBody
from app.wire.cohere.embeddings import ask_embeddings
from app.wire.cohere.request import Said, say
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve


class CohereFormat:
    """An `app.wire.format.Format`; its base URL is `https://api.cohere.com`.

    Args:
        clock: seconds since the epoch, for `created`, which Cohere does not say.
    """

    models_path: str | None = "v1/models?page_size=1000&endpoint=chat"
    """Only those for chat, in one page: there are some dozens (docs.cohere.com/reference/list-models)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def ask(self, question: Question) -> Asked:
        """Say the question; see `app.wire.format.Format.ask`."""
        if question.operation is Operation.EMBEDDINGS:
            return ask_embeddings(question)
        if question.operation is not Operation.CHAT:
            raise cannot_serve(question.operation, f"Cohere's {question.model}")
        said = say(question)

        def read(head: AnswerHead) -> Body:
            return self._body(question, said, head)

        return Asked(path="v2/chat", content=said.content, read=read, dropped=said.dropped)

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error; see `app.wire.format.Format.refusal`."""
        return cohere_errors.refusal(document, status, headers)

    def models(self, document: object) -> tuple[dict[str, Any], ...]:
        """Return the models that can chat."""
        models = document.get("models") if isinstance(document, dict) else None
        if not isinstance(models, list):
            raise UpstreamBroken("The provider sent a list of models that is none.")
        return tuple(
            {"id": model["name"], "object": "model", "owned_by": "cohere", **model}
            for model in models
            if isinstance(model, dict) and isinstance(model.get("name"), str) and _chats(model)
        )

    def _body(self, question: Question, said: Said, head: AnswerHead) -> Body:
        expected = Expected(
            model=question.model,
            created=int(self._clock()),
            strict=question.strict,
            answer_tool=said.answer_tool,
            legacy=said.legacy,
            request_id=head.request_id,
        )
        if head.media_type == "text/event-stream" or (not head.media_type and question.stream):
            return StreamBody(expected, head.max_bytes)
        if head.media_type.endswith("json") or not head.media_type:
            return WholeBody(expected)
        raise UpstreamBroken("The provider answered with neither JSON nor an event stream.")


def _chats(model: dict[str, Any]) -> bool:
    """Whether it is for chat; a list that does not say was asked for those that are."""
    endpoints = model.get("endpoints")
    return not isinstance(endpoints, list) or "chat" in endpoints

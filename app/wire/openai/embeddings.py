"""Embeddings in OpenAI's words: what compatible providers are asked, what they answer, and what callers get.

The request is OpenAI's already, so it goes on as it came, fields nobody documented included: vectors of texts
for search, say, are asked for by `input_type` at some. Many compatible servers know no `encoding_format`, so
what comes back is read as whatever it is (`app/wire/embeddings.py`).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.catalogue.dialect import Dialect
from app.domain.errors import UpstreamBroken
from app.domain.events import Embedded, Event, Started, UsageReported
from app.wire.embeddings import EmbeddingsBody, Vectors, embedding_params, vector_length
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve
from app.wire.openai.document import checked

_encode = msgspec.json.Encoder().encode


def ask_embeddings(question: Question, dialect: Dialect, target: str) -> Asked:
    """Say the question in OpenAI's words.

    Args:
        question: what to ask.
        dialect: of the provider.
        target: names it, for messages.

    Raises:
        InvalidRequest: the provider has no embeddings, or not with all that is asked.
    """
    known = dialect.embeddings
    if known is None:
        raise cannot_serve(question.operation, target)
    params = embedding_params(question, f"{target}'s {question.model}")
    form = question.document.get("encoding_format")
    said: dict[str, Any] = {"model": question.model, "input": question.document["input"]}
    if form is not None and "encoding_format" not in known.drop:
        said["encoding_format"] = form
    params.refuse(*known.drop)
    for old, new in known.rename.items():
        value = params.take(old)
        if value is not None:
            said[new] = value

    def read(head: AnswerHead) -> Body:
        return EmbeddingsBody(question, read_vectors, head)

    content = _encode({**params.rest(passed=params.left), **said})
    return Asked(path=known.path, content=content, read=read, dropped=params.dropped)


def read_vectors(document: Any) -> Vectors:  # noqa: ANN401 (JSON)
    """Return what a compatible provider answered.

    Raises:
        UpstreamError: it is an error, or nothing with vectors.
    """
    document = checked(document)
    data = document.get("data")
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise UpstreamBroken("The provider sent an answer without embeddings.")
    places = [one.get("index") for one in data]
    if sorted(place for place in places if type(place) is int) == list(range(len(data))):
        data = sorted(data, key=lambda one: int(one["index"]))
    usage = document.get("usage")
    return Vectors(
        [one.get("embedding") for one in data],
        document.get("model"),
        _counts(usage) if isinstance(usage, dict) else None,
    )


class EmbeddingsFold:
    """The vectors so far, as one document of OpenAI's; the counterpart of `app.wire.openai.fold.Fold`."""

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self._vectors: list[Embedded] = []
        self._usage: dict[str, Any] | None = None

    def add(self, event: Event) -> None:
        """Take the next event; those that only texts have say nothing here."""
        match event:
            case Started():
                self._fields = event.fields
            case Embedded():
                self._vectors.append(event)
            case UsageReported():
                self._usage = event.fields
            case _:
                pass

    def document(self) -> dict[str, Any]:
        """Return the document."""
        return self._with([_item(one, {"embedding": one.vector}) for one in self._vectors])

    def recorded(self) -> dict[str, Any]:
        """Return what of it goes on record: how long each vector is, and not its thousands of numbers."""
        return self._with([_item(one, {"dimensions": vector_length(one.vector)}) for one in self._vectors])

    def _with(self, data: list[dict[str, Any]]) -> dict[str, Any]:
        return {"object": "list", "data": data, **self._fields, "usage": self._usage}


def _item(event: Embedded, said: dict[str, Any]) -> dict[str, Any]:
    return {"object": "embedding", "index": event.index, **said}


def _counts(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a usage object: it is no place for words."""
    return {key: value for key, value in usage.items() if type(value) in {int, float}}

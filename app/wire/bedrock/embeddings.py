"""Embeddings on Amazon Bedrock: InvokeModel, whose bodies are each maker's own. Amazon Titan's and Cohere's.

Titan takes one text at a time, so several are several calls, one after another, and one answer. Cohere's does
not say in its body how many tokens it read; Bedrock says it in a header of every answer of InvokeModel
(Bedrock User Guide, "Amazon Titan Text Embeddings" and "Cohere Embed models", 2026-11).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from app.domain.errors import UpstreamBroken
from app.domain.events import Embedded, ProviderEvent, UsageReported
from app.wire.bedrock.models import path as model_path
from app.wire.cohere.embeddings import read_vectors, said_to_cohere
from app.wire.embeddings import EmbeddingsBody, Vectors, embedding_params, texts_of, tokens_used
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve

_INPUT_TOKENS = "x-amzn-bedrock-input-token-count"
_JSON = {"accept": "application/json"}
_encode = msgspec.json.Encoder().encode


def ask_embeddings(question: Question) -> Asked:
    """Say the question in the words of the model's maker.

    Raises:
        InvalidRequest: it cannot be said; `param` names the field.
    """
    target = f"Bedrock's {question.model}"
    if "titan-embed" in question.model:
        return _ask_titan(question, target)
    if "cohere.embed" in question.model:
        return _ask_cohere(question, target)
    raise cannot_serve(question.operation, target)


def _ask_titan(question: Question, target: str) -> Asked:
    texts = texts_of(question.document, target)
    params = embedding_params(question, target)
    said = {name: params.take(name) for name in ("dimensions", "normalize")}
    rest = params.rest() | {name: value for name, value in said.items() if value is not None}
    answers = _Answers(len(texts))

    def asked(index: int, then: tuple[Asked, ...] = ()) -> Asked:
        one = msgspec.structs.replace(question, document={**question.document, "input": texts[index]})
        return Asked(
            path=_path(question.model),
            content=_encode({**rest, "inputText": texts[index]}),
            read=partial(_OneOfMany, one, index, answers),
            headers=_JSON,
            dropped=params.dropped,
            then=then,
        )

    return asked(0, tuple(asked(index) for index in range(1, len(texts))))


def _ask_cohere(question: Question, target: str) -> Asked:
    params = embedding_params(question, target)
    said = said_to_cohere(question, params, target)
    dimensions = params.take("dimensions")
    if dimensions is not None:
        said["output_dimension"] = dimensions
    content = _encode({**params.rest(passed=("truncate", "max_tokens")), **said})

    def read(head: AnswerHead) -> Body:
        def vectors(document: Any) -> Vectors:  # noqa: ANN401 (JSON)
            found = read_vectors(document)
            return msgspec.structs.replace(found, usage=found.usage or _counted(head))

        return EmbeddingsBody(question, vectors, head)

    return Asked(
        path=_path(question.model), content=content, read=read, headers=_JSON, dropped=params.dropped
    )


class _Answers:
    """What the answers to all texts counted so far."""

    def __init__(self, texts: int) -> None:
        self.texts = texts
        self.tokens: int | None = 0

    def count(self, usage: dict[str, Any] | None) -> None:
        """Add what was counted; once one is not known, their sum is not."""
        known = self.tokens
        self.tokens = None if usage is None or known is None else known + usage["prompt_tokens"]


class _OneOfMany(EmbeddingsBody):
    """The answer to one of several texts."""

    def __init__(self, question: Question, index: int, answers: _Answers, head: AnswerHead) -> None:
        super().__init__(question, self._titan, head)
        self._index = index
        self._answers = answers

    def close(self) -> Iterator[ProviderEvent]:
        """Return the text's vector, for the first the beginning too, and for the last what all took."""
        for event in super().close():
            if isinstance(event, Embedded):
                yield Embedded(self._index, event.vector)
            elif self._index == 0:
                yield event
        tokens = tokens_used(self._answers.tokens)
        if self._index == self._answers.texts - 1 and tokens is not None:
            yield UsageReported(tokens)

    def _titan(self, document: Any) -> Vectors:  # noqa: ANN401 (JSON)
        if not isinstance(document, dict):
            raise UpstreamBroken("The provider sent an answer without embeddings.")
        self._answers.count(tokens_used(document.get("inputTextTokenCount")))
        return Vectors([document.get("embedding")])


def _counted(head: AnswerHead) -> dict[str, Any] | None:
    sent = head.headers.get(_INPUT_TOKENS, "")
    return tokens_used(int(sent)) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None  # noqa: PLR2004 (no count is longer)


def _path(model: str) -> str:
    model_path(model, stream=False)  # raises if it can be the name of no model
    return f"model/{quote(model, safe='')}/invoke"

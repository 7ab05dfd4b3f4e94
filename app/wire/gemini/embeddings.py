"""Embeddings in Gemini's words: `batchEmbedContents` of the Gemini API, `predict` of Vertex AI.

From google-genai 3.4 (`models.py`, `_EmbedContentParameters_to_mldev`, `..._to_vertex`), 2026-11. What the
vectors are for (`task_type`, `title`) has no name in OpenAI's API: callers give it under Google's.
"""

from functools import partial
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
from app.wire.embeddings import EmbeddingsBody, Vectors, embedding_params, texts_of, tokens_used
from app.wire.format import Asked, Question
from app.wire.gemini.parts import Host
from app.wire.params import Params

_encode = msgspec.json.Encoder().encode


def ask_embeddings(question: Question, host: Host, path: str) -> Asked:
    """Say the question in Gemini's words.

    Args:
        question: what to ask.
        host: who speaks it.
        path: of the model.

    Raises:
        InvalidRequest: it cannot be said; `param` names the field.
    """
    target = f"Gemini's {question.model}"
    texts = texts_of(question.document, target)
    params = embedding_params(question, target)
    if host == "vertex":
        method, body, read = "predict", _instances(texts, params), _read_predictions
    else:
        method, body, read = "batchEmbedContents", _requests(texts, params, path), _read_batch
    return Asked(
        path=f"{path}:{method}",
        content=_encode({**params.rest(), **body}),
        read=partial(EmbeddingsBody, question, read),
        dropped=params.dropped,
    )


def _requests(texts: list[str], params: Params, path: str) -> dict[str, Any]:
    said = _said(params, dimensions="outputDimensionality", task_type="taskType", title="title")
    return {"requests": [{"model": path, "content": {"parts": [{"text": text}]}, **said} for text in texts]}


def _instances(texts: list[str], params: Params) -> dict[str, Any]:
    said = _said(params, task_type="task_type", title="title")
    body: dict[str, Any] = {"instances": [{"content": text, **said} for text in texts]}
    parameters = _said(params, dimensions="outputDimensionality", auto_truncate="autoTruncate")
    return {**body, "parameters": parameters} if parameters else body


def _said(params: Params, **names: str) -> dict[str, Any]:
    """Return what is given of these parameters, under Google's names."""
    taken = {theirs: params.take(ours) for ours, theirs in names.items()}
    return {name: value for name, value in taken.items() if value is not None}


def _read_batch(document: Any) -> Vectors:  # noqa: ANN401 (JSON)
    """Return what the Gemini API answered; older models count nothing."""
    usage = document.get("usageMetadata") if isinstance(document, dict) else None
    counted = usage.get("promptTokenCount") if isinstance(usage, dict) else None
    return Vectors(
        [one.get("values") for one in _objects(document, "embeddings")], None, tokens_used(counted)
    )


def _read_predictions(document: Any) -> Vectors:  # noqa: ANN401 (JSON)
    """Return what Vertex AI answered, which counts the tokens of each text."""
    vectors: list[Any] = []
    counts: list[Any] = []
    for prediction in _objects(document, "predictions"):
        embedding = prediction.get("embeddings")
        embedding = embedding if isinstance(embedding, dict) else {}
        statistics = embedding.get("statistics")
        vectors.append(embedding.get("values"))
        counts.append(statistics.get("token_count") if isinstance(statistics, dict) else None)
    known = all(type(one) in {int, float} for one in counts)
    return Vectors(vectors, None, tokens_used(float(sum(counts))) if known else None)


def _objects(document: Any, name: str) -> list[dict[str, Any]]:  # noqa: ANN401 (JSON)
    """Return a list of objects.

    Raises:
        UpstreamBroken: it is none.
    """
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UpstreamBroken("The provider sent an answer without embeddings.")
    return found

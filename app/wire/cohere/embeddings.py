"""Embeddings in Cohere's words: `v2/embed`, and the body that Cohere's models take on Bedrock.

From the `cohere` SDK 7.3 (`v2/raw_client.py`, `EmbedByTypeResponse`) and the Bedrock User Guide ("Cohere
Embed models"), 2026-11. What the vectors are for must be said to Cohere, and OpenAI's API has no word for it:
callers give `input_type` under Cohere's name, and who says nothing wants to be found (`search_document`).
"""

from functools import partial
from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
from app.wire.embeddings import EmbeddingsBody, Vectors, embedding_params, texts_of, tokens_used
from app.wire.format import Asked, Question
from app.wire.params import Params

_UNASKED = "search_document"
_OWN = ("truncate", "max_tokens", "priority")
"""Cohere's own, which callers may give as they are."""
_encode = msgspec.json.Encoder().encode


def ask_embeddings(question: Question) -> Asked:
    """Say the question in Cohere's words.

    Raises:
        InvalidRequest: it cannot be said; `param` names the field.
    """
    target = f"Cohere's {question.model}"
    params = embedding_params(question, target)
    said = said_to_cohere(question, params, target)
    dimensions = params.take("dimensions")
    if dimensions is not None:
        said["output_dimension"] = dimensions
    content = _encode({**params.rest(passed=_OWN), **said, "model": question.model})
    return Asked(
        path="v2/embed",
        content=content,
        read=partial(EmbeddingsBody, question, read_vectors),
        dropped=params.dropped,
    )


def said_to_cohere(question: Question, params: Params, target: str) -> dict[str, Any]:
    """Return what Cohere's models are told wherever they run."""
    return {
        "texts": texts_of(question.document, target),
        "input_type": params.take("input_type") or _UNASKED,
        "embedding_types": ["float"],
    }


def read_vectors(document: Any) -> Vectors:  # noqa: ANN401 (JSON)
    """Return what Cohere answered.

    Raises:
        UpstreamBroken: nothing with vectors.
    """
    embeddings = document.get("embeddings") if isinstance(document, dict) else None
    vectors = embeddings.get("float") if isinstance(embeddings, dict) else embeddings
    if not isinstance(vectors, list):
        raise UpstreamBroken("The provider sent an answer without embeddings.")
    return Vectors(vectors, None, _usage(document.get("meta")))


def _usage(meta: object) -> dict[str, Any] | None:
    """Return what was counted: what is billed, where nothing else is said."""
    for name in ("tokens", "billed_units"):
        counts = meta.get(name) if isinstance(meta, dict) else None
        usage = tokens_used(counts.get("input_tokens")) if isinstance(counts, dict) else None
        if usage is not None:
            return usage
    return None

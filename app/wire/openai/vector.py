"""The vector of one text, as OpenAI-compatible providers give it: `POST /embeddings` and its answer.

(OpenAI's API reference, embeddings, 2026-11.) For the cache's own questions; nothing else is asked for.
"""

from typing import Any

import msgspec

from app.domain.errors import UpstreamBroken
from app.wire.openai.errors import refusal_within

PATH = "embeddings"


class _Row(msgspec.Struct):
    embedding: list[float]


class _Answer(msgspec.Struct):
    data: list[_Row]


def question(model: str, text: str) -> bytes:
    """Return the body that asks for the vector of a text. Numbers as such: all of them can give those."""
    return msgspec.json.encode({"model": model, "input": text, "encoding_format": "float"})


def vector_of(document: Any) -> list[float]:  # noqa: ANN401 (JSON)
    """Return the vector in an answer.

    Raises:
        UpstreamError: it has none, or not one.
    """
    error = refusal_within(document) if isinstance(document, dict) else None
    if error is not None:
        raise error
    try:
        rows = msgspec.convert(document, _Answer).data
    except msgspec.ValidationError:
        raise UpstreamBroken("The provider sent something that is no list of embeddings.") from None
    if len(rows) != 1:
        raise UpstreamBroken(f"The provider sent {len(rows)} embeddings of one text.")
    return rows[0].embedding

"""Questions for vectors, and answers to them as OpenAI's format has them."""

import base64
import json
import struct
from collections.abc import Sequence
from typing import Any

from app.domain.operation import Operation
from app.wire.format import AnswerHead, Asked, Question
from app.wire.openai.embeddings import EmbeddingsFold

JSON = AnswerHead(media_type="application/json")
VECTORS = [[0.25, -0.5], [1.0, 0.0]]
"""Exact as 32-bit floats, so that both encodings say the same."""


def question(texts: Any, *, model: str = "m", unsupported: Any = "drop", **fields: Any) -> Question:
    """Return the question for the vectors of these texts."""
    return Question(
        document={"model": "@up/m", "input": texts, **fields},
        model=model,
        operation=Operation.EMBEDDINGS,
        unsupported=unsupported,
    )


def document(vectors: Sequence[Any], **fields: Any) -> dict[str, Any]:
    """Return an answer of OpenAI's."""
    data = [{"object": "embedding", "index": i, "embedding": one} for i, one in enumerate(vectors)]
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return {"object": "list", "data": data, "model": "m-2026", "usage": usage, **fields}


def in_base64(vector: Sequence[float]) -> str:
    """Return a vector as OpenAI writes it in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def answer(asked: Asked, *documents: Any, head: AnswerHead = JSON) -> dict[str, Any]:
    """Return what a caller gets where the provider answers with these documents, in turn."""
    fold = EmbeddingsFold()
    for one, sent in zip((asked, *asked.then), documents, strict=True):
        body = one.read(head)
        for event in (*body.feed(json.dumps(sent).encode()), *body.close()):
            fold.add(event)
    return fold.document()

"""Which fold an answer has: that of a completion, or of vectors."""

from app.domain.operation import Operation
from app.wire.openai.embeddings import EmbeddingsFold
from app.wire.openai.fold import Fold


def fold_of(operation: Operation) -> Fold | EmbeddingsFold:
    """Return an empty fold for the answer to what was asked for."""
    return Fold(operation) if operation.answers_in_words else EmbeddingsFold()

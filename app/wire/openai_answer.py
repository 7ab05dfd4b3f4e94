"""An answer in OpenAI's format: where typed events become what callers get.

`ChunkWriter` writes them as a stream, `Fold` as one document. The way in, from a provider's bytes to events,
is `app/wire/openai_body.py`.
"""

from app.wire.openai_fold import Fold
from app.wire.openai_stream import ChunkWriter

__all__ = ["ChunkWriter", "Fold"]

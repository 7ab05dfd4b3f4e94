"""What providers send and what becomes of it, as files in `tests/golden/openai`.

    NAME.document.json   a whole answer; folding its events gives it back
    NAME.chunks.jsonl    the data of a stream's events without `[DONE]`, as providers send them
    NAME.folded.json     the document that the stream folds to
    NAME.released.sse    the stream as we write it, usage asked for

The last two are ours: `python -m tests.golden.openai_cases` writes them anew, and the diff is what to review.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.domain.events import Event, ProviderEvent
from app.wire.openai.body import StreamBody
from app.wire.openai.fold import Fold
from app.wire.openai.stream import ChunkWriter

FOLDER = Path(__file__).parent / "openai"
STREAMS = tuple(sorted(file.name.removesuffix(".chunks.jsonl") for file in FOLDER.glob("*.chunks.jsonl")))
DOCUMENTS = tuple(sorted(file.name.removesuffix(".document.json") for file in FOLDER.glob("*.document.json")))


def document(name: str) -> dict[str, Any]:
    """Return a whole answer."""
    return _json(f"{name}.document.json")


def chunks(name: str) -> list[dict[str, Any]]:
    """Return the chunks of a stream."""
    return [json.loads(line) for line in (FOLDER / f"{name}.chunks.jsonl").read_text("utf-8").splitlines()]


def stream_bytes(name: str) -> bytes:
    """Return a stream as its provider sends it."""
    lines = (FOLDER / f"{name}.chunks.jsonl").read_bytes().splitlines()
    return b"".join(b"data: %b\n\n" % line for line in [*lines, b"[DONE]"])


def folded(name: str) -> dict[str, Any]:
    """Return what a stream should fold to."""
    return _json(f"{name}.folded.json")


def released(name: str) -> str:
    """Return how we should write a stream."""
    return (FOLDER / f"{name}.released.sse").read_text("utf-8")


def events(pieces: Iterable[bytes]) -> list[ProviderEvent]:
    """Read a stream that comes in these pieces."""
    body = StreamBody(1_000_000)
    found = [event for piece in pieces for event in body.feed(piece)]
    return [*found, *body.close()]


def fold(found: Iterable[ProviderEvent]) -> dict[str, Any]:
    """Fold events to a document."""
    answer = Fold()
    for event in found:
        answer.add(event)
    return answer.document()


def write(found: Iterable[Event], *, include_usage: bool = True) -> bytes:
    """Write events as our stream."""
    writer = ChunkWriter(include_usage=include_usage)
    return b"".join(writer.write(event) for event in found) + writer.close()


def _json(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return found


def _rewrite() -> None:
    for name in STREAMS:
        found = events([stream_bytes(name)])
        text = json.dumps(fold(found), ensure_ascii=False, indent=1) + "\n"
        (FOLDER / f"{name}.folded.json").write_text(text, "utf-8")
        (FOLDER / f"{name}.released.sse").write_bytes(write(found))


if __name__ == "__main__":
    _rewrite()

"""What is asked of Cohere and what it answers, as files in `tests/golden/cohere`.

    NAME.question.json   a request of OpenAI's, the model's abilities and other circumstances
    NAME.asked.json      what we send for it: path, body, and what was left out
    NAME.answer.json     a whole answer of the vendor's, and how it is to be read if not plainly
    NAME.folded.json     the document it becomes, whole or streamed
    NAME.released.sse    the stream we write of it, usage asked for

`asked`, `folded` and `released` are ours: `python -m tests.golden.cohere_cases` writes them anew, and the
diff is what to review.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.events import ProviderEvent
from app.wire.cohere.answer import Expected
from app.wire.cohere.body import StreamBody, WholeBody
from app.wire.cohere.format import CohereFormat
from app.wire.format import Question
from tests.emulators.cohere_events import stream_bytes
from tests.golden.openai_cases import fold, write

FOLDER = Path(__file__).parent / "cohere"
NOW = 1_790_000_000
_EXPECTED: dict[str, Any] = {"model": "command-a-03-2025", "created": NOW, "strict": True}


def _names(kind: str) -> tuple[str, ...]:
    return tuple(sorted(file.name.removesuffix(f".{kind}.json") for file in FOLDER.glob(f"*.{kind}.json")))


QUESTIONS = _names("question")
ANSWERS = _names("answer")


def asked(name: str) -> dict[str, Any]:
    """Return what we send for a question."""
    case = load(f"{name}.question.json")
    abilities = msgspec.convert(case.pop("abilities", {}), Abilities)
    stream = case["document"].get("stream", False)
    wire = CohereFormat(clock=lambda: NOW)
    found = wire.ask(Question(abilities=abilities, stream=stream, **{"model": "command-a-03-2025", **case}))
    return {"path": found.path, "dropped": list(found.dropped), "body": json.loads(found.content)}


def answer(name: str) -> dict[str, Any]:
    """Return an answer of the vendor's."""
    found: dict[str, Any] = load(f"{name}.answer.json")["answer"]
    return found


def expected(name: str) -> Expected:
    """Return how an answer is to be read."""
    return msgspec.convert({**_EXPECTED, **load(f"{name}.answer.json").get("expected", {})}, Expected)


def read_whole(document: Any, how: Expected) -> list[ProviderEvent]:
    """Read an answer that comes whole."""
    body = WholeBody(how)
    return [*body.feed(json.dumps(document).encode()), *body.close()]


def read_stream(pieces: Iterable[bytes], how: Expected) -> list[ProviderEvent]:
    """Read an answer that is streamed in these pieces."""
    body = StreamBody(how, 1_000_000)
    found = [event for piece in pieces for event in body.feed(piece)]
    return [*found, *body.close()]


def released(name: str) -> str:
    """Return how we should write a stream."""
    return (FOLDER / f"{name}.released.sse").read_text("utf-8")


def load(name: str) -> dict[str, Any]:
    """Return a file."""
    found: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return found


def _rewrite() -> None:
    for name in QUESTIONS:
        _save(f"{name}.asked.json", asked(name))
    for name in ANSWERS:
        found = read_stream([stream_bytes(answer(name))], expected(name))
        _save(f"{name}.folded.json", fold(found))
        (FOLDER / f"{name}.released.sse").write_bytes(write(found))


def _save(name: str, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    _rewrite()

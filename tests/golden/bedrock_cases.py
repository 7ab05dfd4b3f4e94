"""What Bedrock is asked and answers, and what becomes of it, as files in `tests/golden/bedrock`.

    NAME.request.json    a model, its abilities and a request of OpenAI's
    NAME.converse.json   the path and the body of the Converse request for it, and what was dropped
    NAME.document.json   a whole answer of Converse
    NAME.events.jsonl    the same answer as the events of ConverseStream
    NAME.folded.json     the completion that both become
    NAME.loose.json      the same for a caller who does not ask for OpenAI's vocabulary
    NAME.released.sse    the stream as we write it, usage asked for

Second, and the last three, are ours: `python -m tests.golden.bedrock_cases` writes them anew, and the diff is
what to review.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.events import ProviderEvent
from app.wire.bedrock.format import BedrockFormat
from app.wire.format import AnswerHead, Question
from tests.event_streams import CONTENT_TYPE, stream
from tests.golden.openai_cases import fold, write

FOLDER = Path(__file__).parent / "bedrock"
ANSWERS = tuple(sorted(file.name.removesuffix(".document.json") for file in FOLDER.glob("*.document.json")))
REQUESTS = tuple(sorted(file.name.removesuffix(".request.json") for file in FOLDER.glob("*.request.json")))
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
_FORMAT = BedrockFormat(lambda: 1_790_000_000.0)
_SCHEMAS = {"json_answer": {"type": "object"}, "json_list": {"type": "array"}}
"""Of the answers that come as arguments of a tool."""


def question(name: str, *, stream: bool = False) -> Question:
    """Return a request as the format gets it."""
    case = load(f"{name}.request.json")
    abilities = msgspec.convert(case["abilities"], Abilities)
    return Question(document=case["document"], model=case["model"], stream=stream, abilities=abilities)


def asked(name: str) -> dict[str, Any]:
    """Return what the format makes of a request."""
    found = _FORMAT.ask(question(name))
    return {"path": found.path, "body": json.loads(found.content), "dropped": list(found.dropped)}


def stream_bytes(name: str) -> bytes:
    """Return an answer as ConverseStream sends it."""
    lines = (FOLDER / f"{name}.events.jsonl").read_text("utf-8").splitlines()
    return stream(json.loads(line) for line in lines)


def document_bytes(name: str) -> bytes:
    """Return an answer as Converse sends it."""
    return (FOLDER / f"{name}.document.json").read_bytes()


def events(name: str, pieces: Iterable[bytes], *, streamed: bool, strict: bool = True) -> list[ProviderEvent]:
    """Read an answer that comes in these pieces."""
    document: dict[str, Any] = {"messages": [{"role": "user", "content": "Go"}]}
    if name in _SCHEMAS:
        wish = {"name": "answer", "schema": _SCHEMAS[name]}
        document["response_format"] = {"type": "json_schema", "json_schema": wish}
    abilities = Abilities(structured_output="tool")
    asked = Question(document=document, model=MODEL, stream=streamed, strict=strict, abilities=abilities)
    media_type = CONTENT_TYPE if streamed else "application/json"
    body = _FORMAT.ask(asked).read(AnswerHead(media_type=media_type, request_id="5f0b6a2e"))
    found = [event for piece in pieces for event in body.feed(piece)]
    return [*found, *body.close()]


def load(name: str) -> Any:
    """Return a file of JSON."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def released(name: str) -> str:
    """Return how we should write a stream."""
    return (FOLDER / f"{name}.released.sse").read_text("utf-8")


def _rewrite() -> None:
    for name in REQUESTS:
        _dump(f"{name}.converse.json", asked(name))
    for name in ANSWERS:
        found = events(name, [stream_bytes(name)], streamed=True)
        _dump(f"{name}.folded.json", fold(found))
        _dump(f"{name}.loose.json", fold(events(name, [stream_bytes(name)], streamed=True, strict=False)))
        (FOLDER / f"{name}.released.sse").write_bytes(write(found))


def _dump(name: str, document: Any) -> None:
    (FOLDER / name).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    _rewrite()

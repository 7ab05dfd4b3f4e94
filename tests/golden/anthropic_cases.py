"""What is asked of Anthropic and what it answers, as files in `tests/golden/anthropic`.

    NAME.question.json   a request of OpenAI's, the model's abilities and other circumstances
    NAME.asked.json      what we send for it: path, headers, body, and what was left out
    NAME.answer.json     a whole message of the vendor's, and how it is to be read if not plainly
    NAME.folded.json     the document it becomes, whole or streamed
    NAME.released.sse    the stream we write of it, usage asked for

`asked`, `folded` and `released` are ours: `python -m tests.golden.anthropic_cases` writes them anew, and the
diff is what to review. `messages_2023_06_01.schema.json` holds the types of the older wire version: the JSON
Schema of `MessageCreateParamsNonStreaming | MessageCreateParamsStreaming` of the anthropic SDK 0.125.0, every
object closed as in `tests/oracles.py`; `python -m tests.golden.anthropic_cases schema FOLDER` writes it from
an installation in FOLDER (`pip install --no-deps --target FOLDER anthropic==0.125.0`).
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from app.domain.abilities import Abilities
from app.domain.events import ProviderEvent
from app.wire.anthropic.answer import Reading
from app.wire.anthropic.body import read_body
from app.wire.anthropic.format import AnthropicFormat
from app.wire.format import AnswerHead, Question
from tests.emulators.anthropic_events import stream_bytes
from tests.golden.openai_cases import fold, write

FOLDER = Path(__file__).parent / "anthropic"
SCHEMA_2023 = "messages_2023_06_01.schema.json"
PLAIN = Reading()
NOW = 1_790_000_000
WHOLE = AnswerHead(media_type="application/json", request_id="req_1")
STREAMED = AnswerHead(media_type="text/event-stream", request_id="req_1")


def _names(kind: str) -> tuple[str, ...]:
    return tuple(sorted(file.name.removesuffix(f".{kind}.json") for file in FOLDER.glob(f"*.{kind}.json")))


QUESTIONS = _names("question")
ANSWERS = _names("answer")


def question(name: str) -> Question:
    """Return what is asked."""
    case = load(f"{name}.question.json")
    case.pop("format", None)
    abilities = msgspec.convert(case.pop("abilities", {}), Abilities)
    stream = case["document"].get("stream", False)
    return Question(abilities=abilities, stream=stream, **{"model": "claude-x", **case})


def asked(name: str) -> dict[str, Any]:
    """Return what we send for a question."""
    form = AnthropicFormat(**load(f"{name}.question.json").get("format", {}), clock=lambda: NOW)
    found = form.ask(question(name))
    return {
        "path": found.path,
        "headers": dict(found.headers),
        "dropped": list(found.dropped),
        "body": json.loads(found.content),
    }


def message(name: str) -> dict[str, Any]:
    """Return an answer of the vendor's."""
    found: dict[str, Any] = load(f"{name}.answer.json")["message"]
    return found


def reading(name: str) -> Reading:
    """Return how an answer is to be read."""
    return msgspec.convert(load(f"{name}.answer.json").get("reading", {}), Reading)


def read(pieces: Iterable[bytes], how: Reading = PLAIN, head: AnswerHead = STREAMED) -> list[ProviderEvent]:
    """Read an answer that comes in these pieces."""
    body = read_body(head, how, lambda: NOW)
    found = [event for piece in pieces for event in body.feed(piece)]
    return [*found, *body.close()]


def load(name: str) -> Any:
    """Return a file's document."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def released(name: str) -> str:
    """Return how we should write a stream."""
    return (FOLDER / f"{name}.released.sse").read_text("utf-8")


def _rewrite() -> None:
    for name in QUESTIONS:
        _save(f"{name}.asked.json", asked(name))
    for name in ANSWERS:
        found = read([stream_bytes(message(name))], reading(name))
        _save(f"{name}.folded.json", fold(found))
        (FOLDER / f"{name}.released.sse").write_bytes(write(found))


def _save(name: str, document: Any) -> None:
    (FOLDER / name).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _write_schema(folder: str) -> None:
    sys.path.insert(0, folder)
    params = importlib.import_module("anthropic.types.message_create_params")
    assert importlib.import_module("anthropic").__version__ == "0.125.0"
    text = json.dumps(checker(params.MessageCreateParams).schema, separators=(",", ":"), sort_keys=True)
    (FOLDER / SCHEMA_2023).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    import importlib
    import sys

    from tests.oracles import checker

    if sys.argv[1:2] == ["schema"]:
        _write_schema(sys.argv[2])
    else:
        _rewrite()

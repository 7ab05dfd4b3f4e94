"""What we ask of Gemini and what becomes of its answers, as files in `tests/golden/gemini`.

    NAME.request.json     an OpenAI request; `abilities` and `host` say of whom it is asked
    NAME.body.json        ours: the request to Gemini
    NAME.responses.jsonl  the responses of a stream, as Gemini sends them
    NAME.folded.json      ours: the document that the stream folds to
    NAME.released.sse     ours: the stream as we write it, usage asked for

`python -m tests.golden.gemini_cases` writes ours anew, and the diff is what to review.
"""

import json
from pathlib import Path
from typing import Any

from app.domain.abilities import Abilities
from app.domain.events import ProviderEvent
from tests.gemini import asked, check, streamed
from tests.golden.openai_cases import fold, write

FOLDER = Path(__file__).parent / "gemini"
REQUESTS = tuple(sorted(file.name.removesuffix(".request.json") for file in FOLDER.glob("*.request.json")))
STREAMS = tuple(
    sorted(file.name.removesuffix(".responses.jsonl") for file in FOLDER.glob("*.responses.jsonl"))
)


def body(name: str) -> dict[str, Any]:
    """Return the request to Gemini that a golden request becomes, as Google's types take it."""
    case = json.loads((FOLDER / f"{name}.request.json").read_text("utf-8"))
    abilities = Abilities(**case.pop("abilities", {}))
    question = asked(case.pop("document"), abilities=abilities, **case)
    return {
        "path": question.path,
        "dropped": list(question.dropped),
        "body": check(json.loads(question.content)),
    }


def events(name: str) -> list[ProviderEvent]:
    """Return the events of a golden stream."""
    lines = (FOLDER / f"{name}.responses.jsonl").read_text("utf-8").splitlines()
    return streamed(*(json.loads(line) for line in lines))


def expected(name: str, kind: str) -> str:
    """Return one of our files."""
    return (FOLDER / f"{name}.{kind}").read_text("utf-8")


def text_of(document: Any) -> str:
    """Return a document as it stands in a file."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def released(found: list[ProviderEvent]) -> str:
    """Return the stream as we write it."""
    return write(found).decode()


def _rewrite() -> None:
    for name in REQUESTS:
        (FOLDER / f"{name}.body.json").write_text(text_of(body(name)), "utf-8")
    for name in STREAMS:
        found = events(name)
        (FOLDER / f"{name}.folded.json").write_text(text_of(fold(found)), "utf-8")
        (FOLDER / f"{name}.released.sse").write_text(released(found), "utf-8")


if __name__ == "__main__":
    _rewrite()

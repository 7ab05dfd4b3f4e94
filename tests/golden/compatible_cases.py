"""What each compatible provider is sent and what becomes of its answer: files in `tests/golden/compatible`.

    KIND.sent.json    the rich request below: what cannot be asked for (an error each), what was dropped, and
                      the body that is sent
    KIND.folded.json  the document that its answer (`tests/golden/compatible_answers.py`) folds to, whole and
                      streamed

`python -m tests.golden.compatible_cases` writes them anew, and the diff is what to review.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row
from app.domain.errors import InvalidRequest
from app.wire.format import AnswerHead, Question
from app.wire.openai.format import OpenAIFormat
from tests.golden import compatible_answers
from tests.golden.openai_cases import fold

FOLDER = Path(__file__).parent / "compatible"
CATALOGUE = Catalogue.load()
KINDS = tuple(kind for kind in CATALOGUE.kinds() if CATALOGUE.row(kind).format == "openai")  # type: ignore[union-attr]  # it is listed
_PIXEL = "data:image/png;base64,iVBORw0KGgo="
REQUEST: dict[str, Any] = {
    "model": "@p/model-1",
    "messages": [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "How warm is it here?"},
                {"type": "image_url", "image_url": {"url": _PIXEL}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "I must look.",
            "tool_calls": [
                {
                    "id": "call_0123456789",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_0123456789", "content": "21"},
        {"role": "user", "content": "And tomorrow?", "name": "Ann"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
                "strict": True,
            },
        },
        {"type": "function", "function": {"name": "get_time"}},
    ],
    "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    "parallel_tool_calls": False,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {}}, "strict": True},
    },
    "max_completion_tokens": 100,
    "temperature": 0,
    "top_p": 0.5,
    "seed": 7,
    "stop": ["END"],
    "n": 2,
    "logprobs": True,
    "top_logprobs": 2,
    "logit_bias": {"7": 1},
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "reasoning_effort": "low",
    "user": "u",
    "stream": True,
    "stream_options": {"include_usage": True},
}


def row(kind: str) -> Row:
    """Return a row that there is."""
    found = CATALOGUE.row(kind)
    assert found is not None
    return found


def wire(kind: str) -> OpenAIFormat:
    """Return the format as this kind speaks it."""
    found = row(kind)
    return OpenAIFormat(found.dialect, images=found.images, name=kind)


def question(document: dict[str, Any], *, kind: str = "openai", strict: bool = True) -> Question:
    """Return the question for a document."""
    return Question(
        document=document,
        model="model-1",
        stream=bool(document.get("stream")),
        strict=strict,
        abilities=CATALOGUE.abilities(kind, "model-1"),
    )


def sent(kind: str) -> dict[str, Any]:
    """Ask, without what is refused, until the question can be asked."""
    document, refused = dict(REQUEST), {}
    while True:
        try:
            asked = wire(kind).ask(question(document, kind=kind))
        except InvalidRequest as error:
            param = (error.param or "").partition("[")[0]
            refused[error.param or ""] = error.message
            if param == "messages":
                document["messages"] = [_without_parts(message) for message in document["messages"]]
            else:
                del document[param]
        else:
            body = json.loads(asked.content)
            return {"refused": refused, "dropped": list(asked.dropped), "path": asked.path, "body": body}


def read(kind: str, pieces: Iterable[bytes], media_type: str) -> dict[str, Any]:
    """Read an answer that comes in these pieces, and fold it."""
    body = wire(kind).ask(question({"messages": []})).read(AnswerHead(media_type=media_type))
    events = [event for piece in pieces for event in body.feed(piece)]
    return fold([*events, *body.close()])


def folded(kind: str) -> dict[str, Any]:
    """Return what becomes of a kind's answer."""
    document = json.dumps(compatible_answers.whole(kind)).encode()
    return {
        "whole": read(kind, [document], "application/json"),
        "streamed": read(kind, [compatible_answers.stream(kind)], "text/event-stream"),
    }


def kept(kind: str, name: str) -> dict[str, Any]:
    """Return what a golden file holds."""
    found: dict[str, Any] = json.loads((FOLDER / f"{kind}.{name}.json").read_text("utf-8"))
    return found


def _without_parts(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [part for part in content if part["type"] == "text"]}


def _rewrite() -> None:
    FOLDER.mkdir(exist_ok=True)
    for kind in KINDS:
        for name, found in (("sent", sent(kind)), ("folded", folded(kind))):
            text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
            (FOLDER / f"{kind}.{name}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    _rewrite()

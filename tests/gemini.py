"""What the tests of Gemini's format share: Google's types as a judge of requests, and both ways through it.

google-genai has no model of a whole request, only of its members; they are put together here, and closed.
Its types are strict about unknown members and about unions, but an unknown word in an enumeration is only a
warning: that is an error in these tests.
"""

import itertools
import json
import warnings
from collections.abc import Iterable
from typing import Any

from google.genai import types
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from app.domain.abilities import Abilities
from app.domain.events import ProviderEvent
from app.wire.format import AnswerHead, Asked, Question
from app.wire.gemini.format import GeminiFormat
from app.wire.gemini.parts import Host
from app.wire.gemini.signatures import Signatures

MODEL = "gemini-2.5-flash"
GEMINI_2 = Abilities(thinking="budget", structured_output_with_tools=False)
GEMINI_3 = Abilities(thinking="level")
NOW_S = 1_795_000_000.5
SSE = AnswerHead(media_type="text/event-stream")
JSON = AnswerHead(media_type="application/json")
Json = dict[str, Any]


class WholeRequest(BaseModel):
    """A `GenerateContentRequest`."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    contents: list[types.Content]
    system_instruction: types.Content | None = None
    generation_config: types.GenerationConfig | None = None
    tools: list[types.Tool] | None = None
    tool_config: types.ToolConfig | None = None
    safety_settings: list[types.SafetySetting] | None = None
    cached_content: str | None = None
    labels: dict[str, str] | None = None
    service_tier: types.ServiceTier | None = None
    store: bool | None = None


def check(body: Json) -> Json:
    """Return the body if Google's types take it; raise if not."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        WholeRequest.model_validate_json(json.dumps(body))
    return body


def wire(signatures: Signatures | None = None, host: Host = "gemini", now_s: float = NOW_S) -> GeminiFormat:
    """Return the format with ids that count from 1 and a clock that stands still."""
    numbers = itertools.count(1)
    return GeminiFormat(host, signatures, token=lambda: f"{next(numbers):024x}", now_s=lambda: now_s)


def asked(
    document: Json, *, signatures: Signatures | None = None, host: Host = "gemini", **fields: Any
) -> Asked:
    """Ask a question; messages are a user's "hi" if they are not given."""
    whole = {"model": "m", "messages": [user("hi")], **document}
    return wire(signatures, host).ask(Question(**({"document": whole, "model": MODEL} | fields)))


def body(document: Json, **fields: Any) -> Json:
    """Return the request to Gemini, as Google's types take it."""
    found: Json = json.loads(asked(document, **fields).content)
    return check(found)


def config(document: Json, **fields: Any) -> Json:
    """Return its `generationConfig`."""
    found: Json = body(document, **fields).get("generationConfig", {})
    return found


def contents(*messages: Json, **fields: Any) -> list[Json]:
    """Return the contents for these messages."""
    found: list[Json] = body({"messages": list(messages)}, **fields)["contents"]
    return found


def user(content: Any) -> Json:
    return {"role": "user", "content": content}


def assistant(content: Any = None, *calls: Json, **fields: Any) -> Json:
    return {
        "role": "assistant",
        "content": content,
        **({"tool_calls": list(calls)} if calls else {}),
        **fields,
    }


def call(call_id: str, name: str = "f", arguments: str = "{}", **fields: Any) -> Json:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function, **fields}


def result(call_id: str, content: Any) -> Json:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def function(name: str = "f", parameters: Json | None = None, **fields: Any) -> Json:
    said = {"name": name, **({} if parameters is None else {"parameters": parameters}), **fields}
    return {"type": "function", "function": said}


def sse(*responses: Json) -> bytes:
    """Return responses as the Gemini API streams them, with its line ends."""
    return b"".join(b"data: %b\r\n\r\n" % json.dumps(response).encode() for response in responses)


def response(*parts: Json, finish: str | None = None, **fields: Any) -> Json:
    """Return a response with one candidate, checked by Google's types."""
    candidate: Json = {"content": {"role": "model", "parts": list(parts)}}
    if finish is not None:
        candidate["finishReason"] = finish
    found = {"candidates": [candidate], "responseId": "r", "modelVersion": MODEL, **fields}
    types.GenerateContentResponse.model_validate_json(json.dumps(found))
    return found


def read(question: Asked, head: AnswerHead, pieces: Iterable[bytes]) -> list[ProviderEvent]:
    """Return all events of an answer that comes in these pieces."""
    answer = question.read(head)
    found = [event for piece in pieces for event in answer.feed(piece)]
    return [*found, *answer.close()]


def streamed(*responses: Json, document: Json | None = None, **fields: Any) -> list[ProviderEvent]:
    """Return the events of a stream of these responses."""
    return read(asked(document or {}, stream=True, **fields), SSE, [sse(*responses)])


def whole(document: Any, question: Json | None = None, **fields: Any) -> list[ProviderEvent]:
    """Return the events of a body of JSON."""
    return read(asked(question or {}, **fields), JSON, [json.dumps(document).encode()])

"""What it costs to speak another vendor's format: a 2 kB request and its answer, and a streamed chunk.

    python -m tests.bench.translation_cost

CPU time; the best of many rounds. What is counted is what a format does: a document into the vendor's
bytes, the vendor's bytes into events. OpenAI's own format, which is nobody's translation, is the yardstick of
the same run.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from app.catalogue.catalogue import Catalogue
from app.domain.events import TextDelta
from app.wire.anthropic.format import AnthropicFormat
from app.wire.bedrock.format import BedrockFormat
from app.wire.cohere.format import CohereFormat
from app.wire.format import AnswerHead, Asked, Format, Question
from app.wire.gemini.format import GeminiFormat
from app.wire.openai.format import OpenAIFormat
from tests.bench.wire_cost import TEXT, WORD, cost_us
from tests.emulators.anthropic_events import stream_bytes as anthropic_stream
from tests.emulators.cohere_events import stream_bytes as cohere_stream
from tests.event_streams import message as aws_message

WORDS = 330
"""Pieces of an answer of 2 kB, as models stream it."""
PIECE = 6
"""Characters of each."""
BUDGET_US, CHUNK_BUDGET_US = 60.0, 15.0
SWEEPS = 5
"""Over all formats; so no format has all its rounds while somebody else is busy."""
SAID = TEXT[: WORDS * PIECE]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PLAIN: dict[str, Any] = {
    "model": "@x/m",
    "messages": [{"role": "system", "content": TEXT[:500]}, {"role": "user", "content": TEXT[:1500]}],
    "temperature": 0.7,
    "max_tokens": 1000,
}
CALLED = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}
TOOLS: dict[str, Any] = {
    **PLAIN,
    "messages": [
        {"role": "system", "content": TEXT[:400]},
        {"role": "user", "content": TEXT[:1000]},
        {"role": "assistant", "content": None, "tool_calls": [CALLED]},
        {"role": "tool", "tool_call_id": "call_1", "content": TEXT[:400]},
    ],
    "tools": [TOOL],
}
ANTHROPIC = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": SAID}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 500, "output_tokens": 400},
}
COHERE = {
    "id": "co-1",
    "finish_reason": "COMPLETE",
    "message": {"role": "assistant", "content": [{"type": "text", "text": SAID}]},
    "usage": {"tokens": {"input_tokens": 500.0, "output_tokens": 400.0}},
}
GEMINI: dict[str, Any] = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": SAID}]}, "finishReason": "STOP", "index": 0}
    ],
    "usageMetadata": {"promptTokenCount": 500, "candidatesTokenCount": 400, "totalTokenCount": 900},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "r",
}
BEDROCK = {
    "output": {"message": {"role": "assistant", "content": [{"text": SAID}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 500, "outputTokens": 400, "totalTokens": 900},
    "metrics": {"latencyMs": 5},
}
OPENAI = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": SAID}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 500, "completion_tokens": 400, "total_tokens": 900},
}


def words() -> list[str]:
    """Return the answer in the pieces it is streamed in."""
    return [SAID[at : at + PIECE] for at in range(0, len(SAID), PIECE)]


def gemini_stream() -> bytes:
    """Return the answer as Gemini streams it: a whole response each time, usage and all."""
    last = GEMINI["candidates"][0]
    said = [
        {**GEMINI, "candidates": [{**last, "content": {"role": "model", "parts": [{"text": word}]}}]}
        for word in words()
    ]
    for one in said[:-1]:
        del one["candidates"][0]["finishReason"]
    return b"".join(b"data: %b\r\n\r\n" % json.dumps(one).encode() for one in said)


def bedrock_stream() -> bytes:
    """Return the answer as Bedrock streams it."""
    said: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    said += [
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}, "p": "abcdefgh"})
        for word in words()
    ]
    said += [
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": BEDROCK["usage"], "metrics": BEDROCK["metrics"]}),
    ]
    return b"".join(
        aws_message(
            {":message-type": "event", ":event-type": name, ":content-type": "application/json"},
            json.dumps(body).encode(),
        )
        for name, body in said
    )


def openai_stream() -> bytes:
    """Return the answer as OpenAI streams it."""
    end = WORD.replace(b'"delta":{"content":" word"}', b'"delta":{}').replace(
        b'"finish_reason":null', b'"finish_reason":"stop"'
    )
    return b"".join(WORD.replace(b" word", word.encode()) for word in words()) + end + b"data: [DONE]\n\n"


SSE, AWS = "text/event-stream", "application/vnd.amazon.eventstream"
VENDORS: tuple[tuple[str, Format, str, dict[str, Any], Callable[[], bytes], str], ...] = (
    ("openai", OpenAIFormat(), "gpt-4o", OPENAI, openai_stream, SSE),
    (
        "anthropic",
        AnthropicFormat(),
        "claude-sonnet-4-5",
        ANTHROPIC,
        partial(anthropic_stream, ANTHROPIC, PIECE),
        SSE,
    ),
    ("gemini", GeminiFormat(), "gemini-2.5-flash", GEMINI, gemini_stream, SSE),
    ("bedrock", BedrockFormat(lambda: 0.0), "anthropic.claude-sonnet-4-5-v1:0", BEDROCK, bedrock_stream, AWS),
    ("cohere", CohereFormat(), "command-a-03-2025", COHERE, partial(cohere_stream, COHERE), SSE),
)


def chunks_of(asked: Asked, stream: bytes, media_type: str) -> int:
    """Return how many pieces of text a stream holds; emulators cut it as their vendors do."""
    events = asked.read(AnswerHead(media_type=media_type)).feed(stream)
    return sum(isinstance(event, TextDelta) for event in events)


def exchange(wire: Format, question: Question, answer: bytes, media_type: str, *, pieces: int = 1) -> None:
    """Ask, and read the answer in pieces as large as a socket gives them."""
    body = wire.ask(question).read(AnswerHead(media_type=media_type))
    size = max(1, len(answer) // pieces)
    for at in range(0, len(answer), size):
        for _ in body.feed(answer[at : at + size]):
            pass
    for _ in body.close():
        pass


Work = tuple[Callable[[], object], int]
"""What is done, and how many things it does."""


def works() -> dict[str, tuple[Work, ...]]:
    """Return by format what is measured: an exchange, one with tools, a streamed one, asking for that."""
    catalogue = Catalogue.load()
    found: dict[str, tuple[Work, ...]] = {}
    for name, wire, model, document, streamed, media_type in VENDORS:
        abilities = catalogue.abilities(name, model)
        plain = Question(document=PLAIN, model=model, abilities=abilities)
        tools = Question(document=TOOLS, model=model, abilities=abilities)
        stream = Question(document=PLAIN, model=model, stream=True, abilities=abilities)
        whole = json.dumps(document).encode()
        chunks = chunks_of(wire.ask(stream), streamed(), media_type)
        found[name] = (
            (partial(exchange, wire, plain, whole, "application/json"), 1),
            (partial(exchange, wire, tools, whole, "application/json"), 1),
            (partial(exchange, wire, stream, streamed(), media_type, pieces=chunks), chunks),
            (partial(wire.ask, stream), chunks),
        )
    return found


def measured() -> dict[str, list[float]]:
    """Return the costs of these, in microseconds, each the best of sweeps that lie seconds apart."""
    best: dict[str, list[float]] = {}
    for _ in range(SWEEPS):
        for name, todo in works().items():
            costs = [cost_us(work, times) for work, times in todo]
            best[name] = list(map(min, costs, best.get(name, costs)))
    return best


def main() -> None:
    """Measure and print."""
    print(
        f"{'format':10} {'plain':>8} {'tools':>8} {'a chunk':>8}   us of CPU; at most {BUDGET_US} beyond the "
        f"first line, {CHUNK_BUDGET_US} a chunk"
    )
    own: list[float] = []
    for name, (plain, tools, stream, asking) in measured().items():
        own = own or [plain, tools]
        added, chunk = max(plain - own[0], tools - own[1]), stream - asking
        marks = "  over" if added > BUDGET_US or chunk > CHUNK_BUDGET_US else ""
        print(f"{name:10} {plain:8.1f} {tools:8.1f} {chunk:8.1f}{marks}")


if __name__ == "__main__":
    main()

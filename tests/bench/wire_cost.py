"""What the wire costs: a chunk from the provider's bytes to ours, a whole answer, a request.

    python -m tests.bench.wire_cost

CPU time, not wall time, so that a busy machine disturbs it little; the best of several rounds.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from app.wire.openai.body import StreamBody, WholeBody
from app.wire.openai.fold import Fold
from app.wire.openai.request import Limits, decode, encode
from app.wire.openai.stream import ChunkWriter
from app.wire.sse import SseDecoder
from tests.golden.openai_cases import chunks

CHUNKS = 500
ROUNDS, CALLS = 150, 20
"""Many short rounds: one of them falls into a moment when nobody else uses the core and its caches."""
TEXT = "The quick brown fox jumps over the lazy dog. " * 45
"""About 2 kB."""
CHUNK = {
    "id": "chatcmpl-CYp3nZ1Zq5Zl",
    "object": "chat.completion.chunk",
    "created": 1_790_000_000,
    "model": "gpt-5.6-2026-09-01",
    "service_tier": "default",
    "system_fingerprint": "fp_50cad350e4",
    "choices": [{"index": 0, "delta": {"content": " word"}, "logprobs": None, "finish_reason": None}],
    "usage": None,
    "obfuscation": "x8Kd0Vq",
}
"""As OpenAI sends them, 2026-11."""
WORD = b"data: " + json.dumps(CHUNK, separators=(",", ":")).encode() + b"\n\n"
ARGUMENTS = WORD.replace(
    b'{"content":" word"}', b'{"tool_calls":[{"index":0,"function":{"arguments":"{\\"ci"}}]}'
)
MESSAGE: dict[str, Any] = {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []}
DOCUMENT = json.dumps(
    chunks("text")[-1]
    | {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}],
    }
).encode()
REQUEST = json.dumps(
    {
        "model": "@openai/gpt-5.6",
        "messages": [{"role": "system", "content": TEXT[:500]}, {"role": "user", "content": TEXT[:1500]}],
        "temperature": 0.7,
        "stream": True,
    }
).encode()


def cost_us(work: Callable[[], object], times: int = 1) -> float:
    """Return microseconds of CPU for one of the `times` things that `work` does; the best of the rounds."""
    repeats = max(1, CALLS // times)
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time_ns()
        for _ in range(repeats):
            work()
        best = min(best, time.process_time_ns() - started)
    return best / 1000 / repeats / times


def split() -> None:
    """Cut a stream into events and do nothing with them."""
    decoder = SseDecoder(1_000_000)
    for _ in range(CHUNKS):
        for _ in decoder.feed(WORD):
            pass


def read(word: bytes) -> None:
    """Turn a stream into events and do nothing with them."""
    body = StreamBody(1_000_000)
    for _ in range(CHUNKS):
        for _ in body.feed(word):
            pass


def stream(word: bytes, *, with_fold: bool) -> None:
    """Turn a stream into events and these into our stream, and fold them for the record."""
    body, writer, fold = StreamBody(1_000_000), ChunkWriter(include_usage=True), Fold()
    for _ in range(CHUNKS):
        for event in body.feed(word):
            writer.write(event)
            if with_fold:
                fold.add(event)
    if with_fold:
        fold.document()


def answer() -> None:
    """Turn a document into events and these into our document, as bytes."""
    body, fold = WholeBody(), Fold()
    list(body.feed(DOCUMENT))
    for event in body.close():
        fold.add(event)
    ENCODE(fold.document())


def request() -> None:
    """Check a request and write it for the provider."""
    encode(decode(REQUEST, LIMITS), "gpt-5.6", stream_usage=True)


LIMITS = Limits()
ENCODE = msgspec.json.Encoder().encode


def main() -> None:
    """Print a table."""
    print(f"{'a chunk split from its stream':<50}{cost_us(split, CHUNKS):>8.2f} us")
    print(f"{'a chunk of text to its event':<50}{cost_us(partial(read, WORD), CHUNKS):>8.2f} us")
    for name, word in (("text", WORD), ("tool arguments", ARGUMENTS)):
        bare = cost_us(partial(stream, word, with_fold=False), CHUNKS)
        kept = cost_us(partial(stream, word, with_fold=True), CHUNKS)
        print(f"{f'a chunk of {name}: bytes, event, bytes':<50}{bare:>8.2f} us  (aim: 12)")
        print(f"{'    and folded for the record':<50}{kept:>8.2f} us")
    print(f"{f'a whole answer of {len(DOCUMENT)} bytes, both ways':<50}{cost_us(answer):>8.2f} us  (aim: 40)")
    print(f"{f'a request of {len(REQUEST)} bytes, both ways':<50}{cost_us(request):>8.2f} us")


if __name__ == "__main__":
    main()

"""An answer over real sockets is guarded alike however the network cuts its bytes.

One answer holds all that is awkward to cut: letters of two to four bytes, an escape in the arguments of a
call, a value over several events, two choices side by side, a match at the very end.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.configuration.reader import Source, configure
from app.main import build
from tests.app.test_main import question, rows, running
from tests.e2e.completions import chunk, completion, usage_chunk
from tests.upstreams import Upstream, stream, whole

ARGUMENTS = r'{"to": "caf\u00e9 alice\u0040example.com", "alice@example.com": "\ud83d\ude00"}'
FIRST = "Zoë 😀 asks jane.doe@example.com, 中文。 And her card: 4111 1111 1111 1111"
SECOND = "Nothing é but GB82 WEST 1234 5698 7654 32"
EXPECTED = (
    "Zoë 😀 asks [EMAIL], 中文。 And her card: [CARD]",
    "Nothing é but [IBAN]",
    {"to": "café [EMAIL]", "[EMAIL]": "😀"},
)


def _call(text: str, **more: Any) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, **more, "function": {**more.get("function", {}), "arguments": text}}]}


def _events() -> Iterator[dict[str, Any]]:
    """Yield both choices in turns, three characters at a time, then the call, then the last of the text."""
    yield chunk({"role": "assistant", "content": ""})
    for at in range(0, len(FIRST) - 4, 3):
        yield chunk({"content": FIRST[:-4][at : at + 3]})
        if piece := SECOND[at : at + 3]:
            yield chunk({"content": piece}, index=1)
    yield chunk(_call("", id="call_1", type="function", function={"name": "mail"}))
    for at in range(0, len(ARGUMENTS), 4):
        yield chunk(_call(ARGUMENTS[at : at + 4]))
    yield chunk({"content": FIRST[-4:]})
    yield chunk({}, finish="tool_calls")
    yield chunk({}, index=1, finish="stop")
    yield usage_chunk()


BYTES = b"".join(
    b"data: " + json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
    for event in _events()
)
BYTES += b"data: [DONE]\n\n"


def _service(folder: Path, upstream: Upstream, action: str) -> Litestar:
    text = (
        f'providers: {{up: {{kind: openai, base_url: "{upstream.base_url}"}}}}\n'
        f'records: {{url: "sqlite:///{folder}/r.db", content: full}}\n'
        f"guardrails: {{privacy: {{on: [output], action: {action}, timeout_ms: 60000,"
        " checks: [{pii: {entities: [email, card, iban]}}]}}\n"
    )
    return build(configure(Source("handrail.yaml", text), {}), {})


def _told(reply: httpx.Response) -> tuple[str, str, Any]:
    """Return what a streamed answer says: both texts, and the arguments of the call."""
    texts, arguments = {0: "", 1: ""}, ""
    for line in reply.text.splitlines():
        if not line.startswith("data: {"):
            continue
        for choice in json.loads(line.removeprefix("data: ")).get("choices", ()):
            texts[choice["index"]] += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", ()):
                arguments += call["function"].get("arguments", "")
    return texts[0], texts[1], json.loads(arguments) if arguments else None


def _places(*around: str) -> list[int]:
    """Return the places inside of these and of the bytes just around them."""
    found: list[int] = []
    for text in around:
        at = BYTES.index(text.encode())
        found += range(at - 1, at + len(text.encode()) + 2)
    return found


@pytest.mark.parametrize(
    "cuts",
    [
        [[place] for place in _places("ë", "😀", "。", r"\\u", "}}]", "\n\n", "[DONE]")],
        [list(range(1, len(BYTES)))],
        [list(range(1, len(BYTES), 2)), list(range(2, len(BYTES), 7)), []],
    ],
    ids=["in two", "byte by byte", "in pieces"],
)
async def test_it_is_redacted_alike_however_its_bytes_are_cut(tmp_path: Path, cuts: list[list[int]]) -> None:
    answers = [
        stream(BYTES[start:end] for start, end in zip([0, *ends], [*ends, len(BYTES)], strict=True))
        for ends in cuts
    ]
    async with Upstream(*answers) as upstream, running(_service(tmp_path, upstream, "redact")) as client:
        for _ in cuts:
            reply = await client.post("/v1/chat/completions", json=question(stream=True))
            assert _told(reply) == EXPECTED
            assert "content_filter" not in reply.text


async def test_a_whole_answer_is_redacted_as_its_stream_is(tmp_path: Path) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "mail", "arguments": ARGUMENTS}}
    document = completion(
        *(
            {
                "index": index,
                "message": {"role": "assistant", "content": text, "tool_calls": calls},
                "finish_reason": "stop",
            }
            for index, text, calls in ((0, FIRST, [call]), (1, SECOND, []))
        )
    )
    async with (
        Upstream(whole(document)) as upstream,
        running(_service(tmp_path, upstream, "redact")) as client,
    ):
        reply = await client.post("/v1/chat/completions", json=question())
    first, second = (choice["message"] for choice in reply.json()["choices"])
    arguments = json.loads(first["tool_calls"][0]["function"]["arguments"])
    assert (first["content"], second["content"], arguments) == EXPECTED


async def test_a_blocked_one_ends_before_the_match_and_is_closed_on_record(tmp_path: Path) -> None:
    answer = stream(BYTES[at : at + 1] for at in range(len(BYTES)))
    async with Upstream(answer) as upstream:
        async with running(_service(tmp_path, upstream, "block")) as client:
            reply = await client.post("/v1/chat/completions", json=question(stream=True))
        (connection,) = upstream.connections
        assert connection.closed.is_set(), "nobody reads on what nobody will get"
    first, second, arguments = _told(reply)
    assert FIRST.startswith(first)
    assert "jane" not in first
    assert SECOND.startswith(second)
    assert arguments is None
    assert "content_filter" in reply.text
    ((outcome, ended),) = rows(tmp_path, "SELECT outcome, duration_ms IS NOT NULL FROM exchanges")
    assert (outcome, ended) == ("blocked_output", 1)

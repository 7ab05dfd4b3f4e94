"""A whole answer of Cohere's as the events it would be streamed in.

As the cohere SDK 7.3 types them (`V2ChatStreamResponse`) and docs.cohere.com/docs/streaming shows them,
2026-11: thoughts and texts are content with an index each, calls count on their own, citations follow what
they are of.
"""

import json
from collections.abc import Iterator
from typing import Any

_PIECE = 4
"""Characters of a piece of text."""


def events_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a `V2ChatResponse`."""
    message = answer["message"]
    start = {"role": "assistant"}
    end = {"finish_reason": answer["finish_reason"], "usage": answer.get("usage")}
    return [
        {"type": "message-start", "id": answer["id"], "delta": {"message": start}},
        *_plan(message.get("tool_plan") or ""),
        *_calls(message.get("tool_calls") or []),
        *_contents(message.get("content") or [], answer.get("logprobs")),
        *_citations(message.get("citations") or []),
        {"type": "message-end", "id": answer["id"], "delta": end},
    ]


def stream_bytes(answer: dict[str, Any]) -> bytes:
    """Return the body of the stream, with names, as Cohere sends it."""
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (event["type"].encode(), json.dumps(event).encode())
        for event in events_of(answer)
    )


def pieces(text: str) -> list[str]:
    """Return the text in the pieces it is streamed in."""
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def _plan(text: str) -> Iterator[dict[str, Any]]:
    for piece in pieces(text):
        yield {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": piece}}}


def _calls(calls: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for index, call in enumerate(calls):
        function = {**call["function"], "arguments": ""}
        begun = {"message": {"tool_calls": {**call, "function": function}}}
        yield {"type": "tool-call-start", "index": index, "delta": begun}
        for piece in pieces(call["function"].get("arguments") or ""):
            delta = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
            yield {"type": "tool-call-delta", "index": index, "delta": delta}
        yield {"type": "tool-call-end", "index": index}


def _contents(items: list[dict[str, Any]], logprobs: list[dict[str, Any]] | None) -> Iterator[dict[str, Any]]:
    for index, item in enumerate(items):
        kind = item["type"]
        begun = {"message": {"content": {"type": kind, kind: ""}}}
        yield {"type": "content-start", "index": index, "delta": begun}
        if kind == "text" and logprobs:
            for spelled in logprobs:
                yield {**_content(index, kind, spelled["text"]), "logprobs": spelled}
        else:
            for piece in pieces(item[kind]):
                yield _content(index, kind, piece)
        yield {"type": "content-end", "index": index}


def _content(index: int, kind: str, text: str) -> dict[str, Any]:
    return {"type": "content-delta", "index": index, "delta": {"message": {"content": {kind: text}}}}


def _citations(citations: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for index, citation in enumerate(citations):
        yield {"type": "citation-start", "index": index, "delta": {"message": {"citations": citation}}}
        yield {"type": "citation-end", "index": index}

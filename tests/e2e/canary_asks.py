"""Requests with canaries wherever a caller can write, and answers with canaries wherever a provider can."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from tests.e2e.canaries import BROUGHT_KEY, email, harmless, line, text
from tests.e2e.completions import chunk, completion, said, usage_chunk
from tests.upstreams import Answer, hang, head, stream, whole

CHAT = "/v1/chat/completions"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    name: str
    path: str = CHAT
    method: str = "POST"
    headers: Mapping[str, str] = {}
    body: Any = None
    """JSON, or bytes as they are."""
    answer: Answer | None = None
    """Of the provider; None: it is not asked."""
    status: int = 200
    """That the caller gets."""
    is_unread: bool = False
    """Whether it is passed on as it is, both ways, because a key may do that."""


def _call(place: str) -> dict[str, Any]:
    function = {"name": "send", "arguments": json.dumps({"to": text(place), email(f"{place}-key"): 1})}
    return {"id": "c", "type": "function", "function": function}


def conversation(stream_: bool = False, **more: Any) -> dict[str, Any]:
    """Return the body of a request with canaries in every field that can hold them."""
    document = base64.b64encode(text("attached-text").encode()).decode()
    file = {"filename": line("file-name"), "file_data": f"data:text/plain;base64,{document}"}
    image = {"url": f"https://images.invalid/a?of={email('image-url')}"}
    parts = [
        {"type": "text", "text": text("user-text")},
        {"type": "file", "file": file},
        {"type": "image_url", "image_url": image},
    ]
    messages = [
        {"role": "system", "content": text("system-text")},
        {"role": "user", "name": email("speaker"), "content": parts},
        {"role": "assistant", "content": None, "tool_calls": [_call("asked-arguments")]},
        {"role": "tool", "tool_call_id": "c", "content": text("tool-result")},
    ]
    parameters = {"type": "object", "properties": {email("schema-key"): {"description": text("schema")}}}
    tool = {"name": "send", "description": text("tool-description"), "parameters": parameters}
    return {
        "model": "@p/m",
        "messages": messages,
        "tools": [{"type": "function", "function": tool}],
        "stream": stream_,
        "user": line("user-field"),
        "metadata": {"who": line("body-metadata"), email("metadata-key"): "x", "_user": email("subject")},
        "safety_identifier": email("safety-identifier"),
        "unheard_of": {email("unknown-key"): [text("unknown-field")], "card": 4111111111111111},
        **more,
    }


HEADERS = {
    "x-portkey-trace-id": f"{harmless('trace-id')} {email('trace-id')}",
    "x-portkey-cache-namespace": line("namespace"),
    "x-portkey-span-name": line("other-header"),
    "user-agent": line("user-agent"),
    "tracestate": f"vendor={email('trace-state')}",
    "baggage": f"user={email('baggage')}",
    "referer": f"https://a.invalid/?{email('referer')}",
    "cookie": f"session={email('cookie')}",
}
METADATA = {"x-portkey-metadata": json.dumps({"who": text("metadata"), email("header-key"): 1})}
_PROVIDERS_HEADERS = {
    "x-request-id": line("providers-request-id"),
    "x-ratelimit-limit-requests": line("limit-header"),
    "openai-organization": line("organization"),
    "set-cookie": line("providers-cookie"),
}


def _whole() -> Answer:
    answer = completion(said(text("answer")))
    answer["choices"][0]["message"] |= {"tool_calls": [_call("answered-arguments")], email("answer-key"): 1}
    named = {"id": email("answer-id"), "model": line("answered-model"), "system_fingerprint": email("system")}
    return whole(answer | named, headers=_PROVIDERS_HEADERS)


def _pieces(place: str) -> list[dict[str, Any]]:
    """Return an answer's text, cut every seven characters: in the middle of each value."""
    whole_text = text(place)
    return [chunk({"content": whole_text[at : at + 7]}) for at in range(0, len(whole_text), 7)]


def _streamed() -> Answer:
    arguments = _call("streamed-arguments")["function"]["arguments"]
    calls = [
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments[at : at + 7]}}]})
        for at in range(0, len(arguments), 7)
    ]
    first = chunk({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "s"}}]})
    named = {"id": email("stream-id"), "model": line("streamed-model")}
    events = [*_pieces("streamed"), first, *calls, chunk({}, finish="tool_calls"), usage_chunk()]
    return stream([*(event | named for event in events), "[DONE]"], headers=_PROVIDERS_HEADERS)


def _error(place: str) -> dict[str, Any]:
    said_ = {"message": text(place), "type": line(f"{place}-type"), "code": line(f"{place}-code")}
    return {"error": {**said_, "param": email(f"{place}-param")}}


def half_streamed() -> Answer:
    """Answer with half of a stream, then with nothing for ever."""
    events = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in _pieces("cut-answer"))
    return hang(
        head(200, "text/event-stream", transfer_encoding="chunked") + b"%x\r\n%b\r\n" % (len(events), events)
    )


def _inline() -> dict[str, str]:
    """Return headers with a config of the caller's own and guardrails of his own, that are used."""
    hook = {
        "id": harmless("guardrail-id"),
        "deny": False,
        "contains": {"words": [line("guardrail-word"), "here"], "operator": "none"},
    }
    config = {
        "provider": "@p",
        "override_params": {"user": line("override")},
        "input_guardrails": [hook],
        "output_guardrails": [hook],
    }
    return {"x-portkey-config": json.dumps(config)}


def exchanges() -> list[Ask]:
    """Return those that reach a provider: its answer whole, streamed, refused, broken off by an error."""
    broken = stream([*_pieces("before-error"), _error("stream-error")])
    headers = HEADERS | METADATA
    return [
        Ask(name="whole", headers=headers, body=conversation(), answer=_whole()),
        Ask(name="streamed", headers=headers, body=conversation(True), answer=_streamed()),
        Ask(name="by body alone", body=conversation(), answer=_whole()),
        Ask(
            name="refused",
            headers=headers,
            body=conversation(),
            answer=whole(_error("refusal"), status=400, headers=_PROVIDERS_HEADERS),
            status=400,
        ),
        Ask(name="broken", headers=headers, body=conversation(True), answer=broken),
        Ask(name="model", body=conversation(model=f"@p/{harmless('model')}"), answer=_whole()),
        Ask(name="inline", headers=_inline(), body=conversation(), answer=_whole(), status=246),
    ]


def refusals() -> list[Ask]:
    """Return those that are refused here, with what is wrong with them in their error."""
    config = {
        "strategy": {"mode": "single"},
        "targets": [{"provider": line("config"), "api_key": BROUGHT_KEY}],
    }
    named = {"id": email("guardrail-name"), "contains": {"words": ["x"]}}
    ask = {"model": "@p/m", "messages": [{"role": "user", "content": "?"}]}
    wrong = {
        "unknown model": ({}, ask | {"model": line("unknown-model")}, 400),
        "unknown provider": ({}, ask | {"model": f"@{line('unknown-provider')}/m"}, 404),
        "virtual key": ({"x-portkey-virtual-key": line("virtual-key")}, ask, 400),
        "provider": ({"x-portkey-provider": line("provider")}, ask, 400),
        "custom host": (
            {
                "x-portkey-provider": "openai",
                "x-portkey-custom-host": f"https://{email('host')}:1/v1?key={line('host-query')}",
            },
            ask,
            400,
        ),
        "config": ({"x-portkey-config": json.dumps(config)}, ask, 400),
        "config name": ({"x-portkey-config": line("config-name")}, ask, 400),
        "config junk": ({"x-portkey-config": "{" + line("config-junk")}, ask, 400),
        "guardrail name": ({"x-handrail-guardrails": line("guardrail-name")}, ask, 400),
        "guardrails": ({"x-portkey-default-input-guardrails": f'[{{"{line("check")}": 1}}]'}, ask, 400),
        "guardrail id": ({"x-portkey-default-output-guardrails": json.dumps([named])}, ask, 400),
        "config's guardrail id": (
            {"x-portkey-config": json.dumps({"provider": "@p", "input_guardrails": [named]})},
            ask,
            400,
        ),
        "timeout": ({"x-portkey-request-timeout": email("timeout")}, ask, 400),
        "forwarded": ({"x-portkey-forward-headers": line("forwarded")}, ask, 400),
        "metadata": ({"x-portkey-metadata": f'{{"{line("junk-metadata")}":'}, ask, 400),
        "junk": ({}, f'{{"model": "{line("junk")}"'.encode(), 400),
        "twice": ({}, f'{{"{email("twice")}": 1, "{email("twice")}": 2}}'.encode(), 400),
        "no role": ({}, ask | {"messages": [{"role": line("role"), email("role-key"): "?"}]}, 400),
        "no number": ({}, ask | {"temperature": line("temperature")}, 400),
        "content type": ({"content-type": email("content-type")}, b"x", 415),
        "no caller": ({"authorization": f"Bearer {BROUGHT_KEY}", "x-portkey-api-key": line("key")}, ask, 401),
    }
    return [
        Ask(name=name, headers=HEADERS | headers, body=body, status=status)
        for name, (headers, body, status) in wrong.items()
    ]


def elsewhere() -> list[Ask]:
    """Return those to other paths: what is passed on unread, what is reported, what is not served."""
    said_ = {
        "messages": [{"role": "tool", "content": json.dumps({"to": email("log")}).replace("@", "\\u0040")}]
    }
    log = {"request": said_ | {"card": 4111111111111111, "x": text("log")}, "response": {"body": text("log")}}
    return [
        Ask(
            name="query",
            path=f"{CHAT}?api-version={email('query')}",
            body=conversation(),
            answer=_whole(),
        ),
        Ask(
            name="passed on",
            path=f"/v1/files/{email('path')}?purpose={email('passed-query')}",
            method="GET",
            answer=whole({"x": text("passed-answer")}, headers=_PROVIDERS_HEADERS),
            is_unread=True,
        ),
        Ask(name="passing refused", path=f"/v1/other/{email('refused-path')}", method="GET", status=404),
        Ask(name="not served", path=f"/{email('unknown-path')}", method="GET", status=404),
        Ask(
            name="feedback",
            path="/v1/feedback",
            body={"trace_id": line("feedback-trace"), "value": 5, "metadata": {"why": text("feedback")}},
        ),
        Ask(
            name="bad feedback",
            path="/v1/feedback",
            body={"trace_id": 1, email("bad"): line("bad")},
            status=400,
        ),
        Ask(
            name="log",
            path="/v1/logs",
            body=log | {"metadata": {"traceId": line("log-trace"), "c": 4111111111111111}},
        ),
    ]

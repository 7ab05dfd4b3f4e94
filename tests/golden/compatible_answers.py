"""What compatible providers answer: one answer, said with the quirks of each.

The model thinks, speaks and calls a tool. What a provider does otherwise than OpenAI is from its
documentation or from issues of other gateways (2026-11); the rows of `app/catalogue/providers.yaml` say
which. A kind that is not named here answers as vLLM's kin do.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

TEXT = "Let me look: 21 °C?"
USAGE = {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}
REASONING_TOKENS = 5


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer says."""

    thoughts: str = "Where is it warm?"
    text: str = TEXT
    function: str = "get_weather"
    """Empty: none is called."""
    arguments: str = '{"city":"Paris"}'
    more: tuple[tuple[str, str], ...] = ()
    """Further calls: functions and arguments."""

    @property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """Return all calls: functions and arguments."""
        return ((self.function, self.arguments), *self.more) if self.function else ()


class Quirks(msgspec.Struct, frozen=True, kw_only=True):
    """How one provider answers."""

    thoughts: Literal["tags", "reasoning_content", "reasoning", "parts"] = "tags"
    finish: str = "tool_calls"
    usage: Literal["last", "apart", "x_groq", "choice", "every"] = "apart"
    usage_fields: dict[str, Any] = {}
    """Members of usage beside, or instead of, the usual ones."""
    calls: Literal["pieces", "whole", "repeated", "bare"] = "pieces"
    """Deltas as OpenAI's; all at once; with id and name on each; without index, id and type."""
    twins: bool = False
    """Whether a call comes as `function_call` too."""
    object_arguments: bool = False
    """Whether arguments are no text in a whole answer."""
    top: dict[str, Any] = {}
    """Members beside the choices."""
    choice: dict[str, Any] = {}
    """Members beside the message."""
    whole_message: bool = False
    """Whether chunks repeat the message so far."""
    comment: str = ""
    """A comment before the first chunk of a stream."""


QUIRKS: dict[str, Quirks] = {
    "openai": Quirks(
        thoughts="reasoning_content", top={"service_tier": "default", "system_fingerprint": "fp"}
    ),
    "github": Quirks(thoughts="reasoning_content"),
    "portkey": Quirks(thoughts="reasoning_content"),
    "anthropic-compatible": Quirks(thoughts="reasoning_content"),
    "cohere-compatible": Quirks(thoughts="reasoning_content"),
    "azure-ai": Quirks(thoughts="reasoning_content", choice={"content_filter_results": {}}),
    "mistral": Quirks(thoughts="parts", usage="last", object_arguments=True, calls="whole"),
    "groq": Quirks(thoughts="reasoning", usage="x_groq", top={"usage_breakdown": None}),
    "deepseek": Quirks(
        thoughts="reasoning_content",
        usage="last",
        usage_fields={"prompt_cache_hit_tokens": 8, "prompt_cache_miss_tokens": 22},
        comment=": keep-alive",
    ),
    "together": Quirks(
        thoughts="reasoning", finish="eos", usage="last", top={"prompt": []}, choice={"seed": 7}
    ),
    "openrouter": Quirks(
        thoughts="reasoning",
        top={"provider": "Somebody"},
        choice={"native_finish_reason": "tool_use"},
        usage_fields={"cost": 0.0001},
        comment=": OPENROUTER PROCESSING",
    ),
    "fireworks": Quirks(usage="last", top={"perf_metrics": {"ttft": 0.1}}),
    "xai": Quirks(
        thoughts="reasoning_content",
        calls="whole",
        top={"citations": ["https://x/y"]},
        usage_fields={
            "total_tokens": 47,
            "completion_tokens_details": {"reasoning_tokens": REASONING_TOKENS},
        },
    ),
    "perplexity": Quirks(
        usage="every",
        whole_message=True,
        top={"citations": ["https://x/y"], "search_results": [{"title": "t", "url": "https://x/y"}]},
        usage_fields={"search_context_size": "low", "cost": {"total_cost": 0.001}},
    ),
    "cerebras": Quirks(thoughts="reasoning", top={"time_info": {"queue_time": 0.1}}),
    "sambanova": Quirks(usage="last", usage_fields={"total_latency": 0.5}),
    "deepinfra": Quirks(usage_fields={"estimated_cost": 0.0001}),
    "moonshot": Quirks(thoughts="reasoning_content", usage="choice"),
    "zhipu": Quirks(thoughts="reasoning_content", usage="last", calls="whole", top={"request_id": "r"}),
    "z-ai": Quirks(thoughts="reasoning_content", usage="last", calls="whole", top={"request_id": "r"}),
    "dashscope": Quirks(thoughts="reasoning_content"),
    "minimax": Quirks(usage="last", top={"base_resp": {"status_code": 0, "status_msg": ""}}),
    "gemini-compatible": Quirks(thoughts="reasoning_content", calls="bare", usage="every"),
    "ollama": Quirks(
        thoughts="reasoning", finish="stop", calls="whole", top={"system_fingerprint": "fp_ollama"}
    ),
    "vllm": Quirks(thoughts="reasoning", choice={"stop_reason": None}, top={"prompt_logprobs": None}),
    "sglang": Quirks(thoughts="reasoning_content", choice={"matched_stop": None}),
    "llama.cpp": Quirks(thoughts="reasoning_content", top={"timings": {"prompt_n": 30}}),
    "llama-cpp-python": Quirks(calls="repeated", twins=True, usage="last"),
    "lm-studio": Quirks(thoughts="reasoning_content", top={"stats": {}}),
}
_KIN = Quirks()
_EVERYTHING = Said()


def quirks(kind: str) -> Quirks:
    """Return how a kind answers."""
    return QUIRKS.get(kind, _KIN)


def whole(kind: str, said: Said = _EVERYTHING) -> dict[str, Any]:
    """Return the answer as one document."""
    how = quirks(kind)
    message: dict[str, Any] = {"role": "assistant", "content": said.text}
    match how.thoughts:
        case "parts":
            parts = [_thinking(said.thoughts), {"type": "text", "text": said.text}]
            message["content"] = parts if said.thoughts else said.text
        case "tags":
            message["content"] = _tagged(said) + said.text
        case channel:
            message |= {channel: said.thoughts} if said.thoughts else {}
    if said.function:
        message["tool_calls"] = [_whole_call(how, number, *call) for number, call in enumerate(said.calls)]
        if how.twins:
            message["function_call"] = {"name": said.function, "arguments": said.arguments}
    choice = {"index": 0, "message": message, "finish_reason": _reason(how, said), **how.choice}
    head = {"id": "answer-1", "object": "chat.completion", "created": 1_790_000_000, "model": "m"}
    return {**head, "choices": [choice], "usage": _usage(how), **how.top}


def stream(kind: str, said: Said = _EVERYTHING, *, usage: bool = True) -> bytes:
    """Return the answer as a stream of server-sent events.

    Args:
        kind: who answers.
        said: what.
        usage: whether a chunk of its own with the usage was asked for.
    """
    how = quirks(kind)
    events = [how.comment] if how.comment else []
    chunks = [chunk for chunk in _chunks(how, said) if usage or chunk["choices"]]
    events += [f"data: {json.dumps(chunk, ensure_ascii=False)}" for chunk in chunks]
    return "\n\n".join([*events, "data: [DONE]", "", ""]).encode()


def _whole_call(how: Quirks, number: int, name: str, text: str) -> dict[str, Any]:
    arguments: Any = json.loads(text) if how.object_arguments else text
    function = {"name": name, "arguments": arguments}
    if how.calls == "bare":
        return {"function": function}
    return {"id": _id(number), "type": "function", "function": function}


def _id(number: int) -> str:
    return "abcdefghi" if number == 0 else f"abcdefgh{number}"


def _reason(how: Quirks, said: Said) -> str:
    return how.finish if said.function or how.finish != "tool_calls" else "stop"


def _chunks(how: Quirks, said: Said) -> Iterator[dict[str, Any]]:
    head = {"id": "answer-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m"}
    so_far = ""
    for delta in _deltas(how, said):
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        if how.whole_message:
            so_far += delta.get("content") or ""
            choice["message"] = {"role": "assistant", "content": so_far}
        usage = {"usage": {**_usage(how), "completion_tokens": 1}} if how.usage == "every" else {}
        yield {**head, "choices": [choice], **usage}
    last = {"index": 0, "delta": {}, "finish_reason": _reason(how, said), **how.choice}
    match how.usage:
        case "last" | "every":
            yield {**head, "choices": [last], "usage": _usage(how), **how.top}
        case "x_groq":
            yield {**head, "choices": [last], "x_groq": {"id": "r", "usage": _usage(how)}, **how.top}
        case "choice":
            yield {**head, "choices": [{**last, "usage": _usage(how)}], **how.top}
        case "apart":
            yield {**head, "choices": [last], "usage": None}
            yield {**head, "choices": [], "usage": _usage(how), **how.top}


def _deltas(how: Quirks, said: Said) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    thoughts = (said.thoughts[:5], said.thoughts[5:]) if said.thoughts else ()
    match how.thoughts:
        case "tags":
            tagged = _tagged(said)
            yield from ({"content": tagged[start : start + 3]} for start in range(0, len(tagged), 3))
        case "parts":
            yield from ({"content": [_thinking(text)]} for text in thoughts)
        case channel:
            yield from ({str(channel): text} for text in thoughts)
    yield from ({"content": text} for text in (said.text[:6], said.text[6:]))
    for number, call in enumerate(said.calls):
        yield from _call_deltas(how, number, *call)


def _call_deltas(how: Quirks, number: int, name: str, arguments: str) -> Iterator[dict[str, Any]]:
    named = {"index": number, "id": _id(number), "type": "function"}
    pieces = (arguments[:6], arguments[6:])
    match how.calls:
        case "whole":
            yield _call(named, name=name, arguments=arguments)
        case "bare":
            yield _call({}, name=name, arguments=arguments)
        case "repeated":
            for text in ("", *pieces):
                twin = {"function_call": {"name": name, "arguments": text}} if how.twins else {}
                yield {**_call(named, name=name, arguments=text), **twin}
        case "pieces":
            yield _call(named, name=name, arguments="")
            yield from (_call({"index": number}, arguments=text) for text in pieces)


def _call(fields: dict[str, Any], **function: str) -> dict[str, Any]:
    return {"tool_calls": [{**fields, "function": function}]}


def _tagged(said: Said) -> str:
    return f"<think>\n{said.thoughts}\n</think>\n\n" if said.thoughts else ""


def _thinking(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _usage(how: Quirks) -> dict[str, Any]:
    return {**USAGE, **how.usage_fields}

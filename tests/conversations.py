"""Requests that make sense, of every kind: Hypothesis strategies for OpenAI's Chat Completions documents.

    @given(documents())
    @given(documents(files=False, audio=False, legacy=False))

What they make passes `app.wire.openai.request.decode` and can be read as a conversation: results answer calls
of the turn before them, arguments are JSON objects, a forced tool exists. Media are tiny. What a format makes
of them is its own affair; features it has no words for are switched off.
"""

import base64
import json
from typing import Any

import msgspec
from hypothesis import strategies as st

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""An image of one pixel."""
PDF = b"%PDF-1.4\n%%EOF\n"
"""The shortest thing that begins and ends as a PDF does."""


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand in a document."""

    images: bool = True
    """As `data:` URLs."""
    remote: bool = True
    """Images by `https:` URL, where there are images."""
    files: bool = True
    audio: bool = True
    media_in_results: bool = False
    """Whether a tool may answer with an image, where there are images."""
    tools: bool = True
    legacy: bool = True
    """Deprecated functions; never in one document with tools."""
    late_system: bool = True
    """Instructions after the first turn."""
    prefill: bool = True
    """Whether the last word may be the assistant's."""
    refusals: bool = True
    reasoning: bool = True
    """`reasoning_content` of earlier turns."""
    names: bool = True
    cache_marks: bool = True
    answer_format: bool = True
    params: bool = True
    """Sampling and the other fields beside the messages."""
    empty: bool = True
    """Texts that are empty, and messages without any."""


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
_NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_-]{0,11}", fullmatch=True)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(-1e9, 1e9), _TEXTS)
_JSON = st.one_of(_SCALARS, st.lists(_SCALARS, max_size=2), st.dictionaries(_TEXTS, _SCALARS, max_size=2))
ARGUMENTS = st.dictionaries(_NAMES, _JSON, max_size=3)
"""Arguments of a call, as an object."""
SCHEMAS = st.sampled_from(
    [
        {"type": "object", "properties": {}},
        {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Where"},
                "unit": {"enum": ["c", "f"], "type": "string"},
            },
            "required": ["city"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "$defs": {"n": {"type": ["integer", "null"], "minimum": 0}},
            "properties": {"many": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
        },
    ]
)
"""JSON Schemas of objects."""


def data_url(media_type: str, data: bytes) -> str:
    """Return a `data:` URL."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def documents(**features: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for whole requests.

    Args:
        features: overrides of `Features`.
    """
    return _documents(Features(**features))


@st.composite
def _documents(draw: st.DrawFn, has: Features) -> dict[str, Any]:
    names = draw(st.lists(_NAMES, max_size=3, unique=True)) if has.tools or has.legacy else []
    is_legacy = has.legacy and (not has.tools or draw(st.sampled_from([False, False, True])))
    document: dict[str, Any] = {"model": "m", "messages": draw(_messages(has, names, is_legacy))}
    if names and (is_legacy or draw(st.booleans())):
        document |= draw(_functions(names) if is_legacy else _tools(has, names))
    if has.answer_format:
        document |= draw(_maybe("response_format", _ANSWER_FORMATS))
    if has.params:
        document |= draw(_PARAMS)
    if draw(st.booleans()):
        document["stream"] = True
        document |= draw(_maybe("stream_options", st.just({"include_usage": True})))
    return document


def _maybe(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), values.map(lambda value: {key: value}))


@st.composite
def _messages(draw: st.DrawFn, has: Features, names: list[str], is_legacy: bool) -> list[dict[str, Any]]:
    messages = draw(st.lists(_systems(has), max_size=2))
    for number in range(draw(st.integers(1, 3))):
        messages += draw(st.lists(_users(has), min_size=1, max_size=2))
        if draw(st.booleans()):
            messages += draw(_answers(has, names, is_legacy, number))
        if has.late_system and draw(st.sampled_from([False, False, True])):
            messages.append(draw(_systems(has)))
    if not has.prefill and messages[-1]["role"] not in {"user", "tool", "function"}:
        messages.append(draw(_users(has)))
    return messages


@st.composite
def _systems(draw: st.DrawFn, has: Features) -> dict[str, Any]:
    return {"role": draw(st.sampled_from(["system", "developer"])), "content": draw(_contents(has))}


@st.composite
def _users(draw: st.DrawFn, has: Features) -> dict[str, Any]:
    content = draw(_contents(has, *_media(has)))
    if not has.empty and not isinstance(content, str):
        content.append({"type": "text", "text": draw(_TEXTS)})
    named = draw(_maybe("name", _NAMES)) if has.names else {}
    return {"role": "user", "content": content, **named}


@st.composite
def _answers(
    draw: st.DrawFn,
    has: Features,
    names: list[str],
    is_legacy: bool,
    number: int,
) -> list[dict[str, Any]]:
    message: dict[str, Any] = {"role": "assistant", "content": draw(_contents(has))}
    if has.reasoning:
        message |= draw(_maybe("reasoning_content", _TEXTS))
    if has.refusals:
        message |= draw(_maybe("refusal", st.none() | _TEXTS))
    if not names or draw(st.booleans()):
        return [message]
    if has.empty and draw(st.booleans()):
        message["content"] = None
    arguments = st.sampled_from(["", "{}", " { } ", "null"]) | ARGUMENTS.map(json.dumps)
    if is_legacy:
        name = draw(st.sampled_from(names))
        message["function_call"] = {"name": name, "arguments": draw(arguments)}
        return [message, {"role": "function", "name": name, "content": draw(_texts(has))}]
    called = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    message["tool_calls"] = [
        {
            "id": f"call_{number}_{j}",
            "type": "function",
            "function": {"name": name, "arguments": draw(arguments)},
        }
        for j, name in enumerate(called)
    ]
    order = draw(st.permutations(message["tool_calls"]))
    return [message, *(draw(_results(has, call["id"])) for call in order)]


@st.composite
def _results(draw: st.DrawFn, has: Features, call_id: str) -> dict[str, Any]:
    media = [_images(has)] if has.images and has.media_in_results else []
    return {"role": "tool", "tool_call_id": call_id, "content": draw(_contents(has, *media))}


def _texts(has: Features) -> st.SearchStrategy[str]:
    return st.one_of(_TEXTS, _TEXTS, st.just("")) if has.empty else _TEXTS


def _contents(has: Features, *media: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    return st.one_of(_texts(has), st.lists(st.one_of(_text_parts(has), *media), min_size=1, max_size=3))


def _marks(has: Features) -> st.SearchStrategy[dict[str, Any]]:
    marks = st.sampled_from([{"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}])
    return _maybe("cache_control", marks) if has.cache_marks else st.just({})


def _text_parts(has: Features) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda text, mark: {"type": "text", "text": text, **mark}, _texts(has), _marks(has))


def _media(has: Features) -> list[st.SearchStrategy[dict[str, Any]]]:
    return [
        *([_images(has)] if has.images else []),
        *([_files(has)] if has.files else []),
        *([_SOUNDS] if has.audio else []),
    ]


def _images(has: Features) -> st.SearchStrategy[dict[str, Any]]:
    urls = [data_url("image/png", PNG), data_url("image/jpg", b"\xff\xd8\xff\xd9")]
    urls += ["https://images.example/cat.png", "https://images.example/a?b=c"] if has.remote else []
    return st.builds(
        lambda url, detail, mark: {"type": "image_url", "image_url": {"url": url, **detail}, **mark},
        st.sampled_from(urls),
        _maybe("detail", st.sampled_from(["auto", "low", "high"])),
        _marks(has),
    )


def _files(has: Features) -> st.SearchStrategy[dict[str, Any]]:
    file = {"file_data": data_url("application/pdf", PDF)}
    files = st.sampled_from([file, {**file, "filename": "a.pdf"}])
    return st.builds(lambda file, mark: {"type": "file", "file": file, **mark}, files, _marks(has))


_SOUNDS = st.sampled_from(["wav", "mp3"]).map(
    lambda kind: {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": kind}}
)


@st.composite
def _function(draw: st.DrawFn, name: str) -> dict[str, Any]:
    return {
        "name": name,
        **draw(_maybe("description", _TEXTS)),
        **draw(_maybe("parameters", SCHEMAS)),
        **draw(_maybe("strict", st.sampled_from([True, False, None]))),
    }


@st.composite
def _tools(draw: st.DrawFn, has: Features, names: list[str]) -> dict[str, Any]:
    tools = [{"type": "function", "function": draw(_function(name)), **draw(_marks(has))} for name in names]
    some = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    one: dict[str, Any] = {"type": "function", "function": {"name": some[0]}}
    allowed = [{"type": "function", "function": {"name": name}} for name in some]
    limits = [{"mode": mode, "tools": allowed} for mode in ("auto", "required")]
    limited = [{"type": "allowed_tools", "allowed_tools": limit} for limit in limits]
    choices = st.sampled_from(["auto", "none", "required", one, *limited])
    return {
        "tools": tools,
        **draw(_maybe("tool_choice", choices)),
        **draw(_maybe("parallel_tool_calls", st.booleans())),
    }


@st.composite
def _functions(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    choices = st.sampled_from(["auto", "none", {"name": names[0]}])
    functions = [
        {key: value for key, value in draw(_function(name)).items() if key != "strict"} for name in names
    ]
    return {"functions": functions, **draw(_maybe("function_call", choices))}


_ANSWER_FORMATS = st.one_of(
    st.sampled_from([{"type": "text"}, {"type": "json_object"}]),
    st.builds(
        lambda name, schema, strict: {
            "type": "json_schema",
            "json_schema": {"name": name, "schema": schema, **strict},
        },
        _NAMES,
        SCHEMAS,
        _maybe("strict", st.booleans()),
    ),
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "temperature": st.sampled_from([0, 0.5, 1, 2.0, None]),
    "top_p": st.sampled_from([0.1, 1, None]),
    "max_tokens": st.integers(1, 9999),
    "max_completion_tokens": st.integers(1, 9999),
    "stop": st.sampled_from(["END", ["a", "b"], [], None]),
    "seed": st.integers(0, 2**31 - 1),
    "n": st.sampled_from([1, None]),
    "presence_penalty": st.sampled_from([0, 0.5]),
    "logprobs": st.just(False),
    "metadata": st.sampled_from([{}, {"team": "a"}]),
    "reasoning_effort": st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
    "service_tier": st.sampled_from(["auto", "default", "flex"]),
    "store": st.booleans(),
    "top_k": st.integers(1, 99),
}
_PARAMS = st.lists(st.sampled_from(sorted(_FIELDS)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: _FIELDS[name] for name in names})
)

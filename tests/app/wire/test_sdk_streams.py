"""The `openai` SDK as the judge of every stream we write: its helper puts it together as we fold it.

All golden streams of all formats, through `ChatCompletionStreamState`, which is what
`client.chat.completions.stream()` feeds; over a real socket it is in openai/test_sdk.py and
anthropic/test_sdk.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests import golden
from tests.golden import bedrock_cases
from tests.golden.openai_cases import fold, write

FOLDER = Path(golden.__path__[0])
_SUFFIX = ".released.sse"
_OTHERS = {
    "openai/audio_and_annotations": "the provider itself sends lists that grow without an index",
    "openai/custom_tool": "the SDK's chunks have no type for calls of custom tools",
    "openai/mistral_thinking": "content that is a list of parts is Mistral's own",
    "openai/mistral_parts": "content that is a list of parts is Mistral's own",
    "openai/reasoning_openrouter": "the helper joins words (`format`) that pieces repeat",
}
STREAMS = sorted(
    name
    for file in FOLDER.glob(f"*/*{_SUFFIX}")
    if (name := f"{file.parent.name}/{file.name.removesuffix(_SUFFIX)}") not in _OTHERS
)
_REASONS = {"stop", "length", "tool_calls", "content_filter", "function_call"}


def put_together(stream: str) -> Any:
    """Return what the SDK's helper makes of a stream."""
    state: Any = ChatCompletionStreamState()
    for data in stream.removesuffix("data: [DONE]\n\n").split("\n\n")[:-1]:
        state.handle_chunk(ChatCompletionChunk.construct(**json.loads(data.removeprefix("data: "))))
    return state.current_completion_snapshot.model_dump(exclude_unset=True, warnings=False)


def said(message: dict[str, Any]) -> dict[str, Any]:
    """Return what a caller sees of a message, without what the helper adds, and what is null or empty."""
    calls = [
        {key: value for key, value in call.items() if key != "index"}
        for call in message.get("tool_calls") or ()
    ]
    for call in calls:
        call["function"] = {
            key: call["function"][key] for key in call["function"] if key != "parsed_arguments"
        }
    whole = {**message, "tool_calls": calls, "parsed": None}
    return {key: value for key, value in whole.items() if value}


def agree(found: dict[str, Any], document: dict[str, Any]) -> None:
    assert len(found["choices"]) == len(document["choices"])
    for choice, meant in zip(found["choices"], document["choices"], strict=True):
        assert said(choice["message"]) == said(meant["message"])
        assert choice["finish_reason"] == meant["finish_reason"]
    assert (found.get("usage") or {}) == (document.get("usage") or {})


@pytest.mark.parametrize("name", STREAMS)
def test_the_sdk_puts_our_stream_together_as_we_fold_it(name: str) -> None:
    stream = (FOLDER / f"{name}{_SUFFIX}").read_text("utf-8")
    agree(put_together(stream), json.loads((FOLDER / f"{name}.folded.json").read_text("utf-8")))


@pytest.mark.parametrize("name", STREAMS)
def test_what_we_fold_is_a_completion_by_the_sdks_types(name: str) -> None:
    document = json.loads((FOLDER / f"{name}.folded.json").read_text("utf-8"))
    for choice in document["choices"]:
        if choice["finish_reason"] not in _REASONS:  # in the vendor's words, as the caller asked for
            choice["finish_reason"] = "stop"
    ChatCompletion.model_validate(document)


@pytest.mark.parametrize("name", bedrock_cases.ANSWERS)
def test_blocks_for_those_who_do_without_strictness_are_put_together_too(name: str) -> None:
    events = bedrock_cases.events(name, [bedrock_cases.stream_bytes(name)], streamed=True, strict=False)
    agree(put_together(write(events).decode()), fold(events))


def test_there_are_streams_of_every_format() -> None:
    assert {name.partition("/")[0] for name in STREAMS} == {
        "anthropic",
        "bedrock",
        "cohere",
        "gemini",
        "openai",
    }

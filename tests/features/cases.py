"""The features of a provider, each tried through the running service and the openai SDK.

A case asks, asserts what came back and what the vendor heard, and returns how it was done: `Outcome`. What a
provider cannot be asked for must be refused with the field's name; everything else fails.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
import openai
import pytest

from tests.features.asking import Answered, Asking
from tests.features.compatible_vendor import SILENT
from tests.features.said import RETRY_AFTER_S, Call, Said
from tests.features.vendors import PIXEL, fails_within_streams, usage_of

_CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
_WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Tell the weather.", "parameters": _CITY},
}
_TIME = {"type": "function", "function": {"name": "get_time", "description": "Tell the time."}}
TOOLS = [_WEATHER, _TIME]
_WEATHER_CALL = Call("get_weather", {"city": "Paris"})
CALLS = (_WEATHER_CALL, Call("get_time", {}))
QUESTION = {"role": "user", "content": "How warm is Paris? Answer in JSON."}
_DATA = {"city": "Paris"}


class Outcome(msgspec.Struct, frozen=True):
    """How a feature is had, or not."""

    word: Literal["yes", "emulated", "refused", "left out"]
    note: str = ""
    """What a reader should know beside."""


YES = Outcome("yes")
Case = Callable[[Asking, str], Awaitable[Outcome]]
"""Given who is asked, and the address of an image."""


async def system(ask: Asking, image_url: str) -> Outcome:
    """Show that instructions arrive where the vendor has a place for them."""
    messages = [
        {"role": "system", "content": "the owl of the system"},
        {"role": "developer", "content": "the owl of the developer"},
        {"role": "user", "content": "the user's mouse"},
    ]
    found = said(await ask(Said(), messages))
    for marker in ("the owl of the system", "the owl of the developer"):
        assert marker in found.heard.instructions
    assert "mouse" not in found.heard.instructions
    return YES


async def turns(ask: Asking, image_url: str) -> Outcome:
    """Show that turns arrive in their order, each as who said it."""
    spoken = [("user", "the first heron"), ("assistant", "the second heron"), ("user", "the third heron")]
    messages = [{"role": role, "content": text} for role, text in spoken]
    found = said(await ask(Said(), messages))
    heard = [(role, marker) for role, text in found.heard.turns for _, marker in spoken if marker in text]
    assert heard == spoken
    return YES


async def tools(ask: Asking, image_url: str) -> Outcome:
    """Show that two calls at once come back, with ids of their own."""
    found = await ask(Said(calls=CALLS), [QUESTION], tools=TOOLS)
    assert set(found.heard.tools) == {"get_weather", "get_time"}
    assert found.heard.forced == "no"
    called(found, *CALLS)
    return YES


async def forced_tool(ask: Asking, image_url: str) -> Outcome:
    """Show that a model that would rather talk calls the one that it must call."""
    model = Said(calls=CALLS, reluctant=True)
    choice = {"type": "function", "function": {"name": "get_weather"}}
    found = await ask(model, [QUESTION], tools=TOOLS, tool_choice=choice)
    called(found, _WEATHER_CALL)
    return YES


async def tool_results(ask: Asking, image_url: str) -> Outcome:
    """Show that two results arrive behind the calls that they are of."""
    calls = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
        }
        for number, call in enumerate(CALLS)
    ]
    messages = [
        QUESTION,
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_0", "content": "the warm swan"},
        {"role": "tool", "tool_call_id": "call_1", "content": "the late swan"},
    ]
    found = said(await ask(Said(), messages, tools=TOOLS))
    heard = [text for _, text in found.heard.turns]
    markers = ("How warm is Paris?", "get_weather", "the warm swan", "the late swan")
    places = [next(place for place, text in enumerate(heard) if marker in text) for marker in markers]
    assert places == sorted(places)
    assert places[1] < places[2]
    return YES


async def image_bytes(ask: Asking, image_url: str) -> Outcome:
    """Show that the bytes of an image arrive in the user's turn."""
    found = await _shown(ask, f"data:image/png;base64,{PIXEL}")
    assert PIXEL in found.heard.turns[-1][1]
    return YES


async def image_by_url(ask: Asking, image_url: str) -> Outcome:
    """Show that the address of an image arrives, or its bytes do."""
    found = await _shown(ask, image_url)
    if image_url in found.heard.turns[-1][1]:
        return YES
    assert PIXEL in found.heard.turns[-1][1]
    return Outcome("yes", "Handrail fetches the image and sends its bytes")


async def json_schema(ask: Asking, image_url: str) -> Outcome:
    """Show that the answer is JSON of the schema."""
    form = {"name": "place", "schema": _CITY, "strict": True}
    found = await ask(
        Said(data=_DATA), [QUESTION], response_format={"type": "json_schema", "json_schema": form}
    )
    if found.heard.json == "object":
        _written(found)
        assert json.dumps(json.dumps(_CITY, separators=(",", ":")))[1:-1] in found.heard.instructions
        return Outcome("emulated", "JSON mode, and an instruction that holds the schema")
    return _written(found)


async def json_mode(ask: Asking, image_url: str) -> Outcome:
    """Show that the answer is JSON."""
    return _written(await ask(Said(data=_DATA), [QUESTION], response_format={"type": "json_object"}))


async def reasoning(ask: Asking, image_url: str) -> Outcome:
    """Show that the model is told how hard to think, and that its thoughts come apart from its answer."""
    found = said(await ask(Said(thoughts="Where is it warm?"), [QUESTION], reasoning_effort="high"))
    if "reasoning_effort" in found.dropped:
        assert not found.heard.thinks
        return Outcome("left out", "`reasoning_effort` is left out, and the answer says so in a header")
    assert found.heard.thinks
    if ask.kind in SILENT:
        return Outcome("yes", "it is told how hard to think, and shows no thoughts")
    assert (found.thoughts or "").strip() == "Where is it warm?"
    return YES


async def usage(ask: Asking, image_url: str) -> Outcome:
    """Show that tokens are those that the vendor counted."""
    found = said(await ask(Said(), [QUESTION]))
    assert found.usage == usage_of(ask.kind)
    return YES


async def errors(ask: Asking, image_url: str) -> Outcome:
    """Show that a vendor's 429 is one with the time to wait, also where it comes within a stream."""
    with pytest.raises(openai.RateLimitError) as caught:
        await ask(Said(fails="before"), [QUESTION])
    assert "slow down" in caught.value.message
    if ask.stream and fails_within_streams(ask.kind):
        with pytest.raises(openai.RateLimitError, match="slow down"):
            await ask(Said(fails="within"), [QUESTION])
    if ask.kind == "minimax":  # its status is 200, and no more is said than that
        return YES
    assert caught.value.response.headers["retry-after"] == RETRY_AFTER_S
    return YES


FEATURES: dict[str, Case] = {
    "system": system,
    "multi-turn": turns,
    "tools": tools,
    "forced tool": forced_tool,
    "tool results": tool_results,
    "image (base64)": image_bytes,
    "image (URL)": image_by_url,
    "JSON schema": json_schema,
    "JSON mode": json_mode,
    "reasoning": reasoning,
    "usage": usage,
    "errors": errors,
}


def said(found: Answered) -> Answered:
    """Return an answer that is the model's text."""
    assert found.text == Said().text
    assert (found.finish_reason, found.calls) == ("stop", ())
    return found


def called(found: Answered, *calls: Call) -> None:
    """Show that the answer is these calls and nothing else."""
    assert [(name, json.loads(text)) for name, text in found.calls] == [
        (call.name, call.arguments) for call in calls
    ]
    assert found.finish_reason == "tool_calls"
    assert not found.text
    assert all(found.ids)
    assert len(set(found.ids)) == len(calls)


async def _shown(ask: Asking, url: str) -> Answered:
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    return said(await ask(Said(), [{"role": "user", "content": content}]))


def _written(found: Answered) -> Outcome:
    """Return how it came that the answer is JSON."""
    assert json.loads(found.text or "") == _DATA
    assert (found.finish_reason, found.calls) == ("stop", ())
    if found.heard.json != "no":
        return YES
    if found.heard.made_up is not None and found.heard.forced != "no":
        return Outcome("emulated", "by a tool that the model is made to call")
    return Outcome("emulated", "by an instruction")

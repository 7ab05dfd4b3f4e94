"""The emulator enforces the rows' rules, and what we send keeps to them, whole and streamed."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from app.domain.errors import InvalidRequest, UpstreamRefused
from app.wire.format import AnswerHead
from tests.emulators.compatible import KEY, CompatibleEmulator
from tests.emulators.compatible_rules import faults
from tests.golden import compatible_cases as cases
from tests.golden.compatible_answers import QUIRKS
from tests.golden.openai_cases import fold
from tests.upstreams import Upstream

HELLO = [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": "Hello there", "name": "Ann"},
]
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}, "strict": True}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
RESULT: list[dict[str, Any]] = [
    *HELLO,
    {"role": "assistant", "content": None, "reasoning_content": "Hm.", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "21"},
    {"role": "user", "content": "And then?"},
    {"role": "user", "content": [{"type": "text", "text": "Well?"}]},
]
UNRULED = {"openai", "portkey", "azure-ai", "github"}
"""Kinds that take all of OpenAI's request."""


def _distinct() -> list[str]:
    """Return one kind of each sort: many rows differ in their address alone."""
    sorts: dict[bytes, str] = {}
    for kind in cases.KINDS:
        row = cases.row(kind)
        look = (row.dialect, row.images, row.auth_header, QUIRKS.get(kind))
        sorts.setdefault(msgspec.json.encode(look), kind)
    return list(sorts.values())


DISTINCT = _distinct()


async def _ask(
    kind: str, fields: dict[str, Any], *, model: str = "model-1", key: str = KEY
) -> dict[str, Any]:
    """Ask the emulator over a socket as we would, and fold what it answers."""
    row, wire = cases.row(kind), cases.wire(kind)
    document = {"model": "@p/m", "messages": HELLO, **fields}
    question = msgspec.structs.replace(cases.question(document, kind=kind), model=model)
    asked = wire.ask(question)
    async with Upstream(CompatibleEmulator(kind)) as upstream, httpx.AsyncClient(verify=False) as client:
        answer = await client.post(
            f"{upstream.base_url}/{asked.path}",
            content=asked.content,
            headers={row.auth_header: row.auth_prefix + key},
        )
    if answer.status_code >= 400:
        raise wire.refusal(answer.json(), answer.status_code, answer.headers)
    body = asked.read(AnswerHead(media_type=answer.headers["content-type"]))
    return fold([*body.feed(answer.content), *body.close()])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", DISTINCT)
async def test_a_question_is_answered(kind: str, stream: bool) -> None:
    fields = {"max_tokens": 50, "temperature": 0, "seed": 7, "reasoning_effort": "high", "stream": stream}
    found = await _ask(kind, fields)
    choice = found["choices"][0]
    assert choice["message"]["content"] == "Hello there"
    assert choice["finish_reason"] == "stop"
    assert found["usage"]["prompt_tokens"] == 30


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", DISTINCT)
async def test_a_tool_is_called_or_the_wish_is_an_error(kind: str, stream: bool) -> None:
    fields = {"tools": [TOOL], "stream": stream}
    if "tools" in cases.row(kind).dialect.drop:
        with pytest.raises(InvalidRequest):
            await _ask(kind, fields)
        return
    choice = (await _ask(kind, fields))["choices"][0]
    function = choice["message"]["tool_calls"][0]["function"]
    assert (function["name"], json.loads(function["arguments"])) == ("weather", {"city": "Paris"})
    assert choice["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    "choice", ["none", "required", {"type": "function", "function": {"name": "weather"}}]
)
@pytest.mark.parametrize("kind", DISTINCT)
async def test_a_choice_of_tools_is_taken_or_is_an_error(kind: str, choice: Any) -> None:
    try:
        found = await _ask(kind, {"tools": [TOOL], "tool_choice": choice})
    except InvalidRequest as error:
        assert error.param in {"tools", "tool_choice"}  # noqa: PT017 (either way is right)
    else:
        assert ("tool_calls" in found["choices"][0]["message"]) == (choice != "none")


@pytest.mark.parametrize("kind", DISTINCT)
async def test_a_conversation_with_calls_goes_on(kind: str) -> None:
    found = await _ask(kind, {"messages": RESULT})
    assert found["choices"][0]["message"]["content"] in {"Well?", "And then?", "And then?\n\nWell?"}


@pytest.mark.parametrize("wish", ["json_object", "json_schema"])
@pytest.mark.parametrize("kind", DISTINCT)
async def test_json_is_answered_or_the_wish_is_an_error(kind: str, wish: str) -> None:
    schema = {"name": "n", "schema": {"type": "object", "properties": {}}}
    asked = {"type": wish, **({"json_schema": schema} if wish == "json_schema" else {})}
    try:
        found = await _ask(kind, {"response_format": asked})
    except InvalidRequest as error:
        assert error.param == "response_format"  # noqa: PT017 (either way is right)
    else:
        assert json.loads(found["choices"][0]["message"]["content"]) == {"city": "Paris"}


@pytest.mark.parametrize("kind", DISTINCT)
async def test_errors_have_their_status_and_words(kind: str) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        await _ask(kind, {}, key="wrong")
    assert (caught.value.status, caught.value.message) == (401, "invalid key")
    with pytest.raises(UpstreamRefused) as caught:
        await _ask(kind, {}, model="overloaded")
    assert (caught.value.status, caught.value.message) == (429, "slow down")


@pytest.mark.parametrize("kind", cases.KINDS)
def test_what_openai_takes_is_not_what_others_take(kind: str) -> None:
    assert bool(faults(cases.row(kind), cases.REQUEST)) == (kind not in UNRULED)


@pytest.mark.parametrize("kind", cases.KINDS)
def test_what_we_send_keeps_to_the_rules(kind: str) -> None:
    assert faults(cases.row(kind), cases.sent(kind)["body"]) == []

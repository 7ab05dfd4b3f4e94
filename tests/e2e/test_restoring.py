"""A conversation with a tool, over sockets: provider and record see pseudonyms, the caller his values."""

import json
import re
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.e2e.completions import chunk, completion, said, spoken, usage_chunk
from tests.e2e.otlp import Collector
from tests.e2e.planted import KEY
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Connection, Received, Upstream, stream, whole

MAIL = "jane.roe@mail.example.com"
PHONE = "+1 202 555 0143"
NOTE = 'Say "hi" \\ to'
PLACEHOLDER = re.compile(r"\[(?:EMAIL|PHONE|NOTE)_\w{6}\]")
GUARDRAILS = """
fingerprint_key: of-all-replicas-of-this-gateway
guardrails:
  secrets: {checks: [{secrets: {}}], action: redact}
  privacy:
    checks: [{pii: {entities: [email, phone]}}, {regex: {pattern: 'Say "hi" \\\\ to', name: note}}]
    action: redact
    reversible: true
"""
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "send", "parameters": {"type": "object", "properties": {}}},
}


class Model:
    """Calls `send` with the placeholders it was shown, then says them in small letters and in pieces."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    async def __call__(self, connection: Connection, request: Received) -> None:
        document = request.json()
        text = json.dumps(document["messages"])
        self.seen.append(list(dict.fromkeys(PLACEHOLDER.findall(text))))
        placeholders = self.seen[0]
        if document["messages"][-1]["role"] == "tool":
            words = f"Sent to {placeholders[0].lower()}, {placeholders[1].strip('[]')}: {placeholders[2]}."
            pieces = [words[i : i + 5] for i in range(0, len(words), 5)]
            answer = spoken(pieces) if document.get("stream") else whole(completion(said(words)))
        else:
            arguments = json.dumps({"to": placeholders[:2], "more": json.dumps({"note": placeholders[2]})})
            answer = _calling(arguments, streamed=bool(document.get("stream")))
        await answer(connection, request)


def _calling(arguments: str, *, streamed: bool) -> Any:
    call: dict[str, Any] = {"id": "call_1", "type": "function", "function": {"name": "send", "arguments": ""}}
    if not streamed:
        call["function"]["arguments"] = arguments
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return whole(completion({"index": 0, "message": message, "finish_reason": "tool_calls"}))
    pieces = [
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments[i : i + 3]}}]})
        for i in range(0, len(arguments), 3)
    ]
    start = chunk({"role": "assistant", "tool_calls": [{"index": 0, **call}]})
    return stream([start, *pieces, chunk({}, finish="tool_calls"), usage_chunk(), "[DONE]"])


async def _asked(client: openai.AsyncOpenAI, messages: list[Any], *, streamed: bool) -> Any:
    asked: dict[str, Any] = {"model": "gpt-test", "messages": messages, "tools": [TOOL]}
    if not streamed:
        return (await client.chat.completions.create(**asked)).choices[0].message
    async with client.chat.completions.stream(**asked) as events:
        return (await events.get_final_completion()).choices[0].message


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
async def test_a_conversation_with_a_tool_keeps_its_values_to_the_caller(
    record: Database, collector: Collector, tmp_path: Path, streamed: bool
) -> None:
    model = Model()
    async with Upstream(model) as upstream:
        config = f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}", api_key: "sk-of-the-provider"}}}}
records: {{url: "{record.url}"}}
{GUARDRAILS}"""
        with serve(config, tmp_path, environ={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}) as service:
            async with openai.AsyncOpenAI(
                base_url=f"{service.url}/v1", api_key="of-the-caller", max_retries=0
            ) as client:
                messages: list[Any] = [
                    {"role": "user", "content": f"Mail {MAIL} or call {PHONE}. {NOTE} her. My key is {KEY}."}
                ]
                first = await _asked(client, messages, streamed=streamed)
                (call,) = first.tool_calls
                arguments = json.loads(call.function.arguments)
                assert arguments["to"] == [MAIL, PHONE]
                assert json.loads(arguments["more"]) == {"note": NOTE}

                result = {"role": "tool", "tool_call_id": call.id, "content": f"sent to {MAIL} and {PHONE}"}
                messages += [first.model_dump(exclude_none=True), result]
                second = await _asked(client, messages, streamed=streamed)
                assert second.content == f"Sent to {MAIL}, {PHONE}: {NOTE}."

                messages += [second.model_dump(exclude_none=True), {"role": "user", "content": "Again."}]
                await _asked(client, messages, streamed=streamed)
        output = service.output()

    asked = [request.body.decode() for request in upstream.requests]
    assert len(model.seen) == 3
    assert model.seen[0] == model.seen[1] == model.seen[2]
    assert len(model.seen[0]) == 3
    everything = record.everything()
    assert len(record.query("SELECT * FROM exchanges WHERE outcome = 'ok'")) == 3
    for value in (MAIL, PHONE, 'Say \\"hi', KEY):
        assert all(value not in body for body in asked)
        assert value not in everything
        assert value not in output
        assert not collector.holds(value)
    for row in record.query("SELECT * FROM exchanges"):
        assert row["chars_received"] == row["chars_screened"] == row["chars_released"] > 0
    answers = record.query("SELECT body FROM payloads WHERE kind = 'response'")
    assert any(model.seen[0][0].lower() in answer["body"] for answer in answers)

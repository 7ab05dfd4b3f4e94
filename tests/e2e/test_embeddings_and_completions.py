"""Embeddings and completions through the whole service: the `openai` SDK, a real socket, SQL and spans."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.e2e.otlp import Collector
from tests.e2e.rows import Database
from tests.embeddings import VECTORS, document, in_base64
from tests.servers import serve
from tests.upstreams import Answer, Upstream, disconnect, hang, huge, junk, reset, stream, whole

MAIL = "alice@example.com"
GUARDRAILS = "guardrails: {privacy: {checks: [{pii: {entities: [email]}}], action: redact}}"
SAID = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "c-2026"}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


@asynccontextmanager
async def gateway(
    folder: Path, *answers: Answer, record: Database | None = None, environ: dict[str, str] | None = None
) -> AsyncIterator[tuple[openai.AsyncOpenAI, Upstream]]:
    url = record.url if record is not None else f"sqlite:///{folder}/own.db"
    async with Upstream(*answers) as upstream:
        config = f"""
providers:
  scripted: {{kind: openai, base_url: "{upstream.base_url}", api_key: "sk-p", max_answer_bytes: 1000000}}
  hasty: {{kind: openai, base_url: "{upstream.base_url}", api_key: "sk-p", first_byte_timeout_ms: 400}}
  claude: {{kind: anthropic, base_url: "{upstream.base_url}", api_key: "sk-c"}}
prices: {{"@scripted/e": {{input: 2, output: 9}}}}
records: {{url: "{url}"}}
{GUARDRAILS}"""
        with serve(config, folder, environ=environ or {}) as service:
            async with openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="k", max_retries=0) as client:
                yield client, upstream


async def test_embeddings_are_redacted_answered_priced_and_on_record(
    tmp_path: Path, record: Database, collector: Collector
) -> None:
    sent = document([in_base64(one) for one in VECTORS])
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    async with gateway(tmp_path, whole(sent), record=record, environ=environ) as (client, upstream):
        answer = await client.embeddings.with_raw_response.create(
            model="@scripted/e", input=["hello", f"I am {MAIL}"], dimensions=2
        )
        request_id = answer.headers["x-request-id"]
        found = answer.parse()
        row = record.exchange(request_id)
        spans = collector.trace(row["trace_id"])
        (attempt,) = record.of("attempts", request_id)
        asked, answered = (json.loads(one["body"]) for one in record.of("payloads", request_id))
        (view,) = record.query(
            "SELECT * FROM exchange_facts WHERE CAST(exchange_id AS text) = :id", id=request_id
        )
    assert [one.embedding for one in found.data] == VECTORS
    assert upstream.requests[0].json() == {
        "model": "e",
        "input": ["hello", "I am [EMAIL]"],
        "dimensions": 2,
        "encoding_format": "base64",
    }
    assert upstream.requests[0].target == "/v1/embeddings"
    assert (row["operation"], bool(row["unscreened"]), row["outcome"], row["path"]) == (
        "embeddings",
        False,
        "ok",
        "/v1/embeddings",
    )
    assert (attempt["prompt_tokens"], attempt["completion_tokens"], float(row["cost_usd"])) == (5, 0, 0.00001)
    assert asked["input"] == ["hello", "I am [EMAIL]"]
    assert answered["data"] == [{"object": "embedding", "index": i, "dimensions": 2} for i in range(2)]
    assert (view["operation"], view["guardrails_fired"]) == ("embeddings", "input:privacy=redact")
    assert MAIL not in record.everything()
    names = sorted(span.name for span in spans)
    assert names == ["POST /v1/embeddings", "embeddings e", "guardrail privacy"]
    assert not collector.holds(MAIL)


async def test_numbers_come_as_numbers_and_tokens_not_past_guardrails(tmp_path: Path) -> None:
    async with gateway(tmp_path, whole(document(VECTORS))) as (client, upstream):
        found = await client.embeddings.create(model="@scripted/e", input=["a", "b"], encoding_format="float")
        with pytest.raises(openai.BadRequestError) as caught:
            await client.embeddings.create(model="@scripted/e", input=[1, 2, 3])
        with pytest.raises(openai.BadRequestError) as unserved:
            await client.completions.create(model="@claude/claude-haiku-4-5", prompt="a")
    assert [one.embedding for one in found.data] == VECTORS
    assert (caught.value.code, caught.value.param) == ("unreadable_input", "input")
    assert unserved.value.code == "unsupported_operation"
    assert len(upstream.requests) == 1


async def test_a_fallback_passes_over_a_provider_that_has_no_embeddings(tmp_path: Path) -> None:
    config = {
        "strategy": {"mode": "fallback"},
        "retry": {"attempts": 1},
        "targets": [{"provider": "@claude"}, {"provider": "@scripted"}],
    }
    failing = whole({"error": {"message": "busy"}}, status=500)
    async with gateway(tmp_path, failing, whole(document(VECTORS[:1]))) as (client, upstream):
        answer = await client.embeddings.with_raw_response.create(
            model="e", input="a", extra_headers={"x-portkey-config": json.dumps(config)}
        )
        assert answer.parse().data[0].embedding == VECTORS[0]
    assert len(upstream.requests) == 2
    assert answer.headers["x-portkey-last-used-option-index"] == "config.targets[1]"
    assert answer.headers["x-portkey-retry-attempt-count"] == "1"


async def test_what_goes_wrong_with_embeddings_is_told(tmp_path: Path) -> None:
    faults = (
        (hang(), 504),
        (disconnect(), 502),
        (reset(), 502),
        (junk(), 502),
        (huge(2_000_000), 502),
        (whole(b"<html>", content_type="text/html"), 502),
        (whole(document(VECTORS)), 502),
        (whole({"error": {"message": "slow down"}}, status=429), 429),
    )
    told = []
    async with gateway(tmp_path, hang()) as (client, upstream):
        for answer, status in faults:
            upstream.script(answer)
            model = "@hasty/e" if status == 504 else "@scripted/e"
            with pytest.raises(openai.APIStatusError) as caught:
                await client.embeddings.create(model=model, input="a")
            told.append(caught.value.status_code)
    assert told == [status for _, status in faults]


@pytest.mark.parametrize("streamed", [False, True])
async def test_completions_are_screened_both_ways(tmp_path: Path, record: Database, streamed: bool) -> None:
    texts = ["Write to ali", "ce@example.", "com!"]
    chunks = [
        {**SAID, "choices": [{"text": one, "index": 0, "logprobs": None, "finish_reason": None}]}
        for one in texts
    ]
    end = {**SAID, "choices": [{"text": "", "index": 0, "finish_reason": "stop"}]}
    document = {
        **SAID,
        "choices": [{"text": "".join(texts), "index": 0, "finish_reason": "stop"}],
        "usage": USAGE,
    }
    answer = (
        stream([*chunks, end, {**SAID, "choices": [], "usage": USAGE}, "[DONE]"])
        if streamed
        else whole(document)
    )
    async with gateway(tmp_path, answer, record=record) as (client, upstream):
        asked: Any = {"model": "@scripted/c", "prompt": f"I am {MAIL}"}
        if streamed:
            pieces = [one async for one in await client.completions.create(stream=True, **asked)]
            said = "".join(one.choices[0].text for one in pieces)
            assert pieces[-1].choices[0].finish_reason == "stop"
        else:
            said = (await client.completions.create(**asked)).choices[0].text
        (row,) = record.wait(lambda rows: len(rows) == 1, "SELECT * FROM exchanges WHERE outcome IS NOT NULL")
        bodies = record.query("SELECT body FROM payloads ORDER BY kind")
    assert said == "Write to [EMAIL]!"
    assert upstream.requests[0].target == "/v1/completions"
    assert upstream.requests[0].json()["prompt"] == "I am [EMAIL]"
    assert (row["operation"], row["completion_tokens"], row["chars_released"]) == ("text_completion", 2, 10)
    assert json.loads(bodies[1]["body"])["choices"][0]["text"] == "Write to [EMAIL]!"
    assert MAIL not in record.everything()

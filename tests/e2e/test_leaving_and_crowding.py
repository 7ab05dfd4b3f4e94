"""Callers who leave in the middle, and many callers at once."""

import asyncio
import time
from pathlib import Path

import openai

from tests.e2e.completions import echo, spoken
from tests.e2e.planted import GUARDRAILS
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Upstream

CROWD = 50
_CANCEL_S = 0.1
"""How soon after its caller an upstream call must be gone."""


def _config(upstream: Upstream, record: Database) -> str:
    return f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}"}}}}
records: {{url: "{record.url}"}}
{GUARDRAILS}"""


async def test_a_caller_who_leaves_a_stream_ends_the_upstream_call_and_is_on_record(
    tmp_path: Path, record: Database
) -> None:
    async with Upstream(spoken(["tick ", "tock "] * 5_000, delay_s=0.01)) as upstream:
        with serve(_config(upstream, record), tmp_path) as service:
            delays = []
            for number in range(3):  # the quickest counts: other work on the machine must not decide
                heard = ""
                async with openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="x") as client:
                    raw = await client.chat.completions.with_raw_response.create(
                        model="@scripted/m", messages=[{"role": "user", "content": "Talk."}], stream=True
                    )
                    async with raw.parse() as events:
                        async for event in events:
                            heard += event.choices[0].delta.content or ""
                            if len(heard) > 40:
                                break
                left_s = time.monotonic()
                connection = upstream.connections[number]
                await asyncio.wait_for(connection.closed.wait(), 10)
                delays.append((connection.closed_s or 0) - left_s)
                row = await asyncio.to_thread(record.exchange, raw.headers["x-request-id"])
                assert row["outcome"] == "cancelled"
                assert row["chars_released"] >= len(heard)
                payloads = await asyncio.to_thread(record.of, "payloads", str(row["id"]))
                assert heard.strip() in payloads[1]["body"]
    assert min(delays) < _CANCEL_S


async def test_a_caller_who_leaves_before_the_answer_is_on_record(tmp_path: Path, record: Database) -> None:
    async with Upstream(spoken(["late"], delay_s=60)) as upstream:
        with serve(_config(upstream, record), tmp_path) as service:
            async with openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="x", max_retries=0) as client:
                asking = asyncio.ensure_future(
                    client.chat.completions.create(
                        model="@scripted/m", messages=[{"role": "user", "content": "Talk."}]
                    )
                )
                await asyncio.wait_for(upstream.asked.wait(), 10)
                asking.cancel()
                await asyncio.wait_for(upstream.connections[0].closed.wait(), 10)
            rows = await asyncio.to_thread(record.wait, bool, "SELECT * FROM exchanges")
    assert [(row["outcome"], row["status_code"], row["chars_released"]) for row in rows] == [
        ("cancelled", 499, 0)
    ]


async def test_fifty_callers_at_once_each_get_their_own_answer_and_row(
    tmp_path: Path, record: Database
) -> None:
    async def ask(client: openai.AsyncOpenAI, number: int) -> str:
        question = f"caller {number} is caller{number}@example.com and says hello"
        if number % 2:
            completion = await client.chat.completions.create(
                model="@scripted/m", messages=[{"role": "user", "content": question}]
            )
            return completion.choices[0].message.content or ""
        events = await client.chat.completions.create(
            model="@scripted/m", messages=[{"role": "user", "content": question}], stream=True
        )
        return "".join(
            [event.choices[0].delta.content or "" async for event in events if event.choices]
        ).strip()

    async with Upstream(echo) as upstream:
        with serve(_config(upstream, record), tmp_path) as service:
            async with openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key="x", timeout=120) as client:
                answers = await asyncio.gather(*(ask(client, number) for number in range(CROWD)))
    assert answers == [f"caller {number} is [EMAIL] and says hello" for number in range(CROWD)]
    rows = record.query(
        "SELECT e.outcome, p.kind, p.body FROM exchanges e JOIN payloads p ON p.exchange_id = e.id"
    )
    assert len(rows) == 2 * CROWD
    assert {row["outcome"] for row in rows} == {"ok"}
    for number in range(CROWD):
        kinds = [row["kind"] for row in rows if f"caller {number} is [EMAIL] and says" in row["body"]]
        assert sorted(kinds) == ["request", "response"]

"""Planted secrets and personal data are in no row, file, log line, metric or error body after a kill."""

import base64
import signal
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.e2e.completions import completion, said, spoken
from tests.e2e.planted import EMAIL, GUARDRAILS, KEY
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Upstream, whole

PROVIDER_KEY = "sk-canary-of-the-provider-5e1d"
PLANTED = (EMAIL, KEY, "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "+49 30 901820")
TEXT = "; ".join(PLANTED)


def leaks(where: bytes) -> list[str]:
    """Return what of the planted values is there, as it is or in base64."""
    values = (*PLANTED, PROVIDER_KEY)
    return [value for value in values if any(form in where for form in _forms(value.encode()))]


def _forms(value: bytes) -> tuple[bytes, bytes]:
    return value, base64.b64encode(value)


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file() and each.name != "handrail.yaml"]


def _rows(record: Database) -> bytes:
    engine = sa.create_engine(record.url.replace("postgresql://", "postgresql+psycopg://"))
    names = sa.inspect(engine).get_table_names()
    engine.dispose()
    return repr([record.query(f'SELECT * FROM "{name}"') for name in names]).encode()


async def test_what_was_planted_is_nowhere(record: Database, tmp_path: Path) -> None:
    answers = (whole(completion(said(TEXT))), spoken(TEXT), whole({"error": {"message": TEXT}}, status=400))
    call = {"id": "c", "type": "function", "function": {"name": "send", "arguments": f'{{"to":"{TEXT}"}}'}}
    messages = [
        {"role": "user", "content": TEXT},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": TEXT},
    ]
    async with Upstream(*answers) as upstream:
        config = f"""
providers: {{p: {{kind: openai, base_url: "{upstream.base_url}", api_key: "{PROVIDER_KEY}"}}}}
records: {{url: "{record.url}", content: redacted, durability: strict}}
{GUARDRAILS}"""
        with serve(config, tmp_path) as service:
            async with httpx.AsyncClient(base_url=service.url, timeout=10) as client:
                for stream in (False, True, False):
                    asked = {"model": "@p/m", "messages": messages, "stream": stream}
                    answer = await client.post("/v1/chat/completions", json=asked)
                    assert answer.status_code == (400 if len(upstream.requests) == 3 else 200), answer.text
                    assert leaks(answer.content) == []
                metrics = await client.get("/metrics")
            service.stop(signal.SIGKILL)
        assert metrics.status_code == 200
        assert leaks(metrics.content) == []
    assert len(record.query("SELECT id FROM exchanges WHERE outcome IS NOT NULL")) == 3
    assert leaks(_rows(record)) == []
    for file in _files(tmp_path):
        assert leaks(file.read_bytes()) == [], file.name


@pytest.mark.parametrize("value", [*PLANTED, PROVIDER_KEY])
def test_the_search_finds_what_is_there(value: str) -> None:
    for form in _forms(value.encode()):
        assert leaks(b"x" + form + b"y") == [value]

"""What a key may pass on, through the whole service: the SDK's own calls, SQL, and a broken answer."""

from pathlib import Path

import httpx
import openai
import pytest

from app.access.keys import key_hash
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Upstream, stream, whole

FILE = {
    "id": "file-1",
    "object": "file",
    "bytes": 5,
    "created_at": 1,
    "filename": "a.txt",
    "purpose": "batch",
}


async def test_files_are_passed_on_where_the_key_says_so_and_marked_in_the_record(
    tmp_path: Path, record: Database
) -> None:
    async with Upstream(whole(FILE)) as upstream:
        config = f"""
providers: {{up: {{kind: openai, base_url: "{upstream.base_url}", api_key: "sk-p"}}}}
records: {{url: "{record.url}"}}
guardrails: {{privacy: {{checks: [{{pii: {{}}}}], action: redact, default: false}}}}
keys:
  open: {{hash: "{key_hash("hr-open")}", proxy: {{paths: [/v1/files/**]}}}}
  guarded: {{hash: "{key_hash("hr-guarded")}", guardrails: [privacy], proxy: {{paths: [/v1/files/**]}}}}
"""
        with serve(config, tmp_path) as service:
            url = f"{service.url}/v1"
            async with openai.AsyncOpenAI(base_url=url, api_key="hr-open", max_retries=0) as client:
                made = await client.files.create(file=("a.txt", b"alice@example.com"), purpose="batch")
                upstream.script(whole(b"line\n", content_type="text/plain"))
                content = await client.files.content("file-1")
                with pytest.raises(openai.NotFoundError):
                    await client.batches.list()
            async with openai.AsyncOpenAI(base_url=url, api_key="hr-guarded", max_retries=0) as client:
                with pytest.raises(openai.PermissionDeniedError, match="'privacy' would have to hear it"):
                    await client.files.retrieve("file-1")
            upstream.script(stream([b"half"], end=False))
            async with httpx.AsyncClient(trust_env=False) as http:
                with pytest.raises(httpx.RemoteProtocolError):
                    await http.get(f"{url}/files/file-1/content", headers={"authorization": "Bearer hr-open"})
            rows = record.wait(
                lambda found: len(found) == 5,
                "SELECT operation, unscreened, status_code, outcome, caller FROM exchanges"
                " WHERE outcome IS NOT NULL ORDER BY started_at",
            )
            marked = record.query("SELECT side, reason FROM unscreened ORDER BY started_at, side")
    assert (made.id, content.content) == ("file-1", b"line\n")
    assert b"alice@example.com" in upstream.requests[0].body
    assert upstream.requests[0].headers["authorization"] == "Bearer sk-p"
    assert upstream.requests[0].headers["content-type"].startswith("multipart/form-data")
    assert [row["operation"] for row in rows] == ["proxy"] * 5
    assert all(row["unscreened"] for row in rows)
    assert [(row["status_code"], row["outcome"], row["caller"]) for row in rows] == [
        (200, "ok", "open"),
        (200, "ok", "open"),
        (404, "rejected", "open"),
        (403, "rejected", "guarded"),
        (200, "upstream_error", "open"),
    ]
    both = [{"side": side, "reason": "unreadable"} for side in ("input", "output")]
    assert marked == [*both, *both, *both]
    assert "alice@example.com" not in record.everything()

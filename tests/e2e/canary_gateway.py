"""A gateway that is asked what canaries are planted in, and what everybody was told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import httpx

from app.access.keys import key_hash
from tests.e2e.canaries import ADMIN_KEY, CALLER_KEY, PROVIDER_KEY
from tests.e2e.canary_asks import Ask
from tests.e2e.canary_sinks import Sinks, told
from tests.e2e.raw_otlp import RawCollector
from tests.servers import Service, serve
from tests.upstreams import Upstream

LEVELS = ("redacted", "hashes", "none")
"""How much is recorded of the exchanges of a key each; it has a name that may be found."""
_AS_ADMIN = {"authorization": f"Bearer {ADMIN_KEY}"}
_KEY = """
  here-caller-{level}: {{hash: "{hash}", content: {level},
    proxy: {{paths: [/v1/files/**], unscreened: true}}}}"""


def key(level: str) -> str:
    """Return the gateway key of the callers of whose exchanges so much is recorded."""
    return f"{CALLER_KEY}-{level}"


_CANDIDATE = {
    "on": ["input", "output"],
    "checks": ["pii", "secrets", {"regex": {"pattern": "here"}}],
    "action": "block",
}


class Gateway:
    """A running one.

    Args:
        service: its process.
        client: a caller.
        upstream: its only provider.
    """

    def __init__(self, service: Service, client: httpx.AsyncClient, upstream: Upstream) -> None:
        self.service = service
        self.client = client
        self.upstream = upstream
        self.ids: list[str] = []
        """Of what was asked so far."""
        self.told: Sinks = {}
        """What callers were told so far, but for what is passed on unread."""
        self.sent: Sinks = {}
        """What the provider was asked, but for its key and what is passed on unread."""

    async def ask(self, asks: Iterable[Ask], level: str) -> None:
        """Ask these, one after the other, as a caller of this level."""
        for one in asks:
            before = len(self.upstream.requests)
            if one.answer is not None:
                self.upstream.script(one.answer)
            response = await self.request(one, level)
            assert response.status_code == one.status, (one.name, response.text)
            received = self.upstream.requests[before:]
            assert (len(received) > 0) is (one.answer is not None), one.name
            self.ids.append(response.headers["x-request-id"])
            if not one.is_unread:
                self.told |= told(f"{one.name}, {level}", response)
                for request in received:
                    head = {name: text for name, text in request.headers.items() if name != "authorization"}
                    seen = request.target.encode() + repr(head).encode() + request.body
                    self.sent[f"request upstream of {one.name}, {level}"] = seen

    async def request(self, one: Ask, level: str) -> httpx.Response:
        """Send one request as a caller of this level."""
        headers = {"authorization": f"Bearer {key(level)}", **one.headers}
        if isinstance(one.body, bytes):
            headers = {"content-type": "application/json"} | headers
            return await self.client.request(one.method, one.path, headers=headers, content=one.body)
        sent = {} if one.body is None else {"json": one.body}
        return await self.client.request(one.method, one.path, headers=headers, **sent)

    async def reports(self) -> Sinks:
        """Return what an administrator reads: metrics, and the record of the first exchange and of all."""
        metrics = {"accept": "application/openmetrics-text"} | _AS_ADMIN
        return {
            "metrics": (await self._read("/metrics")),
            "metrics with exemplars": (await self.client.get("/metrics", headers=metrics)).content,
            "list over the network": await self._read("/v1/records?limit=100"),
            "exchange over the network": await self._read(f"/v1/records/{self.ids[0]}"),
            "export over the network": await self._read("/v1/records/export"),
            "tail over the network": await self._tail(),
            "questions over the network": await self._answers(),
            "replay over the network": await self._replay(),
        }

    async def _tail(self) -> bytes:
        """Return the stream up to the last exchange."""
        path, read = "/v1/records/tail?since=1h", b""
        async with asyncio.timeout(20), self.client.stream("GET", path, headers=_AS_ADMIN) as answer:
            async for piece in answer.aiter_bytes():
                read += piece
                if self.ids[-1].encode() in read:
                    return read
        raise AssertionError(read)

    async def _answers(self) -> bytes:
        listed = json.loads(await self._read("/v1/records/questions"))
        return b"".join([await self._read(f"/v1/records/questions/{one['name']}") for one in listed["data"]])

    async def _replay(self) -> bytes:
        asked = {"candidate": {"guardrails": {"here-candidate": _CANDIDATE}}, "samples": 100}
        answer = await self.client.post("/v1/records/replay", json=asked, headers=_AS_ADMIN)
        assert answer.status_code == 200, answer.text
        return answer.content

    async def _read(self, path: str) -> bytes:
        response = await self.client.get(path, headers=_AS_ADMIN)
        assert response.status_code == 200, response.text
        return response.content


@contextlib.asynccontextmanager
async def gateway(
    folder: Path,
    url: str,
    collector: RawCollector,
    *,
    levels: Sequence[str] = LEVELS,
    durability: str = "strict",
    guardrails: str = "",
) -> AsyncIterator[Gateway]:
    """Run one until the block ends. Its own key comes from the environment, so no file has it.

    Args:
        folder: where it runs; `handrail.yaml` in it holds nothing that is searched for.
        url: of its record.
        collector: of its telemetry.
        levels: of its callers; the first one is `records.content`.
        durability: `records.durability`.
        guardrails: that section of the configuration.
    """
    async with Upstream() as upstream:
        keys = "".join(_KEY.format(level=level, hash=key_hash(key(level))) for level in levels)
        config = f"""
providers: {{p: {{kind: openai, base_url: "{upstream.base_url}", api_key: "${{PROVIDER_KEY}}"}}}}
keys:{keys}
  admin: {{hash: "{key_hash(ADMIN_KEY)}", admin: true}}
records: {{url: "{url}", content: {levels[0]}, durability: {durability}, journal: {{path: journals}}}}
{guardrails}"""
        environ = {
            "PROVIDER_KEY": PROVIDER_KEY,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        with serve(config, folder, environ=environ) as service:
            async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
                yield Gateway(service, client, upstream)

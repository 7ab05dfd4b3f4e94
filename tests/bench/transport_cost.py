"""What an upstream call costs: our transport against httpx's client, and with the provider's adapter over it.

    python -m tests.bench.transport_cost

All in one run, by turns, against nginx serving a completion of 2 kB; 32 calls at a time on uvloop. CPU is
that of this process, the best of several rounds; calls per second depend on who else is at work.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import uvloop

from app.catalogue.catalogue import Catalogue
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.providers.build import build
from app.providers.identities import Surroundings
from app.providers.transport import AiohttpTransport
from app.secret import Secret
from app.settings import ProviderSettings
from app.wire.openai.request import encode
from tests.bench.upstream import static_upstream

CALLS = 640
CONCURRENCY = 32
ROUNDS = 5
DOCUMENT = {"model": "@up/bench", "messages": [{"role": "user", "content": "word " * 400}], "stream": False}
REQUEST = ModelRequest(DOCUMENT, "@up/bench")
STREAMED = ModelRequest(DOCUMENT | {"stream": True}, "@up/bench", stream=True)
Call = Callable[[], Awaitable[None]]


async def run(call: Call, calls: int) -> tuple[float, float]:
    """Return microseconds of CPU a call, and calls a second."""

    async def work() -> None:
        for _ in range(calls // CONCURRENCY):
            await call()

    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(CONCURRENCY):
            tasks.create_task(work())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return cpu * 1e6 / calls, calls / wall


async def compare(base: str) -> dict[str, tuple[float, float]]:
    """Return the best figures of each way to call."""
    url = httpx.URL(f"{base}/whole/v1/chat/completions")
    content = encode(REQUEST, "bench", stream_usage=False)
    headers = httpx.Headers({"content-type": "application/json", "authorization": "Bearer k"})
    transport = AiohttpTransport()
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    stock = httpx.AsyncHTTPTransport(limits=limits)
    client = httpx.AsyncClient(limits=limits)

    async def over(chosen: httpx.AsyncBaseTransport) -> None:
        response = await chosen.handle_async_request(
            httpx.Request("POST", url, headers=headers, content=content, extensions={"timeout": {}})
        )
        await response.aread()
        await response.aclose()

    async def with_client() -> None:
        await client.post(url, headers=headers, content=content)

    def asking(path: str, request: ModelRequest) -> Call:
        settings = ProviderSettings(kind="openai", base_url=f"{base}/{path}/v1", api_key=Secret("k"))
        provider = build("up", settings, Catalogue.load(), Surroundings({}, Path(), transport))
        attempt = Attempt(
            number=1,
            provider="up",
            provider_kind="openai",
            model="bench",
            server_address="",
            server_port=0,
            started_ns=0,
        )

        async def call() -> None:
            async for _ in provider.ask(request, "bench", attempt):
                pass

        return call

    ways: dict[str, tuple[Call, int]] = {
        "httpx.AsyncClient as it comes": (with_client, CALLS),
        "httpx's transport, prebuilt request": (lambda: over(stock), CALLS),
        "our transport, prebuilt request": (lambda: over(transport), CALLS),
        "our transport and adapter, to events": (asking("whole", REQUEST), CALLS),
        "    the same streamed, 343 chunks": (asking("streamed", STREAMED), CALLS // 4),
    }
    best = {name: (float("inf"), 0.0) for name in ways}
    for _ in range(ROUNDS):
        for name, (call, calls) in ways.items():
            cpu_us, rate = await run(call, calls)
            best[name] = min(best[name][0], cpu_us), max(best[name][1], rate)
    await asyncio.gather(client.aclose(), stock.aclose(), transport.aclose())
    return best


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as folder, static_upstream(Path(folder)) as port:
        for name, (cpu_us, rate) in uvloop.run(compare(f"http://127.0.0.1:{port}")).items():
            print(f"{name:<40}{cpu_us:>8.0f} us CPU{rate:>8.0f} calls/s")


if __name__ == "__main__":
    main()

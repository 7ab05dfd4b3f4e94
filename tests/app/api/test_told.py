import json
import time

from app.cache.cache import Cache
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.caching import Caches
from app.domain.errors import UpstreamRefused
from tests.caches import SECRET
from tests.fakes import FakeProvider, answer_of
from tests.gateways import QUESTION, STREAMED, Gateway, forbidding

PLAIN = {"provider": "@fake", "retry": {"attempts": 1, "use_retry_after_header": True}}
BUSY = UpstreamRefused("busy", status=503, headers=(("retry-after", "0"),))


def told(headers: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    names = ("last-used-option-index", "retry-attempt-count", "provider")
    index, retries, provider = (headers.get(f"x-portkey-{name}") for name in names)
    return index, retries, provider


async def test_an_answer_says_whose_it_is_and_what_was_not_sent() -> None:
    provider = FakeProvider(*answer_of("Hi"))
    provider.dropped = ("top_k",)
    for document in (QUESTION, STREAMED):
        connection = await Gateway(provider).ask(document)
        assert told(connection.headers) == ("config", "0", "fake")
        assert connection.headers["x-handrail-dropped-params"] == "top_k"


async def test_a_config_says_which_target_it_was_and_after_how_many_retries() -> None:
    config = {"strategy": {"mode": "fallback"}, "targets": [PLAIN]}
    gateway = Gateway(FakeProvider(BUSY))
    connection = await gateway.ask(QUESTION, {"x-portkey-config": json.dumps(config)})
    assert (connection.status, told(connection.headers)) == (503, ("config.targets[0]", "-1", "fake"))
    assert len(gateway.record.attempts) == 2


async def test_a_request_that_finds_no_way_tells_of_none() -> None:
    connection = await Gateway().ask(QUESTION, {"x-portkey-config": '{"provider": "@nobody"}'})
    assert (connection.status, told(connection.headers)) == (400, (None, None, None))
    assert connection.error["param"] == "x-portkey-config"


async def test_an_answer_says_what_the_cache_had_for_it() -> None:
    gateway = Gateway(guardrails=[forbidding()])
    cache = Cache(
        keys=Keys(SECRET),
        store=MemoryStore(max_bytes=10_000, max_entries=9, clock=time.monotonic),
        now_s=time.time,
    )
    gateway.pipeline.caches = Caches(cache)
    config = {"x-portkey-config": json.dumps({"provider": "@fake", "cache": {"mode": "simple"}})}
    refresh = config | {"x-portkey-cache-force-refresh": "true"}
    for document in (QUESTION, STREAMED):
        said = []
        for headers in (config, config, refresh, config | {"x-portkey-debug": "false"}, {}):
            connection = await gateway.ask(document, headers | {"x-portkey-cache-namespace": str(document)})
            assert connection.status == 200
            said.append(connection.headers["x-portkey-cache-status"])
            await gateway.pipeline.settle()
        assert said == ["MISS", "HIT", "REFRESH", "DISABLED", "DISABLED"]
    denied = QUESTION | {"messages": [{"role": "user", "content": "forbidden"}]}
    connection = await gateway.ask(denied, config)
    assert connection.status == 446
    assert "x-portkey-cache-status" not in connection.headers

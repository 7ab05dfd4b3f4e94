import json
import time
from typing import Any

import pytest

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
            await gateway.pipeline.later.settle()
        assert said == ["MISS", "HIT", "REFRESH", "DISABLED", "DISABLED"]
    denied = QUESTION | {"messages": [{"role": "user", "content": "forbidden"}]}
    connection = await gateway.ask(denied, config)
    assert connection.status == 446
    assert "x-portkey-cache-status" not in connection.headers


HOOK = {"id": "pg", "contains": {"words": ["there"], "operator": "none"}}
GUARDED = {"provider": "@fake", "input_guardrails": [HOOK], "output_guardrails": [HOOK]}
LOOSE = {"x-portkey-config": json.dumps(GUARDED | {"strict_open_ai_compliance": False})}
STRICT = {"x-portkey-config": json.dumps(GUARDED)}


def results(document: dict[str, Any]) -> dict[str, list[bool]]:
    told = document.get("hook_results", {})
    return {side: [one["verdict"] for one in hooks] for side, hooks in told.items()}


async def test_a_whole_answer_tells_of_hooks_however_strict_it_is() -> None:
    for headers in (LOOSE, STRICT):
        connection = await Gateway().ask(QUESTION, headers)
        told = {"before_request_hooks": [True], "after_request_hooks": [False]}
        assert (connection.status, results(json.loads(connection.body))) == (246, told)


@pytest.mark.parametrize("include_usage", [False, True])
async def test_a_stream_tells_of_hooks_first_and_last_where_compliance_is_off(include_usage: bool) -> None:
    document = STREAMED | {"stream_options": {"include_usage": include_usage}}
    connection = await Gateway().ask(document, LOOSE)
    chunks = [json.loads(event) for event in data_of(connection.body) if event != "[DONE]"]
    assert results(chunks[0]) == {"before_request_hooks": [True]}
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert results(chunks[-1]) == {"after_request_hooks": [False]}
    assert [bool(chunk["choices"]) for chunk in chunks[-2:]] == [not include_usage, not include_usage]
    assert [results(chunk) for chunk in chunks[1:-1]] == [{}] * len(chunks[1:-1])
    assert connection.status == 200


async def test_a_strict_stream_tells_nothing() -> None:
    connection = await Gateway().ask(STREAMED, STRICT)
    assert b"hook_results" not in connection.body


async def test_an_error_tells_what_was_heard_before_it() -> None:
    connection = await Gateway(FakeProvider(BUSY)).ask(QUESTION, STRICT)
    body = json.loads(connection.body)
    assert (connection.status, results(body)["before_request_hooks"]) == (503, [True])
    assert "error" in body


def data_of(body: bytes) -> list[str]:
    return [event.removeprefix("data: ") for event in body.decode().split("\n\n") if event]

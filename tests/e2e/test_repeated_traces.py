"""The trace, the metrics and the line of an exchange that comes again byte for byte, from the cache."""

import asyncio
from pathlib import Path

from telemetry import instruments as of
from tests.e2e.otlp import Collector
from tests.e2e.test_metrics import ask, scrape
from tests.e2e.test_traces import IN, OUT, TREES, assert_tree, gateway
from tests.telemetry.receiver import http_collector

_KEPT = {"x-portkey-config": "kept"}
_TIMES = 4


async def test_what_comes_again_has_a_whole_tree_of_its_own_and_counts_each_time(tmp_path: Path) -> None:
    with http_collector() as received:
        collector = Collector(received)
        async with gateway(tmp_path, received) as client:
            replies = [await ask(client, {}, _KEPT) for _ in range(_TIMES)]
            names = [reply.headers["x-portkey-trace-id"] for reply in replies]
            trees = [await asyncio.to_thread(collector.trace, name) for name in names]
            told = await scrape(client, _TIMES)
    assert_tree(trees[0], TREES["cache miss"][2])
    for tree in trees[1:]:
        assert_tree(tree, TREES["cache hit"][2])
    judged = [[span.end_ns > span.start_ns for span in tree if "guardrail" in span.name] for tree in trees]
    assert all(map(any, judged[:2])), "the first and the first hit are judged"
    assert not any(map(any, judged[2:])), "the others are remembered: their verdicts took no time"
    assert len(received.spans) == sum(map(len, trees)), "no span beside these"
    assert len({reply.headers["x-request-id"] for reply in replies}) == _TIMES

    assert told.count(of.EXCHANGES, outcome="ok") == told.count(of.OVERHEAD) == _TIMES
    assert told.count(of.CACHE_LOOKUPS, status="miss") == 1
    assert told.count(of.CACHE_LOOKUPS, status="hit") == _TIMES - 1
    assert told.count(of.ATTEMPTS) == told.count(of.OPERATION_DURATION) == 1, "no provider was called"
    assert told.count(of.TOKEN_USAGE, type="output") == 1
    assert told.count(of.TIME_TO_FIRST_CHUNK) == told.count(of.TIME_TO_FIRST_RELEASE) == 0, "no streams"
    assert told.count(of.VERDICTS) == _TIMES * len(IN + OUT)
    assert told.count(of.REQUEST_DURATION, status_code="200") == _TIMES

"""What configs decide, at a running service: who is asked, how often, and what for."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.completions import echo
from tests.e2e.portkey_clients import HELLO, MARKS, Gateway, ask, fallback, portkey, refusing
from tests.upstreams import Connection, Received

pytestmark = MARKS
TARGETS = [{"provider": "@main"}, {"provider": "@mistral"}]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let the SDK's open sockets be found here, not in the test that follows."""
    yield
    gc.collect()


async def asked(four: Gateway, config: dict[str, Any], **options: Any) -> str:
    """Return who answered."""
    _, answer = await ask(four, config=config, **options)
    return str(answer.headers["x-portkey-provider"])


async def test_the_one_that_was_fast_lately_is_asked_whichever_config_found_out(four: Gateway) -> None:
    async def provider(connection: Connection, request: Received) -> None:
        if request.headers["authorization"] == "Bearer sk-m":
            await asyncio.sleep(0.5)
        await echo(connection, request)

    async with four.provider(provider):
        for target in TARGETS:
            await asked(four, target)
        config = {"strategy": {"mode": "least_latency"}, "targets": TARGETS}
        assert {await asked(four, config) for _ in range(6)} == {"mistral"}


async def test_a_sticky_user_stays_and_users_are_spread(four: Gateway) -> None:
    sticky = {"enabled": True, "hash_fields": ["metadata._user"]}
    config = {"strategy": {"mode": "loadbalance", "sticky": sticky}, "targets": TARGETS}
    async with four.provider():
        first, second = [
            {user: await asked(four, config, metadata={"_user": user}) for user in map(str, range(12))}
            for _ in range(2)
        ]
    assert first == second
    assert set(first.values()) == {"main", "mistral"}


async def test_a_target_of_no_weight_is_asked_nothing(four: Gateway) -> None:
    targets = [{**TARGETS[0], "weight": 0}, TARGETS[1]]
    config = {"strategy": {"mode": "loadbalance"}, "targets": targets}
    async with four.provider():
        assert {await asked(four, config) for _ in range(6)} == {"mistral"}


async def test_parameters_are_filled_in_replaced_and_dropped_from_the_root_down(four: Gateway) -> None:
    config = {
        "strategy": {"mode": "single"},
        "override_params": {"temperature": 0.1, "user": "root"},
        "default_params": {"top_p": 0.2, "max_tokens": 9},
        "drop_params": ["seed"],
        "targets": [{"provider": "@main", "override_params": {"temperature": 0.9}}],
    }
    async with four.provider() as upstream, portkey(four, config=config) as (client, _):
        given = {"temperature": 0.5, "top_p": 0.5, "seed": 7, "presence_penalty": 0.5}
        await client.chat.completions.create(model="gpt", messages=HELLO, **given)
    sent = upstream.requests[0].json()
    expected = {"temperature": 0.9, "user": "root", "top_p": 0.5, "max_tokens": 9, "presence_penalty": 0.5}
    assert {name: sent.get(name) for name in (*expected, "seed")} == {**expected, "seed": None}


async def test_targets_inherit_retries_and_stop_where_a_status_is_not_listed(four: Gateway) -> None:
    retry = {"attempts": 2, "on_status_codes": [429], "use_retry_after_headers": True}
    config = fallback("@main", "@mistral", "@together", retry=retry)
    config["strategy"]["on_status_codes"] = [429]
    busy, broken = refusing(429, retry_after_ms="1"), refusing(500)
    async with four.provider(busy, busy, busy, busy, broken) as upstream:
        _, answer = await ask(four, config=config)
    counts = Counter(one.headers["authorization"] for one in upstream.requests)
    assert counts == {"Bearer sk-m": 3, "Bearer sk-i": 2}
    assert answer.status_code == 500
    assert answer.headers["x-portkey-last-used-option-index"] == "config.targets[1]"
    assert answer.headers["x-portkey-retry-attempt-count"] == "1"

"""What the way of a request costs: to find it, to go it step by step, and what is remembered meanwhile.

    python -m tests.bench.plan_cost

The bound is `BOUND_US` for routing and retry bookkeeping together, the last column: the config that holds is
found, conditions are asked, targets chosen, steps made into targets (the first column), attempts made and
their outcomes noted by `app/tries.py`. It holds for a request that the first attempt answers. Of a request
whose attempts fail it holds for each attempt: each is planned, made and noted anew. The nested config says
much of what one can say; of it one attempt is made, three, or all six. It ends with 1 if a way costs more.

What answers, or fails, costs nothing of that: its time, and that of whoever reads it without a route, is
measured by itself and taken off.

CPU time, not wall time, so that a busy machine disturbs it little; of each way the best of forty rounds, in
which all have their turn, for a machine has slow seconds.
"""

import json
import math
import random
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from typing import Any

from app.domain.errors import UpstreamRefused
from app.domain.events import Event, TextDelta
from app.domain.exchange import ANONYMOUS
from app.domain.model_request import ModelRequest
from app.routing.breaker import MemoryBreakers
from app.routing.config_reader import Known, read_config
from app.routing.health import Latencies
from app.routing.outcome import OK, Outcome
from app.routing.prepared import PreparedConfigs
from app.routing.resolve import Routes
from app.routing.router import Router
from app.routing.targets import Targets
from app.routing.tree import prepare
from app.routing.way import Hop, Route
from app.routing.wish import Wish
from app.tries import tried
from tests.fakes import FakeProvider

BOUND_US = 30.0
CALLS = 250
ROUNDS = 40
PATH = "/v1/chat/completions"
METADATA = {"user": "u-17", "plan": "paid"}
REQUEST = ModelRequest({"model": "gpt-5.6", "messages": []}, "gpt-5.6")
WAIT_NOT = (("retry-after-ms", "0"),)
FAILED = Outcome(status=503, retry_after_s=0.0)
RETRY = {"attempts": 1, "use_retry_after_header": True}
TARGETS = [{"provider": "@a", "retry": RETRY, "weight": 2}, {"provider": "@b"}, {"provider": "@c"}]
BREAKER = {"failure_threshold": 1_000_000}
FALLBACK = {"strategy": {"mode": "fallback"}, "targets": TARGETS}
BALANCED = {
    "strategy": {"mode": "loadbalance", "sticky_session": {"hash_fields": ["metadata.user"]}},
    "targets": TARGETS,
}
CONDITIONS = [
    {"query": {"metadata.plan": "free"}, "then": "cheap"},
    {"query": {"$and": [{"metadata.plan": "paid"}, {"params.model": {"$regex": "^gpt-5"}}]}, "then": "good"},
]
NESTED: Mapping[str, Any] = {
    "strategy": {"mode": "conditional", "conditions": CONDITIONS, "default": "cheap"},
    "override_params": {"temperature": 0.2},
    "default_params": {"top_p": 1},
    "request_timeout": 20_000,
    "targets": [
        {"name": "cheap", "provider": "@c"},
        {
            "name": "good",
            "strategy": {"mode": "fallback", "cb_config": BREAKER},
            "retry": RETRY,
            "targets": [
                BALANCED,
                {"strategy": {"mode": "least_latency"}, "targets": TARGETS},
                {"provider": "@c", "override_params": {"model": "@c/gpt-5.6-mini"}},
            ],
        },
    ],
}
WAYS: Mapping[str, tuple[Mapping[str, Any] | None, int]] = {
    "no config": (None, 0),
    "single": ({"provider": "@a"}, 0),
    "fallback, the first answers": (FALLBACK, 0),
    "fallback, retried, the second answers": (FALLBACK, 2),
    "loadbalance": ({**BALANCED, "strategy": {"mode": "loadbalance"}}, 0),
    "loadbalance, sticky": (BALANCED, 0),
    "least latency": ({"strategy": {"mode": "least_latency"}, "targets": TARGETS}, 0),
    "nested, the first answers": (NESTED, 0),
    "nested, retried, the second answers": (NESTED, 2),
    "nested, all are tried": (NESTED, 5),
}
"""Configs, and how many attempts fail before an answer comes."""


class _Provider(FakeProvider):
    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = self.kind = slug


def main() -> int:
    """Print what each way costs in microseconds; return 1 if one is over the bound."""
    router = _router()
    ways = [_Way(router, name, whose) for name, (config, _) in WAYS.items() for whose in _whose(config)]
    for _ in range(ROUNDS):  # all in turn: a machine has slow seconds
        for way in ways:
            way.measure()
    print(f"{'us':40}{'routing':>9}{'in all':>9}{'an attempt':>12}")
    for way in ways:
        print(f"{way.title:40}{way.planned_us:9.1f}{way.us:9.1f}{way.attempt_us:12.1f}")
    worst = max(way.attempt_us for way in ways)
    text = json.dumps(NESTED)
    first_us = min(_cost_us(lambda: PreparedConfigs().config(text)) for _ in range(ROUNDS))
    print(f"{'read a nested config for the first time':40}{first_us:9.1f}")
    print(f"at most {worst:.1f} us, bound {BOUND_US:.0f} us: {'met' if worst <= BOUND_US else 'MISSED'}")
    return int(worst > BOUND_US)


def _whose(config: Mapping[str, Any] | None) -> tuple[str, ...]:
    return ("",) if config is None else (", saved", ", sent")


class _Way:
    """What a way costs, by the best of its rounds so far."""

    def __init__(self, router: Router, name: str, whose: str) -> None:
        config, self._fails = WAYS[name]
        self.title = name + whose
        self._router = router
        self._wish = (
            Wish() if config is None else Wish(config=json.dumps(config) if "sent" in whose else name)
        )
        self.planned_us = self._whole_us = self._answered_us = math.inf

    def measure(self) -> None:
        router, wish, fails = self._router, self._wish, self._fails
        self.planned_us = min(self.planned_us, _cost_us(lambda: _planned(router, wish, fails)))
        self._whole_us = min(self._whole_us, _cost_us(lambda: _driven(_tried(router, wish, fails))))
        self._answered_us = min(self._answered_us, _cost_us(lambda: _driven(_answered(fails))))

    @property
    def us(self) -> float:
        return self._whole_us - self._answered_us

    @property
    def attempt_us(self) -> float:
        return self.us / (self._fails + 1)


def _router() -> Router:
    providers = tuple(map(_Provider, "abc"))
    known = Known({one.slug for one in providers})
    routes = Routes(providers, {"a": ("gpt-5.6",)})
    kinds = {one.kind: one.kind for one in providers}
    saved = {
        name: prepare(read_config(config, path=f"configs.{name}", known=known))
        for name, (config, _) in WAYS.items()
        if config is not None
    }
    return Router(
        Targets(routes, providers, kinds.get),
        saved,
        random.Random(1),
        MemoryBreakers(time.monotonic),
        Latencies(time.monotonic),
    )


def _planned(router: Router, wish: Wish, fails: int) -> Route:
    """Go a way, attempts becoming what they become."""
    route = router.route(REQUEST, ANONYMOUS, wish, METADATA, PATH)
    hop = route.next()
    for _ in range(fails):
        if hop is not None:
            hop = route.next(FAILED)
    if hop is not None:
        route.next(OK, 0.5)
    return route


async def _tried(router: Router, wish: Wish, fails: int) -> None:
    """Go a way with attempts that fail, or answer with one event."""
    route = router.route(REQUEST, ANONYMOUS, wish, METADATA, PATH)
    async for _ in tried(route, _answers(fails), whole=False):
        pass


async def _answered(fails: int) -> None:
    """Read as many answers without a way."""
    answer = _answers(fails)
    for _ in range(fails + 1):
        try:
            async for _ in answer(None):
                pass
        except UpstreamRefused:
            continue


def _answers(fails: int) -> Callable[[Hop | None], AsyncGenerator[Event]]:
    numbers = iter(range(fails))

    async def answer(_: Hop | None) -> AsyncGenerator[Event]:
        if next(numbers, None) is not None:
            raise UpstreamRefused("busy", status=503, headers=WAIT_NOT)
        yield TextDelta(0, "content", "ok")

    return answer


def _driven(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing to its end, without the cost of a loop."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")


def _cost_us(work: Callable[[], object]) -> float:
    start_s = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - start_s) / CALLS * 1e6


if __name__ == "__main__":
    sys.exit(main())

"""What metrics cost: an exchange on the request path, and a scrape beside it.

    python -m tests.bench.metrics_cost

CPU time of one thread, the best of several rounds. An exchange here has two guardrails on two sides and one
streamed attempt. "the SDK" is as many calls of its instruments with as many labels.
"""

import time
from collections.abc import Callable
from decimal import Decimal

import msgspec
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from app.measuring import Measuring
from guardrails import Side
from telemetry.exposition import exposition
from telemetry.instruments import BY_NAME
from telemetry.metrics import Metrics
from tests.exchanges import attempt, exchange, verdict

EXCHANGES = 5_000
ROUNDS = 5
RECORD = exchange(
    stream=True,
    trace_sampled=True,
    attempts=(attempt(cost_usd=Decimal("0.001")),),
    verdicts=tuple(verdict(side, guardrail=name) for side in Side for name in ("no-secrets", "privacy")),
)


def measuring(metrics: Metrics) -> Measuring:
    """Return what folds exchanges into these metrics."""
    return Measuring(
        metrics,
        lambda _: "/v1/chat/completions",
        models=["gpt-4o"],
        providers=["openai"],
        callers=["team-a"],
        guardrails=["no-secrets", "privacy"],
    )


def by_the_sdk() -> Callable[[], None]:
    """Return as many calls of the SDK's instruments as our exchange makes of ours."""
    metrics = Metrics()
    measuring(metrics)(RECORD)
    meter = MeterProvider([InMemoryMetricReader()]).get_meter("bench")
    calls = []
    for name, points in metrics.collect().items():
        one = BY_NAME[name]
        for point in points:
            labels = dict(zip(one.labels, point.labels, strict=True))
            if one.kind == "histogram":
                calls.append((meter.create_histogram(name).record, 0.1, labels))
            else:
                calls.append((meter.create_counter(name).add, 1, labels))

    def exchange_() -> None:
        for call, value, labels in calls:
            call(value, dict(labels))

    return exchange_


def cost_us(work: Callable[[], object], times: int) -> float:
    """Return microseconds of CPU for one."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.thread_time_ns()
        for _ in range(times):
            work()
        best = min(best, (time.thread_time_ns() - began) / times / 1e3)
    return best


def main() -> None:
    """Print the figures."""
    metrics = Metrics()
    measure = measuring(metrics)
    ours = cost_us(lambda: measure(RECORD), EXCHANGES)
    theirs = cost_us(by_the_sdk(), EXCHANGES)
    print(f"an exchange: {ours:.1f} us; by the SDK's instruments {theirs:.1f} us")
    snapshot = metrics.collect()
    series = sum(map(len, snapshot.values()))
    collected = cost_us(lambda: msgspec.json.encode(metrics.collect()), 500)
    told = cost_us(lambda: exposition(metrics.collect(), ""), 200)
    print(f"{series} series: {collected:.0f} us to put into a worker's file, {told:.0f} us as text")


if __name__ == "__main__":
    main()

"""What is drawn: asked of a record's views, counted, nothing else.

The views are those of the dashboards' SQL panels and questions: `exchange_facts` and `redactions` for what
happens over time, `guardrail_outcomes`, `cost_by_key` and `usage_by_day` for the sums, by whole days (UTC).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records.reading import UnreadableRecord
from dashboards.picture.buckets import Buckets, buckets_over

SPAN = """
SELECT min(started_at), max(started_at) FROM exchange_facts WHERE day >= :first AND outcome IS NOT NULL
"""
EXCHANGES = """
SELECT started_at, outcome, duration_ms, overhead_ms FROM exchange_facts
WHERE started_at >= :since AND outcome IS NOT NULL
"""
REDACTED = """
SELECT exchange_id, min(started_at) FROM redactions
WHERE started_at >= :since AND enforced GROUP BY exchange_id
"""
OWN = """
SELECT sum(overhead_ms) / nullif(sum(duration_ms), 0) FROM exchange_facts
WHERE started_at >= :since AND outcome IS NOT NULL
"""
GUARDRAILS = """
SELECT guardrail, decision, mode = 'enforce', sum(verdicts), sum(verdicts * mean_duration_ms)
FROM guardrail_outcomes WHERE day >= :first GROUP BY 1, 2, 3
"""
COSTS = """
SELECT caller, provider, model, sum(cost_usd), sum(without_cost) FROM cost_by_key
WHERE day >= :first GROUP BY 1, 2, 3
"""
TOKENS = """
SELECT provider, model, sum(prompt_tokens), sum(completion_tokens), sum(saved_tokens) FROM usage_by_day
WHERE day >= :first AND model IS NOT NULL GROUP BY 1, 2
"""


class Times(msgspec.Struct, frozen=True):
    """How long the exchanges of a bucket took, in milliseconds."""

    whole_p50: float
    whole_p95: float
    own_p50: float
    """Own: all that is no waiting for a provider, guardrails included."""
    own_p95: float


class Verdicts(msgspec.Struct, frozen=True):
    """What one guardrail decided."""

    guardrail: str
    count: int
    decisions: Mapping[str, int]
    """How many of what; of `pass` too. What a guardrail that only watches said has a question mark."""
    mean_ms: float


class Cost(msgspec.Struct, frozen=True):
    """What one key spent on one model."""

    caller: str
    model: str
    usd: float
    """What is known of it."""
    without: int
    """Answers of which nobody knows what they cost."""


class Tokens(msgspec.Struct, frozen=True):
    """What one model counted."""

    model: str
    prompt: int
    completion: int
    saved: int
    """Of answers that the cache gave again."""


class Facts(msgspec.Struct, frozen=True):
    """All that is drawn."""

    first: datetime
    last: datetime
    buckets: Buckets
    outcomes: Mapping[str, Sequence[int]]
    """Exchanges by outcome, one number a bucket."""
    redacted: Sequence[int]
    """Exchanges of which something was redacted, by bucket."""
    times: Sequence[Times | None]
    """By bucket; None: nothing ended."""
    own_share: float
    """Which part of the time of all exchanges was no waiting for a provider."""
    verdicts: Sequence[Verdicts]
    costs: Sequence[Cost]
    tokens: Sequence[Tokens]

    @property
    def exchanges(self) -> Sequence[int]:
        """How many there were, by bucket."""
        return [sum(counts) for counts in zip(*self.outcomes.values(), strict=True)]


def facts_of(connection: sa.Connection, first: date) -> Facts:
    """Ask a record.

    Args:
        connection: of `app.records.reading`.
        first: the first day that counts.

    Raises:
        UnreadableRecord: no exchange ended since then.
    """
    day = {"first": first.isoformat()}
    begin, end = connection.execute(sa.text(SPAN), day).one()
    if begin is None:
        raise UnreadableRecord(f"no exchange that has ended is on record since {first}")
    since = {"since": begin}
    buckets = buckets_over(_moment(begin), _moment(end))
    outcomes, times = _exchanges(connection.execute(sa.text(EXCHANGES), since), buckets)
    redacted = [0] * buckets.count
    for _, started_at in connection.execute(sa.text(REDACTED), since):
        redacted[buckets.place(_moment(started_at))] += 1
    return Facts(
        first=_moment(begin),
        last=_moment(end),
        buckets=buckets,
        outcomes=outcomes,
        redacted=redacted,
        times=times,
        own_share=float(connection.scalar(sa.text(OWN), since) or 0),
        verdicts=_verdicts(connection.execute(sa.text(GUARDRAILS), day)),
        costs=[
            Cost(caller, f"{provider}/{model}", float(usd or 0), int(without))
            for caller, provider, model, usd, without in connection.execute(sa.text(COSTS), day)
        ],
        tokens=[
            Tokens(f"{provider}/{model}", *map(int, counts))
            for provider, model, *counts in connection.execute(sa.text(TOKENS), day)
        ],
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share lies, as `percentile_cont` does: between two in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _exchanges(rows: Iterable[Any], buckets: Buckets) -> tuple[dict[str, list[int]], list[Times | None]]:
    outcomes: dict[str, list[int]] = defaultdict(lambda: [0] * buckets.count)
    whole: list[list[float]] = [[] for _ in range(buckets.count)]
    own: list[list[float]] = [[] for _ in range(buckets.count)]
    for started_at, outcome, duration_ms, overhead_ms in rows:
        place = buckets.place(_moment(started_at))
        outcomes[outcome][place] += 1
        if duration_ms is not None:  # NULL: nobody saw its end
            whole[place].append(duration_ms)
            own[place].append(overhead_ms)
    times = [_times(*both) if both[0] else None for both in zip(whole, own, strict=True)]
    return dict(outcomes), times


def _times(whole: Sequence[float], own: Sequence[float]) -> Times:
    return Times(percentile(whole, 0.5), percentile(whole, 0.95), percentile(own, 0.5), percentile(own, 0.95))


def _verdicts(rows: Iterable[Any]) -> list[Verdicts]:
    decisions: dict[str, dict[str, int]] = defaultdict(dict)
    spent_ms: dict[str, float] = defaultdict(float)
    for guardrail, decision, is_enforced, count, ms in rows:
        name = decision if is_enforced or decision in {"pass", "error"} else f"{decision}?"
        decisions[guardrail][name] = decisions[guardrail].get(name, 0) + int(count)
        spent_ms[guardrail] += float(ms)
    return [
        Verdicts(guardrail, sum(counts.values()), counts, spent_ms[guardrail] / sum(counts.values()))
        for guardrail, counts in decisions.items()
    ]


def _moment(value: object) -> datetime:
    """Return a moment, which SQLite has as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))

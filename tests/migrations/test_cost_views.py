"""The views of the record that say what things cost."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.domain.exchange import Outcome, Usage
from app.records.inserts import Inserts
from app.records.rows import Capture, rows_of
from guardrails import Coverage
from tests.databases import select
from tests.exchanges import attempt, exchange

NOTHING = Coverage()
FALLBACK = exchange(
    attempts=(
        attempt(1, provider="claude", model="sonnet", cost_usd=Decimal("0.25"), dropped_params=("seed",)),
        attempt(2, cost_usd=Decimal("0.5"), dropped_params=("top_k", "logit_bias")),
    ),
    usage=Usage(prompt_tokens=3, completion_tokens=5, cached_tokens=1, cache_write_tokens=2),
    cost_usd=Decimal("0.75"),
)
REFUSED = exchange(
    outcome=Outcome.UPSTREAM_ERROR,
    attempts=(attempt(first_event_ns=None, usage=Usage()),),
    coverage=NOTHING,
    usage=Usage(),
)
COSTS = (
    FALLBACK,
    exchange(attempts=(attempt(cost_usd=Decimal("0.125")),), cost_usd=Decimal("0.125")),
    exchange(),
    exchange(outcome=Outcome.CANCELLED, usage=Usage(), attempts=(attempt(usage=Usage()),)),
    REFUSED,
    exchange(
        caller="team-b",
        attempts=(attempt(cost_usd=Decimal("0.000000000001")),),
        cost_usd=Decimal("0.000000000001"),
    ),
)


@pytest.fixture
def paid(engine: sa.Engine) -> sa.Engine:
    Inserts(engine).write([rows_of(record, Capture("full", str)) for record in COSTS])
    return engine


def test_exchange_facts_says_what_it_cost_and_what_was_not_sent_at_last(paid: sa.Engine) -> None:
    columns = "cost_usd, cache_write_tokens, dropped_params"
    source = "exchange_facts WHERE exchange_id = :id"
    assert read(paid, columns, source, id=FALLBACK.id) == [(0.75, 2, "top_k,logit_bias")]
    assert read(paid, columns, source, id=REFUSED.id) == [(None, None, None)]


def test_usage_by_day_adds_up_costs_and_says_how_many_are_unknown(paid: sa.Engine) -> None:
    columns = "caller, cost_usd, without_cost, cache_write_tokens"
    assert sorted(read(paid, columns, "usage_by_day"), key=str) == [
        ("team-a", 0.875, 2, 2),
        ("team-b", 0.000000000001, 0, 0),
    ]


def test_cost_by_key_says_who_spent_what_on_which_model(paid: sa.Engine) -> None:
    columns = "day, caller, provider, model, attempts, answers, prompt_tokens, cost_usd, without_cost"
    assert sorted(read(paid, columns, "cost_by_key"), key=str) == [
        ("2026-11-22", "team-a", "claude", "sonnet", 1, 1, 3, 0.25, 0),
        ("2026-11-22", "team-a", "openai", "gpt-4o", 5, 4, 9, 0.625, 2),
        ("2026-11-22", "team-b", "openai", "gpt-4o", 1, 1, 3, 0.000000000001, 0),
    ]


def test_costs_nobody_knows_add_up_to_nothing_that_is_known(engine: sa.Engine) -> None:
    Inserts(engine).write([rows_of(exchange(), Capture("none", str))])
    assert read(engine, "cost_usd, without_cost", "usage_by_day") == [(None, 1)]
    assert read(engine, "cost_usd, without_cost", "cost_by_key") == [(None, 1)]


def read(engine: sa.Engine, columns: str, source: str, **parameters: object) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in select(engine, f"SELECT {columns} FROM {source}", **parameters)]

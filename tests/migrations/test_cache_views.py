"""The views of the record where answers came from the cache."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.domain.exchange import Usage
from app.records.inserts import Inserts
from app.records.rows import Capture, rows_of
from tests.databases import select
from tests.exchanges import attempt, exchange

USED = Usage(prompt_tokens=30, completion_tokens=50, cached_tokens=4)
COST = Decimal("0.25")
MISS = exchange(
    attempts=(attempt(usage=USED, cost_usd=COST, cache_status="miss"),),
    usage=USED,
    cost_usd=COST,
    cache_status="miss",
)
HIT = exchange(
    attempts=(
        attempt(
            usage=USED,
            cost_usd=Decimal(),
            status_code=None,
            cache_status="hit",
            cached_exchange_id=MISS.id,
        ),
    ),
    usage=USED,
    cost_usd=Decimal(),
    cache_status="hit",
    verdicts=(),
)
PLAIN = exchange()


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    records = (MISS, HIT, PLAIN)
    Inserts(engine).write([rows_of(record, Capture("none", str)) for record in records])
    return engine


def test_a_hit_leads_to_the_exchange_whose_answer_it_gave(filled: sa.Engine) -> None:
    rows = select(filled, "SELECT exchange_id, cache_status, cached_exchange_id FROM exchange_facts")
    assert {row["exchange_id"]: (row["cache_status"], row["cached_exchange_id"]) for row in rows} == {
        MISS.id: ("miss", None),
        HIT.id: ("hit", MISS.id),
        PLAIN.id: (None, None),
    }


def test_usage_by_day_counts_what_providers_counted_and_what_hits_saved(filled: sa.Engine) -> None:
    (row,) = select(filled, "SELECT * FROM usage_by_day")
    assert (row["exchanges"], row["cache_hits"], row["saved_tokens"]) == (3, 1, 80)
    assert (row["prompt_tokens"], row["completion_tokens"], row["cached_tokens"]) == (33, 55, 5)
    assert (row["cost_usd"], row["without_cost"]) == (0.25, 1)


def test_a_hit_is_no_call_that_a_key_has_to_pay_for(filled: sa.Engine) -> None:
    (row,) = select(filled, "SELECT attempts, prompt_tokens, cost_usd, without_cost FROM cost_by_key")
    assert row == {"attempts": 2, "prompt_tokens": 33, "cost_usd": 0.25, "without_cost": 1}


def test_an_input_that_went_to_no_provider_is_not_called_unscreened(filled: sa.Engine) -> None:
    rows = select(filled, "SELECT exchange_id, side FROM unscreened")
    assert rows == [{"exchange_id": HIT.id, "side": "output"}]

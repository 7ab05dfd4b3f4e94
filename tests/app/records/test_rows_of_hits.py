"""Rows of exchanges that were answered from the cache."""

from app.records.rows import Capture, rows_of
from tests.exchanges import attempt, exchange

AS_IT_WAS = Capture("full", str)


def test_a_hit_of_the_cache_says_whose_answer_it_is_and_took_no_provider_time() -> None:
    first = exchange()
    hit = attempt(
        2, cache_status="semantic_hit", cached_exchange_id=first.id, cache_similarity=0.97, status_code=None
    )
    record = exchange(attempts=(attempt(1, cache_status="semantic_miss"), hit), cache_status="semantic_hit")
    rows = rows_of(record, AS_IT_WAS)
    (row,) = rows.exchanges
    assert (row["cache_status"], row["upstream_ms"], row["overhead_ms"]) == ("semantic_hit", 100.0, 25.0)
    columns = ("cache_status", "cached_exchange_id", "cache_similarity")
    assert [tuple(one[name] for name in columns) for one in rows.attempts] == [
        ("semantic_miss", None, None),
        ("semantic_hit", first.id, 0.97),
    ]

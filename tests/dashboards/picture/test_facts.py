"""Read by hand against `tests/dashboards/asked.py`."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.records.engine import open_engine
from app.records.reading import UnreadableRecord
from dashboards.picture.facts import Cost, Facts, Times, Tokens, Verdicts, facts_of, percentile


def at_both_ends(values: Any) -> tuple[Any, Any]:
    """Return what is in the first and in the last bucket; there is nothing between them."""
    assert not any(values[1:-1])
    return values[0], values[-1]


def test_exchanges_are_counted_by_outcome_where_they_began(facts: Facts) -> None:
    assert (facts.buckets.width, facts.buckets.count) == ("30 min", 49)
    assert {name: at_both_ends(counts) for name, counts in facts.outcomes.items()} == {
        "ok": (2, 1),
        "blocked_output": (1, 0),
        "blocked_input": (1, 0),
        "rejected": (1, 0),
        "cancelled": (1, 0),
    }
    assert at_both_ends(facts.exchanges) == (6, 1)


def test_what_only_a_watching_guardrail_would_have_redacted_is_not_redacted(facts: Facts) -> None:
    assert at_both_ends(facts.redacted) == (1, 0)


def test_times_are_those_of_the_exchanges_and_our_own(facts: Facts) -> None:
    assert at_both_ends(facts.times) == (Times(125, 125, 75, 125), Times(500, 500, 300, 300))
    assert facts.own_share == pytest.approx(750 / 1250)


def test_verdicts_are_counted_by_guardrail_and_what_was_only_watched_is_marked(facts: Facts) -> None:
    decided = {"error": 1, "pass": 5, "redact?": 1, "redact": 1}
    assert sorted(facts.verdicts, key=lambda one: one.guardrail) == [
        Verdicts("no-secrets", 1, {"block": 1}, 2.0),
        Verdicts("privacy", 8, decided, 0.25),
    ]


def test_cost_and_tokens_are_those_of_the_views(facts: Facts) -> None:
    assert sorted(facts.costs, key=str) == [
        Cost("team-a", "claude/sonnet", 0.0, 0),
        Cost("team-a", "openai/gpt-4o", 0.75, 1),
        Cost("team-b", "openai/gpt-4o", 0.125, 0),
    ]
    assert facts.tokens == [Tokens("openai/gpt-4o", 39, 65, 80)]


def test_earlier_days_do_not_count(facts: Facts, engine: sa.Engine) -> None:
    with engine.connect() as connection:
        later = facts_of(connection, date(2026, 11, 23))
    assert later.outcomes == {"ok": [1]}
    assert [(one.model, one.usd) for one in later.costs if one.usd] == [("openai/gpt-4o", 0.5)]
    assert sum(facts.exchanges) == 7


def test_a_record_without_exchanges_is_said_to_have_none(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(UnreadableRecord, match="since 2026-11-01"):
        facts_of(connection, date(2026, 11, 1))


@pytest.mark.postgresql
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.95, 1.0])
def test_a_percentile_is_the_one_that_the_dashboards_ask_postgresql_for(
    postgresql_url: str, share: float
) -> None:
    ask = sa.text(
        "SELECT percentile_cont(:share) WITHIN GROUP (ORDER BY v) FROM unnest(CAST(:all AS float8[])) v"
    )
    engine = open_engine(postgresql_url)
    with engine.connect() as connection:
        for values in ([7.5], [3.0, 1.0], [2.0, 2.0, 9.0], [float(n * n % 101) for n in range(60)]):
            asked = connection.scalar(ask, {"share": share, "all": values})
            assert percentile(values, share) == pytest.approx(asked)
    engine.dispose()

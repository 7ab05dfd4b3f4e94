import pytest

from dashboards.generator.queries import happened, increase, now, part, quantile, rate, spent, top
from telemetry import instruments as of
from telemetry import names


def test_a_counter_is_asked_for_its_rate_by_label() -> None:
    asked = rate(of.EXCHANGES, (names.OUTCOME,), {names.CALLER: "team-a"}, "5m")
    assert asked == 'sum by (handrail_outcome) (rate(handrail_exchanges_total{handrail_caller="team-a"}[5m]))'


def test_a_histogram_is_asked_for_how_often_how_much_and_its_quantiles() -> None:
    name = "http_server_request_duration_seconds"
    assert rate(of.REQUEST_DURATION, window="5m") == f"sum(rate({name}_count[5m]))"
    assert spent(of.REQUEST_DURATION, window="5m") == f"sum(rate({name}_sum[5m]))"
    assert increase(of.REQUEST_DURATION, window="5m") == f"sum(increase({name}_sum[5m]))"
    assert (
        quantile(0.5, of.REQUEST_DURATION, (names.HTTP_ROUTE,), window="5m")
        == f"histogram_quantile(0.5, sum by (le, http_route) (rate({name}_bucket[5m])))"
    )


@pytest.mark.parametrize(
    ("value", "condition"), [("a", '="a"'), ("!=a", '!="a"'), ("=~a|b", '=~"a|b"'), ("!=", '!=""')]
)
def test_a_label_must_be_or_not_be_or_match(value: str, condition: str) -> None:
    assert f"{{handrail_outcome{condition}}}" in rate(of.EXCHANGES, where={names.OUTCOME: value})


def test_what_happened_counts_from_the_first_time_on() -> None:
    name = "handrail_cost_unknown_total"
    assert happened(of.COST_UNKNOWN, (names.PROVIDER,), window="5m") == (
        f"(sum by (handrail_provider) (increase({name}[5m])) > 0) or (sum by (handrail_provider) "
        f"(({name} unless {name} offset 5m) and on (job, instance) (up offset 5m == 1)) > 0)"
    )


def test_gauges_add_up_or_are_the_worst() -> None:
    assert now(of.MEMORY) == "sum (process_memory_usage_bytes)"
    assert now(of.DATABASE_AWAY) == "max (handrail_records_database_away)"


def test_a_part_of_nothing_is_nothing_and_none_of_something_is_zero() -> None:
    assert part("a", "b") == "((a) or (b) * 0) / ((b) > 0)"
    assert top(3, "a") == "topk(3, a)"


def test_a_label_that_the_instrument_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"handrail\.exchanges has no label gen_ai\.request\.model"):
        rate(of.EXCHANGES, (names.GEN_AI_REQUEST_MODEL,))
    with pytest.raises(ValueError, match="has no label"):
        rate(of.EXCHANGES, where={names.PROVIDER: "a"})

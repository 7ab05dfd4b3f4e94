"""What tokens cost: laws of the arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Usage
from app.pricing.rates import Rates
from app.settings import PriceSettings

COUNTS = st.integers(0, 2**31)
MONEY = st.decimals(0, 1000, places=6)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Return counts that fit together."""
    fresh, cached, written, completion = (draw(COUNTS) for _ in range(4))
    return Usage(fresh + cached + written, completion, cached, None, written)


@st.composite
def rates(draw: st.DrawFn) -> Rates:
    prices = [draw(MONEY) for _ in range(4)]
    return Rates.per_million(
        input=prices[0], output=prices[1], cached=prices[2], cache_write=prices[3], request=draw(MONEY)
    )


def known(cost: Decimal | None) -> Decimal:
    assert cost is not None
    return cost


def test_a_cost_is_the_sum_of_what_each_sort_of_token_costs() -> None:
    price = Rates.per_million(
        input=Decimal(3), output=Decimal(15), cached=Decimal("0.3"), cache_write=Decimal("3.75")
    )
    usage = Usage(prompt_tokens=1000, completion_tokens=200, cached_tokens=600, cache_write_tokens=300)
    # 100 * 3 + 600 * 0.3 + 300 * 3.75 + 200 * 15 = 4605 for a million
    assert price.cost(usage) == Decimal("0.004605")


def test_a_tenth_of_a_dollar_in_the_configuration_is_a_tenth() -> None:
    price = Rates.configured(PriceSettings(input=0.1, output=0.2))
    assert price.cost(Usage(prompt_tokens=1_000_000, completion_tokens=1_000_000)) == Decimal("0.3")


def test_cached_tokens_without_a_price_of_their_own_cost_what_others_do() -> None:
    price = Rates.configured(PriceSettings(input=2, output=5))
    cached = Usage(prompt_tokens=10, completion_tokens=0, cached_tokens=4, cache_write_tokens=6)
    assert price.cost(cached) == price.cost(Usage(prompt_tokens=10, completion_tokens=0))


@given(rates(), usages(), COUNTS)
def test_more_tokens_of_any_sort_never_cost_less(price: Rates, usage: Usage, more: int) -> None:
    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
    cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
    least = known(price.cost(usage))
    assert known(price.cost(Usage(prompt + more, completion, cached, None, written))) >= least
    assert known(price.cost(Usage(prompt + more, completion, cached + more, None, written))) >= least
    assert known(price.cost(Usage(prompt + more, completion, cached, None, written + more))) >= least
    assert known(price.cost(Usage(prompt, completion + more, cached, None, written))) >= least


@given(rates(), usages(), usages())
def test_two_calls_cost_what_their_tokens_cost_together_and_one_call_more(
    price: Rates, one: Usage, other: Usage
) -> None:
    pairs = [
        (a or 0) + (b or 0)
        for a, b in (
            (one.prompt_tokens, other.prompt_tokens),
            (one.completion_tokens, other.completion_tokens),
            (one.cached_tokens, other.cached_tokens),
            (one.cache_write_tokens, other.cache_write_tokens),
        )
    ]
    together = Usage(pairs[0], pairs[1], pairs[2], None, pairs[3])
    apart = known(price.cost(one)) + known(price.cost(other))
    assert apart == known(price.cost(together)) + price.request


@given(rates(), *[st.none() | COUNTS] * 4)
def test_a_cost_is_unknown_where_counts_are_missing_or_contradict_each_other(
    price: Rates, prompt: int | None, completion: int | None, cached: int | None, written: int | None
) -> None:
    cost = price.cost(Usage(prompt, completion, cached, None, written))
    is_unknown = prompt is None or completion is None or (cached or 0) + (written or 0) > prompt
    assert (cost is None) == is_unknown


@pytest.mark.parametrize(
    ("prompt", "cost"), [(200, "0.0002"), (201, "0.000402"), (500, "0.001"), (501, "0.001503")]
)
def test_beyond_a_tier_all_tokens_cost_what_it_says(prompt: int, cost: str) -> None:
    def flat(price: int) -> Rates:
        return Rates.per_million(input=Decimal(price), output=Decimal(0))

    price = Rates.per_million(input=Decimal(1), output=Decimal(0), tiers=((500, flat(3)), (200, flat(2))))
    assert price.cost(Usage(prompt_tokens=prompt, completion_tokens=9)) == Decimal(cost)

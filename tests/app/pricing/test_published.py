"""Published prices: the same as their package's own total, for every model it has."""

from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.catalogue import Catalogue
from app.domain.exchange import Usage
from app.pricing.published import PublishedPrice, find, is_known, rates_of

NOW_NS = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp()) * 10**9
PROVIDERS = get_snapshot().providers
MODELS = [(provider, model) for provider in PROVIDERS for model in provider.models]
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
COUNTS = st.integers(0, 3_000_000)
TIERS = st.sampled_from([None, "default", "priority", "flex", "fast", "a-tier-of-tomorrow"])


def total(
    provider: Provider, model: ModelInfo, usage: Usage, moment: datetime, tier: str | None
) -> Decimal | None:
    """Return what the package says, None where its price list lacks a price for tokens."""
    context = {"service_tier": tier} if tier else None
    prices = model.get_prices(moment, context)
    if prices.input_mtok is None or prices.output_mtok is None:
        return None
    counted = genai_prices.Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    result = model.calc_price(counted, provider, genai_request_timestamp=moment, price_context=context)
    return result.total_price


@given(st.sampled_from(MODELS), COUNTS, COUNTS, COUNTS, COUNTS, MOMENTS, TIERS)
def test_a_cost_is_the_package_s_own_total(
    entry: tuple[Provider, ModelInfo],
    fresh: int,
    cached: int,
    written: int,
    completion: int,
    moment: datetime,
    tier: str | None,
) -> None:
    provider, model = entry
    usage = Usage(fresh + cached + written, completion, cached, None, written)
    rates = PublishedPrice(model, tier).rates(int(moment.timestamp()) * 1_000_000_000)
    cost = None if rates is None else rates.cost(usage)
    assert cost == total(provider, model, usage, moment, tier)


def test_every_price_list_becomes_the_package_s_own_total_on_both_sides_of_its_tiers() -> None:
    lists = 0
    for provider, model in MODELS:
        conditional = [model.prices] if isinstance(model.prices, ModelPrice) else model.prices
        for one in conditional:
            prices = one if isinstance(one, ModelPrice) else one.prices
            rates = rates_of(prices)
            if rates is None:
                continue
            lists += 1
            for prompt in (1, 1000, *(start + more for start, _ in rates.tiers for more in (0, 1))):
                usage = genai_prices.Usage(input_tokens=prompt, output_tokens=7)
                assert rates.cost(Usage(prompt, 7)) == prices.calc_price(usage)["total_price"], (
                    provider.id,
                    model.id,
                )
    assert lists > 2000


def test_a_price_that_is_not_stated_is_unknown_and_not_0() -> None:
    assert rates_of(ModelPrice()) is None
    assert rates_of(ModelPrice(input_mtok=Decimal(1))) is None
    free = rates_of(ModelPrice(input_mtok=Decimal(0), output_mtok=Decimal(0)))
    assert free is not None
    assert free.cost(Usage(1, 1)) == 0


@pytest.mark.parametrize(
    ("vendor", "model"),
    [
        ("openai", "gpt-4o-2024-08-06"),
        ("anthropic", "claude-sonnet-4-5-20250929"),
        ("google", "gemini-2.5-pro"),
        ("google", "models/gemini-2.5-pro"),
        ("google", "google/gemini-2.5-pro"),
        ("google", "claude-sonnet-4-5@20250929"),
        ("aws", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("azure", "gpt-4o"),
        ("mistral", "mistral-large-latest"),
        ("groq", "llama-3.3-70b-versatile"),
    ],
)
def test_models_in_use_have_a_price(vendor: str, model: str) -> None:
    price = find(vendor, model)
    assert price is not None
    rates = price.rates(NOW_NS)
    assert rates is not None
    assert rates.input > 0


def test_a_vendor_has_no_tiers_of_another_one_s_model() -> None:
    borrowed = "gpt-5.6-sol"
    assert not any(model.is_match(borrowed) for model in next(p for p in PROVIDERS if p.id == "azure").models)
    at_azure, here = find("azure", borrowed, "priority"), find("openai", borrowed, "priority")
    assert at_azure is not None
    assert here is not None
    standard = find("openai", borrowed)
    assert standard is not None
    assert at_azure.rates(NOW_NS) == standard.rates(NOW_NS) != here.rates(NOW_NS)


def test_nobody_is_taken_for_somebody_else() -> None:
    assert find("openai", "no-such-model") is None
    assert find("llama.cpp", "gpt-4o") is None
    assert is_known("openai")
    assert not is_known("llama.cpp")


def test_a_price_changes_in_its_minute() -> None:
    dated = next(
        (model, condition.constraint.start_date)
        for _, model in MODELS
        if isinstance(model.prices, list)
        for condition in model.prices[1:]
        if condition.constraint is not None
        and hasattr(condition.constraint, "start_date")
        and rates_of(condition.prices) != rates_of(model.prices[0].prices)
    )
    model, day = dated
    midnight_ns = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9
    price = PublishedPrice(model, None)
    before, after = price.rates(midnight_ns - 1), price.rates(midnight_ns)
    assert before != after
    assert price.rates(midnight_ns - 1) == before


@pytest.mark.parametrize("kind", Catalogue.load().kinds())
def test_the_catalogue_names_vendors_as_the_package_does(kind: str) -> None:
    row = Catalogue.load().row(kind)
    assert row is not None
    assert row.pricing_name is None or is_known(row.pricing_name)

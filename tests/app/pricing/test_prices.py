"""Which prices are those of a call."""

from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Attempt, Usage
from app.pricing.prices import Prices
from app.settings import PriceSettings
from tests.exchanges import STARTED_NS, attempt

USAGE = Usage(prompt_tokens=1_000_000, completion_tokens=0)
VENDORS = {"openai": "openai", "azure": "azure", "bedrock": "aws", "router": "openrouter", "local": None}


def asked(model: str, answered: str | None = None, *, slug: str = "openai", usage: Usage = USAGE) -> Attempt:
    return attempt(provider=slug, model=model, response_model=answered, usage=usage)


def one_million(price: float) -> PriceSettings:
    return PriceSettings(input=price, output=0)


def published(vendor: str, model: str) -> Decimal:
    usage = genai_prices.Usage(input_tokens=1_000_000, output_tokens=0)
    return genai_prices.calc_price(usage, model, provider_id=vendor).total_price


def test_what_a_vendor_publishes_is_the_price() -> None:
    assert Prices({}, VENDORS).cost(asked("gpt-4o")) == published("openai", "gpt-4o") > 0


@pytest.mark.parametrize(
    ("own", "price"),
    [
        ({"gpt-4o": 7, "*": 8}, 7),
        ({"*": 8, "gpt-4o": 7}, 7),
        ({"gpt-4o": 7, "@openai/gpt-4o": 6}, 6),
        ({"@openai/*": 5, "gpt-*": 4}, 5),
        ({"gpt-*": 4, "@openai/*": 5}, 4),
        ({"@*/gpt-4o": 3}, 3),
        ({"gpt-4o-2024-08-06": 2}, 2),
        ({"gpt-4o-2024*": 2}, 2),
        ({"g*4*-08-*": 1}, 1),
        ({"gpt-4o": 0}, 0),
    ],
)
def test_the_operator_s_prices_go_first(own: dict[str, float], price: int) -> None:
    prices = Prices({name: one_million(one) for name, one in own.items()}, VENDORS)
    assert prices.cost(asked("gpt-4o", "gpt-4o-2024-08-06")) == price


@pytest.mark.parametrize("name", ["gpt-4", "GPT-4O", "@azure/*", "*gpt-4", "gpt?4o", "gpt-4[o]"])
def test_a_name_that_does_not_match_changes_nothing(name: str) -> None:
    prices = Prices({name: one_million(99)}, VENDORS)
    assert prices.cost(asked("gpt-4o")) == published("openai", "gpt-4o")


@pytest.mark.parametrize("name", ["a[b]c?*", "a[b]*"])
def test_only_a_star_is_special(name: str) -> None:
    prices = Prices({name: one_million(9)}, VENDORS)
    assert prices.cost(asked("a[b]c?d")) == 9
    assert prices.cost(asked("abcxd")) is None


def test_the_name_an_answer_bears_is_the_more_exact() -> None:
    prices = Prices({}, VENDORS)
    assert prices.cost(asked("my-deployment", "gpt-4o-mini", slug="azure")) == published(
        "azure", "gpt-4o-mini"
    )
    old = prices.cost(asked("gpt-4o", "gpt-4o-2024-05-13"))
    assert old == published("openai", "gpt-4o-2024-05-13") != published("openai", "gpt-4o")


def test_a_name_that_contains_the_answer_s_is_more_exact_than_that() -> None:
    names = "global.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"
    cost = Prices({}, VENDORS).cost(asked(*names, slug="bedrock"))
    assert cost == published("aws", names[0]) != published("aws", names[1])


def test_a_name_of_any_length_is_not_kept() -> None:
    prices = Prices({"*": one_million(1)}, VENDORS)
    for number in range(3):
        prices.cost(asked("gpt-4o", f"{number}" * 1000))
    assert prices._find.cache_info().currsize == 1


def test_where_one_name_is_unknown_the_other_serves() -> None:
    assert Prices({}, VENDORS).cost(asked("gpt-4o", "who-knows")) == published("openai", "gpt-4o")


def test_a_model_that_is_free_has_no_price_and_not_its_paid_twin_s() -> None:
    free = "meta-llama/llama-3.3-70b-instruct:free"
    assert Prices({}, VENDORS).cost(asked(free, free.removesuffix(":free"), slug="router")) is None


def test_a_base_model_says_what_a_deployment_is() -> None:
    prices = Prices({}, VENDORS, {"azure": {"fast": "gpt-4o-mini"}})
    assert prices.cost(asked("fast", "whatever", slug="azure")) == published("azure", "gpt-4o-mini")
    assert prices.cost(asked("slow", slug="azure")) is None


@pytest.mark.parametrize(
    "unknown",
    [
        asked("gpt-4o", slug="local"),
        asked("gpt-4o", slug="nobody"),
        asked("no-such-model"),
        asked("x" * 100_000),
        asked("gpt-4o", usage=Usage()),
        asked("gpt-4o", usage=Usage(prompt_tokens=1)),
        asked("gpt-4o", usage=Usage(completion_tokens=1)),
        asked("gpt-4o", usage=Usage(prompt_tokens=1, completion_tokens=1, cached_tokens=2)),
    ],
)
def test_what_is_not_known_costs_none_and_not_0(unknown: Attempt) -> None:
    assert Prices({}, VENDORS).cost(unknown) is None


def test_a_local_model_costs_what_the_operator_says() -> None:
    prices = Prices({"@local/*": one_million(0.25)}, VENDORS)
    assert prices.cost(asked("llama", slug="local")) == Decimal("0.25")


def test_a_call_served_in_another_tier_has_its_price() -> None:
    prices = Prices({}, VENDORS)
    normal, flex, priority = (
        prices.cost(attempt(model="gpt-5", response_model=None, usage=USAGE, service_tier=tier))
        for tier in ("default", "flex", "priority")
    )
    assert normal is not None
    assert flex is not None
    assert priority is not None
    assert flex < normal < priority


def test_prices_can_be_loaded_before_they_are_asked_for() -> None:
    prices = Prices({}, VENDORS)
    prices.load()
    assert prices.cost(asked("gpt-4o")) is not None


@given(st.text(), st.none() | st.text(), st.sampled_from([*VENDORS, "nobody"]), st.text())
def test_no_name_is_too_strange(model: str, answered: str | None, slug: str, pattern: str) -> None:
    prices = Prices({pattern: one_million(1), "*a*b*": one_million(1)}, VENDORS)
    whole = attempt(provider=slug, model=model, response_model=answered, usage=USAGE, started_ns=STARTED_NS)
    cost = prices.cost(whole)
    assert cost is None or cost >= 0

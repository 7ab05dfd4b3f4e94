"""Prices that vendors publish, out of genai-prices (MIT; its data are in its wheel, it asks no network).

Its own `calc_price` takes 100 us and more a call, as it derives from the units of a price list anew what is
part of what. Here a price list becomes `Rates` once; a test holds both against each other for every model.
Its look-up of a model costs as much and forgets misses; whoever asks here remembers (`prices.py`).

A list without a price for input or for output tokens gives no rates, where the package says 0: models priced
by the hour or the page, and those that are free today, whose price is merely not stated. What is not in
OpenAI's usage object is not in the cost: searches, citations, audio and images at a price of their own.
"""

import functools
from datetime import UTC, datetime
from decimal import Decimal

from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

from app.pricing.rates import Rates

_NS_A_MINUTE = 60_000_000_000
_KEYS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "requests_kcount")
_PATHS = {"google": ("models/", "google/", "publishers/google/models/")}
"""How a vendor's own models are also called: Gemini's resource names, Vertex AI's OpenAI-compatible API and
its resource names (ai.google.dev/api/models, cloud.google.com/vertex-ai/generative-ai/docs, 2026-11)."""
_REMEMBERED_MINUTES = 4
"""Of a model whose price depends on the time: calls end minutes after they began."""


class PublishedPrice:
    """The price list of a model at a vendor, at whatever time.

    Args:
        model: the package's entry.
        tier: in which a call was served, where the vendor has prices for several; None: the standard one.
    """

    def __init__(self, model: ModelInfo, tier: str | None) -> None:
        self._model = model
        self._context = {"service_tier": tier} if tier is not None and model.price_variants else None
        self._always: Rates | None = None
        self._depends_on_time = True
        if isinstance(model.prices, ModelPrice) and self._context is None:
            self._always = rates_of(model.prices)
            self._depends_on_time = False
        self._in_minute = functools.lru_cache(maxsize=_REMEMBERED_MINUTES)(self._look_up)

    def rates(self, at_ns: int) -> Rates | None:
        """Return what it said in the minute of this moment, None where it states no price."""
        return self._in_minute(at_ns // _NS_A_MINUTE) if self._depends_on_time else self._always

    def _look_up(self, minute: int) -> Rates | None:
        moment = datetime.fromtimestamp(minute * 60, UTC)
        return rates_of(self._model.get_prices(moment, self._context))


def find(vendor: str, model: str, tier: str | None = None) -> PublishedPrice | None:
    """Return the price list of a model, None where the package knows the vendor or the model not.

    Args:
        vendor: the package's id: `openai`, `aws`.
        model: as it is asked for, or as it calls itself.
        tier: in which a call was served: OpenAI's `service_tier`.
    """
    providers = get_snapshot().providers
    provider = _provider(vendor)
    for path in _PATHS.get(vendor, ()):
        model = model.removeprefix(path)
    found = None if provider is None else provider.find_model(model, all_providers=providers)
    if provider is None or found is None:
        return None
    # Of another vendor's model that it offers, a vendor's tiers are its own affair; the package says so, too.
    is_its_own = any(found is one for one in provider.models)
    return PublishedPrice(found, tier if is_its_own else None)


def is_known(vendor: str) -> bool:
    """Return whether the package has prices of a vendor. The first call loads them."""
    return _provider(vendor) is not None


def rates_of(prices: ModelPrice) -> Rates | None:
    """Return the rates of a price list; None where it has no price for input or for output tokens."""
    stated: dict[str, Decimal | TieredPrices] = {
        key: value for key in _KEYS if (value := prices.__dict__.get(key)) is not None
    }
    if "input_mtok" not in stated or "output_mtok" not in stated:
        return None
    starts = {
        tier.start for value in stated.values() if isinstance(value, TieredPrices) for tier in value.tiers
    }
    tiers = tuple((start, _rates(stated, start + 1)) for start in sorted(starts, reverse=True))
    return _rates(stated, 0, tiers)


def _rates(
    stated: dict[str, Decimal | TieredPrices], input_tokens: int, tiers: tuple[tuple[int, Rates], ...] = ()
) -> Rates:
    flat = {key: _price(value, input_tokens) for key, value in stated.items()}
    requests = flat.get("requests_kcount")
    return Rates.per_million(
        input=flat["input_mtok"],
        output=flat["output_mtok"],
        cached=flat.get("cache_read_mtok"),
        cache_write=flat.get("cache_write_mtok"),
        request=None if requests is None else requests / 1000,
        tiers=tiers,
    )


def _price(price: Decimal | TieredPrices, input_tokens: int) -> Decimal:
    if not isinstance(price, TieredPrices):
        return price
    passed = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return passed[-1] if passed else price.base


def _provider(vendor: str) -> Provider | None:
    return find_provider_by_id(get_snapshot().providers, vendor)

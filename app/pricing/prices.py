"""Which prices are those of a call: the operator's own first, then what its vendor publishes.

The operator's stand in `handrail.yaml` under `prices`, by the name of a model or `@slug/` and the name of a
model, `*` standing for any characters. An exact name goes before one with a star, and of those the first in
the file. Nothing else gives a price to a provider that the package does not know: what runs on one's own
machines costs, but nobody else can say what.

Two names can be asked about: the one that was sent and the one that the answer bears. An answer's usually is
the more exact (`gpt-4o-2024-08-06` for `gpt-4o`, a model for a deployment's name), so it is looked up first;
but where the one sent contains it (`eu.anthropic.claude-...`: a region with a price of its own), that one is.
The other serves where the first is not known. What a configured `base_models` says of a name goes before
both.
"""

import fnmatch
import functools
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from app.configuration.reader import Configuration
from app.domain.exchange import Attempt
from app.pricing import published
from app.pricing.published import PublishedPrice
from app.pricing.rates import Rates
from app.settings import PriceSettings

_MAX_NAME = 256
"""Characters of a model's name; no longer one is known to anybody."""
_REMEMBERED = 2048
"""Of models, known or not: looking for one takes up to a millisecond, and names come from callers."""
_NONE: Mapping[str, Mapping[str, str]] = MappingProxyType({})


def prices_of(configuration: Configuration) -> "Prices":
    """Return what calls cost: a provider's published prices are those of its kind, wherever it is."""
    settings, catalogue = configuration.settings, configuration.catalogue
    rows = {slug: catalogue.row(one.kind) for slug, one in settings.providers.items()}
    return Prices(
        settings.prices,
        {slug: row.pricing_name for slug, row in rows.items() if row is not None},
        {slug: one.base_models for slug, one in settings.providers.items()},
    )


class Prices:
    """What attempts cost; an `app.domain.ports.Prices`.

    Args:
        own: prices of the configuration, in its order.
        vendors: under which id the package knows a provider, by slug; None or absent: it does not.
        base_models: by slug, what model stands behind a name.
    """

    def __init__(
        self,
        own: Mapping[str, PriceSettings],
        vendors: Mapping[str, str | None],
        base_models: Mapping[str, Mapping[str, str]] = _NONE,
    ) -> None:
        self._exact = {name: Rates.configured(one) for name, one in own.items() if "*" not in name}
        self._patterns = [(_pattern(name), Rates.configured(one)) for name, one in own.items() if "*" in name]
        self._vendors = vendors
        self._base_models = base_models
        self._find = functools.lru_cache(maxsize=_REMEMBERED)(self._look_up)

    def load(self) -> None:
        """Load the published prices, if one of the providers has some. Takes half a second; once."""
        for vendor in self._vendors.values():
            if vendor is not None:
                published.is_known(vendor)

    def cost(self, attempt: Attempt) -> Decimal | None:
        """Return what an attempt cost in USD, None where its tokens or their price are not known."""
        if attempt.usage.prompt_tokens is None:
            return None
        # What nobody knows is not remembered either: these are others' texts, of any length.
        answered, tier = _bounded(attempt.response_model), _bounded(attempt.service_tier)
        asked = _bounded(attempt.model) or ""
        price = self._find(attempt.provider, asked, answered, tier)
        rates = price.rates(attempt.started_ns) if isinstance(price, PublishedPrice) else price
        return None if rates is None else rates.cost(attempt.usage)

    def _look_up(
        self, slug: str, asked: str, answered: str | None, tier: str | None
    ) -> Rates | PublishedPrice | None:
        base = self._base_models.get(slug, {}).get(asked)
        names = list(_by_exactness(base, asked, answered))
        return self._own(slug, names) or self._published(slug, names, tier)

    def _own(self, slug: str, models: list[str]) -> Rates | None:
        names = [name for model in models for name in (f"@{slug}/{model}", model)]
        for name in names:
            if name in self._exact:
                return self._exact[name]
        for pattern, rates in self._patterns:
            if any(pattern.match(name) for name in names):
                return rates
        return None

    def _published(self, slug: str, models: list[str], tier: str | None) -> PublishedPrice | None:
        vendor = self._vendors.get(slug)
        if vendor is None:
            return None
        found = (published.find(vendor, model, tier) for model in models)
        return next((price for price in found if price is not None), None)


def _bounded(name: str | None) -> str | None:
    return name if name is not None and len(name) <= _MAX_NAME else None


def _by_exactness(base: str | None, asked: str, answered: str | None) -> Iterator[str]:
    if base:
        yield base
    named = [name for name in (answered, asked) if name]
    yield from reversed(named) if answered and answered in asked else named


def _pattern(name: str) -> re.Pattern[str]:
    """Return what matches a name in which only `*` is special. Takes time by length times length at most."""
    literal = re.sub(r"[\[?]", r"[\g<0>]", name)
    return re.compile(fnmatch.translate(literal))

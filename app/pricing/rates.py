"""The prices of one model, and what a call costs by them. Pure.

Decided here:

- Money is `Decimal`, in USD: prices are given in decimal, and sums of many small costs stay what they are.
- What is not known is None, never 0. Counts that contradict each other (more cached than there were) are
  not known either: which of them is wrong, nobody can say.
- A price that is not stated for tokens read from or written to a cache is the one of other input, as
  providers bill it that give no discount. A cache's count that is not reported is 0.
- Tiers are cliffs: beyond a number of input tokens all tokens cost what the tier says, as vendors publish
  them.
- Of the two prices that some have for writing to a cache, by how long it keeps, the shorter one's is taken:
  OpenAI's usage object has one count for both.
"""

from decimal import Decimal
from typing import Self

import msgspec

from app.domain.exchange import Usage
from app.settings import PriceSettings

_MILLION = -6
"""Prices are given for a million tokens."""


class Rates(msgspec.Struct, frozen=True):
    """USD for one token of each sort."""

    input: Decimal
    output: Decimal
    cached: Decimal
    cache_write: Decimal
    request: Decimal = Decimal()
    """USD for the call itself."""
    tiers: tuple[tuple[int, "Rates"], ...] = ()
    """Beyond how many input tokens which other rates hold, the highest number first."""

    @classmethod
    def per_million(  # noqa: PLR0913 (what is priced)
        cls,
        *,
        input: Decimal,  # noqa: A002 (as everybody calls it)
        output: Decimal,
        cached: Decimal | None = None,
        cache_write: Decimal | None = None,
        request: Decimal | None = None,
        tiers: tuple[tuple[int, "Rates"], ...] = (),
    ) -> Self:
        """Return the rates of a price list in USD for a million tokens, and for one request."""
        return cls(
            input=input.scaleb(_MILLION),
            output=output.scaleb(_MILLION),
            cached=(input if cached is None else cached).scaleb(_MILLION),
            cache_write=(input if cache_write is None else cache_write).scaleb(_MILLION),
            request=request or Decimal(),
            tiers=tiers,
        )

    @classmethod
    def configured(cls, settings: PriceSettings) -> Self:
        """Return the rates of a price in the configuration: 0.1 there is a tenth, not the float beside it."""
        cached, cache_write = settings.cached, settings.cache_write
        return cls.per_million(
            input=_decimal(settings.input),
            output=_decimal(settings.output),
            cached=None if cached is None else _decimal(cached),
            cache_write=None if cache_write is None else _decimal(cache_write),
        )

    def cost(self, usage: Usage) -> Decimal | None:
        """Return what these tokens cost in USD, None where their numbers are not known."""
        prompt, completion = usage.prompt_tokens, usage.completion_tokens
        if prompt is None or completion is None:
            return None
        cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        fresh = prompt - cached - written
        if fresh < 0:
            return None
        rates = self
        for above, tier in self.tiers:
            if prompt > above:
                rates = tier
                break
        return (
            fresh * rates.input
            + cached * rates.cached
            + written * rates.cache_write
            + completion * rates.output
            + rates.request
        )


def _decimal(number: float) -> Decimal:
    return Decimal(repr(number))

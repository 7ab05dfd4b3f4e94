"""What every remote check can be told, whatever it asks: patience, bounds, memory, breaker.

    moderation:
      url: https://api.openai.com/v1
      api_key: ${OPENAI_API_KEY}
      timeout_ms: 800          # unless given, the guardrail's
      concurrency: 16
      cache_ttl_s: 300
      breaker: {failures: 5, open_s: 5}

A check's own configuration extends `RemoteSettings`, or `ServiceSettings` if it asks an address.
"""

from typing import Annotated

import msgspec


class BreakerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a service that fails is left alone; see `guardrails/remote/breaker.py`."""

    failures: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 5
    """So many one after the other open it."""
    open_s: Annotated[float, msgspec.Meta(gt=0, le=3_600)] = 5.0
    """For so long; then one question is let through to see."""


class RemoteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of every remote check."""

    timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 1_000
    """For one question, from when it is sent. Configuration fills in the guardrail's."""
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=1_024)] = 16
    """Questions in flight, of all exchanges together."""
    cache_ttl_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 300.0
    """How long an answer is remembered; 0: not at all."""
    cache_entries: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10_000
    breaker: BreakerSettings | None = BreakerSettings()
    """None: every question is asked."""


class ServiceSettings(RemoteSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a remote check that asks an address. `guardrails/remote/endpoint.py` reads what is here."""

    url: str
    """The operator's own choice; it may be private."""
    api_key: str | None = None
    headers: dict[str, str] = {}
    """Of every request; they win over what `api_key` becomes."""

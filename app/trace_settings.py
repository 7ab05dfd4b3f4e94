"""Which traces are exported beside those that the sampler chose: the section `traces` of `app/settings.py`.

Where they go and how many are sampled, the `OTEL_*` variables say.
"""

from typing import Annotated

import msgspec

from telemetry.keeping import KeepReason


class TraceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is kept of that which the sampler, or the caller, left out."""

    keep: tuple[KeepReason, ...] = ()
    """`blocked`: by a guardrail. `failed`: without an answer by a provider's fault or ours. `slow`: see
    `slow_ms`."""
    slow_ms: Annotated[int, msgspec.Meta(ge=1, le=3_600_000)] = 5_000
    """From the caller's first byte to our last."""

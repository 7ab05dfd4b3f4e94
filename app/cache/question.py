"""What the cache is asked, and how it is to be used for it."""

from typing import Any, Literal

import msgspec

from app.cache.key import Scope

DEFAULT_MAX_AGE_S = 7 * 86_400.0
LONGEST_MAX_AGE_S = 90 * 86_400.0
"""Portkey's hosted default and longest `max_age` (documentation, 2026-08); more is read as the longest. Its
shortest of 60 s is no rule here: who asks for less gets less."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    scope: Scope
    document: dict[str, Any]
    """The request as it will be sent: redacted, with the config's parameters. It stays as it is."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How the cache is to be used for one request."""

    mode: Literal["simple", "semantic"] = "simple"
    max_age_s: float | None = None
    """How old an answer may be that is given, and how long this one is kept; None: seven days."""
    threshold: float | None = None
    """Least cosine of a semantic hit; None: the cache's."""
    refresh: bool = False
    """Whether to ask in any case; the answer replaces the one that is kept."""

    @property
    def age_s(self) -> float:
        """The bound that holds."""
        wanted_s = DEFAULT_MAX_AGE_S if self.max_age_s is None else self.max_age_s
        return min(wanted_s, LONGEST_MAX_AGE_S)

"""The way of one request: which target is tried next, and what became of the one before.

A way without a config has one hop. One with a config runs its plan (`app/routing/planner.py`), remembers how
its targets do, and says in the end how often it tried.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from app.domain.errors import InvalidRequest
from app.routing.config import Cache
from app.routing.health import MemoryHealth
from app.routing.hooks import NodeGuards
from app.routing.outcome import Outcome
from app.routing.params import Params
from app.routing.planner import Ending, Step, Steps
from app.routing.resolve import Target

CONFIG_HEADER = "x-portkey-config"


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to make."""

    target: Target
    params: Params = Params()
    guards: tuple[NodeGuards, ...] = ()
    """Guardrails of the nodes on the way, from the root down."""
    is_callers: bool = False
    """Whether the caller wrote the config, so that what it adds to the request must be screened."""
    wait_s: float = 0.0
    timeout_s: float | None = None
    """Until the first byte; None: the provider's own."""
    strict: bool | None = None
    """None: as the caller wants it."""
    cache: Cache | None = None
    """Whether its answer may come from the cache, and how."""
    forward_headers: tuple[str, ...] = ()
    """Names of the caller's headers that the provider gets too."""
    path: str = "config"
    """Portkey's option index."""
    attempt: int = 1
    """At this target."""


class Route(Protocol):
    """The way of one request: ask for the `next` hop, and say what became of the one before."""

    hop: Hop | None
    """The last one."""
    retries: int
    """At the last target; -1: those it was granted were used up."""
    is_certain: bool
    """Whether nothing but the request decides which target comes first, as long as all are well."""

    def next(self, outcome: Outcome | None = None, seconds: float | None = None) -> Hop | None:
        """Return what to try next; None: the last outcome stands.

        Args:
            outcome: of the hop before; None: there was none.
            seconds: until its answer began; None: it never did.

        Raises:
            InvalidRequest: there is nowhere to go: no condition of the config holds.
            UnknownModel: the model is none that a target knows.
        """


class OneWay:
    """The way of a request without a config.

    Args:
        hop: the only one.
    """

    __slots__ = ("_only", "hop", "is_certain", "retries")

    def __init__(self, hop: Hop) -> None:
        self.hop: Hop | None = None
        self.retries = 0
        self.is_certain = True
        self._only = hop

    def next(self, outcome: Outcome | None = None, seconds: float | None = None) -> Hop | None:  # noqa: ARG002 (as any way)
        """Return the hop, once."""
        if self.hop is not None:
            return None
        self.hop = self._only
        return self.hop


class PlannedWay:
    """The way of a request through a config.

    Args:
        plan: of the config.
        health: what is remembered of its targets.
        hop_of: turns a step into a hop.
        is_certain: see `Route.is_certain`.
    """

    __slots__ = ("_health", "_hop_of", "_plan", "_step", "hop", "is_certain", "retries")

    def __init__(
        self, plan: Steps, health: MemoryHealth, hop_of: Callable[[Step], Hop], *, is_certain: bool = False
    ) -> None:
        self.hop: Hop | None = None
        self.retries = 0
        self.is_certain = is_certain
        self._plan = plan
        self._health = health
        self._hop_of = hop_of
        self._step: Step | None = None

    def next(self, outcome: Outcome | None = None, seconds: float | None = None) -> Hop | None:
        """See `Route.next`."""
        try:
            if outcome is None or self._step is None:
                self._step = next(self._plan)
            else:
                self._health.record(self._step.leaf, outcome, seconds)
                self._step = self._plan.send(outcome)
        except StopIteration as stop:
            self._end(stop.value)
            return None
        step = self._step
        self.retries = step.attempt - 1
        if self.hop is None or step.attempt == 1:
            self.hop = self._hop_of(step)
        else:  # a retry goes where the attempt before it went
            self.hop = msgspec.structs.replace(self.hop, wait_s=step.wait_s, attempt=step.attempt)
        return self.hop

    def _end(self, ending: Ending) -> None:
        self.retries = ending.retries
        if ending.step is None:
            raise InvalidRequest(
                "No condition of the config holds for this request, and it has no default.",
                param=CONFIG_HEADER,
                code="no_condition_matched",
            )

"""A routing config: Portkey's JSON object, typed. Saved configs and those a caller sends are one schema.

A config is a tree. A node either has a strategy and targets, which are nodes again, or is a target that a
request can be sent to. Here stands what each node says itself; what it inherits is worked out in
`app/routing/tree.py`, how JSON becomes this in `app/routing/config_reader.py`.
"""

import enum
from collections.abc import Mapping
from typing import Any

import msgspec

from app.routing.conditions import Operand, Query
from app.routing.params import DropPath
from app.secret import Secret

Guard = str | Mapping[str, Any]
"""A guardrail by its name, or one written out in Portkey's form, as it came."""


class Mode(enum.StrEnum):
    """How a node chooses among its targets."""

    SINGLE = "single"
    """The first."""
    FALLBACK = "fallback"
    """One after another, until one does not fail."""
    LOADBALANCE = "loadbalance"
    """One, drawn by weight, or by who asks where it is sticky."""
    CONDITIONAL = "conditional"
    """The one whose condition holds first."""
    LEAST_LATENCY = "least_latency"
    """The one that lately answered fastest. Handrail's own; Portkey has no such mode."""


class Sticky(msgspec.Struct, frozen=True):
    """Portkey's `sticky`: requests that are alike in these places go to the same target."""

    fields: tuple[Operand, ...]
    ttl_s: float = 3_600.0
    """After which another target may be chosen (Portkey's default, docs of 2026-08). We hash instead of
    remembering, so none need be, and a target is kept for as long as the config stays as it is."""


class Condition(msgspec.Struct, frozen=True):
    """One rule of a conditional strategy."""

    query: Query
    then: str
    """Name of the target."""


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """Portkey's `cb_config`: when a target that fails is left alone for a while."""

    failure_threshold: int | None = None
    """Failures that open it."""
    failure_percentage: float | None = None
    """Percentage of failures that opens it, once there were enough requests."""
    minimum_requests: int = 10
    """Before a percentage means anything. Portkey names no default; with 1, the first failure is 100 %."""
    cooldown_s: float = 30.0
    """How long it stays open, and how long failures are remembered. 30 s is the least that Portkey allows;
    less is raised to it, as there."""
    failure_status_codes: frozenset[int] | None = None
    """What counts as a failure; None: all above 500 (Portkey's default, so 500 itself is none)."""


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """How a node chooses among its targets, and when it tries another."""

    mode: Mode
    on_status_codes: frozenset[int] | None = None
    """Of a fallback: what makes it try the next; None: everything but 2xx. An empty set: nothing."""
    sticky: Sticky | None = None
    conditions: tuple[Condition, ...] = ()
    default: str | None = None
    """Name of the target where no condition holds."""


class Retry(msgspec.Struct, frozen=True):
    """How often the same target is asked again."""

    attempts: int
    """After the first one; at most 5, and more is read as 5 (Portkey documents this maximum)."""
    on_status_codes: frozenset[int] | None = None
    """None: `app.routing.retry.RETRIED`. An empty set: only if it could not be reached."""
    use_retry_after: bool = False
    """Whether to wait as long as the provider asks."""


class Cache(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an answer may come from the cache."""

    mode: str
    """`simple` for the same request, `semantic` for one that means the same."""
    max_age_s: float | None = None
    threshold: float | None = None
    """Handrail's own: how alike, from 0 to 1, a semantic hit must be."""
    namespace: str | None = None
    """Handrail's own: answers are shared within it only; `x-portkey-cache-namespace` in a config."""


class Credentials(msgspec.Struct, frozen=True):
    """What would let a caller choose where a request goes and as whom.

    Whether a caller may is not decided here.
    """

    api_key: Secret | None = None
    custom_host: str | None = None
    cloud: Mapping[str, Secret] = {}
    """Keys of Azure, AWS, Google and others by Portkey's names: `aws_region`. JSON where it is no string."""


class Guards(msgspec.Struct, frozen=True):
    """Guardrails that a node adds, as they came."""

    input_guardrails: tuple[Guard, ...] = ()
    output_guardrails: tuple[Guard, ...] = ()
    before_request_hooks: tuple[Guard, ...] = ()
    after_request_hooks: tuple[Guard, ...] = ()
    input_mutators: tuple[Guard, ...] = ()
    output_mutators: tuple[Guard, ...] = ()


class ProviderName(msgspec.Struct, frozen=True):
    """A provider as a config names it."""

    name: str
    is_slug: bool
    """Whether `@` or `virtual_key` says that a configured provider is meant; else it may be a kind too."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A node: the root of a config or one of its targets."""

    path: str
    """Where it stands: `config.targets[1]`. Portkey's option index."""
    name: str | None = None
    weight: float = 1.0
    """Share of a load balance; 0: never."""
    strategy: Strategy | None = None
    """None: this is a target."""
    targets: tuple["Config", ...] = ()
    provider: ProviderName | None = None
    """None: as the request says."""
    credentials: Credentials = Credentials()
    override_params: Mapping[str, Any] = {}
    """Parameters that replace the caller's."""
    default_params: Mapping[str, Any] = {}
    """Parameters where the caller gives none."""
    drop_params: tuple[DropPath, ...] = ()
    """What is not sent, whoever gave it."""
    retry: Retry | None = None
    request_timeout_s: float | None = None
    cache: Cache | None = None
    breaker: Breaker | None = None
    guards: Guards = Guards()
    strict: bool | None = None
    """`strict_open_ai_compliance`."""
    forward_headers: tuple[str, ...] | None = None
    """Names of request headers for the provider, in lower case."""

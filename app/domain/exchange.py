"""An exchange as it will stand on record.

One completion, or vectors of some texts, from the caller's first byte to our last.
"""

import enum
from decimal import Decimal
from typing import Any

import msgspec

from app.domain.content import Content
from app.domain.operation import Operation
from app.domain.proxying import ProxyGrant
from guardrails import Coverage, Verdict


class Outcome(enum.StrEnum):
    """How an exchange ended."""

    OK = "ok"
    BLOCKED_INPUT = "blocked_input"
    BLOCKED_OUTPUT = "blocked_output"
    REJECTED = "rejected"
    """The request was no good: nothing was asked of a provider."""
    UPSTREAM_ERROR = "upstream_error"
    CANCELLED = "cancelled"
    """The caller went away before the end."""
    FAILED = "failed"
    """A fault of ours."""


class Caller(msgspec.Struct, frozen=True):
    """Whom a gateway key identifies."""

    name: str
    """The key's name in `handrail.yaml`; `anonymous` where no keys are configured, `unknown` before one was
    read."""
    guardrails: tuple[str, ...] = ()
    """What the key binds beside the default guardrails; its callers cannot drop any."""
    config: str | None = None
    """The saved config that the key binds; its callers cannot use another."""
    proxy: ProxyGrant | None = None
    """What the key may pass on unread; None: nothing."""
    content: Content = "full"
    """At most so much of the key's exchanges goes on record."""
    admin: bool = False
    """Whether the key may read, and do, what is about all callers: `/v1/records`."""


ANONYMOUS = Caller(name="anonymous")
UNKNOWN = Caller(name="unknown")


class Usage(msgspec.Struct, frozen=True):
    """Tokens, as OpenAI counts; None: not reported.

    Prompt includes what was read from a cache and what was written to one, completion includes reasoning.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_write_tokens: int | None = None


class Attempt(msgspec.Struct, kw_only=True):
    """One call to a provider within an exchange, or an answer of its from the cache in place of one.

    Filled while it runs.
    """

    number: int
    """From 1."""
    operation: Operation = Operation.CHAT
    provider: str
    """Slug."""
    provider_kind: str
    """The row of the catalogue that it is an instance of."""
    telemetry_name: str = ""
    """What traces call that; empty: as `provider_kind`."""
    model: str
    """As sent upstream."""
    server_address: str
    server_port: int
    started_ns: int
    """Unix time in nanoseconds, as all `_ns` moments here."""
    first_event_ns: int | None = None
    ended_ns: int | None = None
    status_code: int | None = None
    """The provider's HTTP status; None if it never answered."""
    error_type: str | None = None
    """Low-cardinality: our error code (`upstream_timeout`), or the provider's status; None if all went
    well."""
    response_id: str | None = None
    response_model: str | None = None
    service_tier: str | None = None
    """As the provider says it served this: prices go by it."""
    finish_reasons: tuple[str, ...] = ()
    usage: Usage = Usage()
    limit_headers: tuple[tuple[bytes, bytes], ...] = ()
    """What the provider says of its limits, for the caller (`app/domain/limit_headers.py`); not on record."""
    dropped_params: tuple[str, ...] = ()
    """Parameters of the request that were not sent, because this provider cannot be asked for them; set
    before its first event."""
    cost_usd: Decimal | None = None
    """None: unknown. It is 0 only where the price is, and where no provider was asked."""
    cache_status: str | None = None
    """`hit`, `semantic_hit`, `miss`, `semantic_miss`, `refresh`; None: the cache was not asked."""
    cached_exchange_id: str | None = None
    """Of a hit: the exchange in which the provider gave this answer. This one asked no provider."""
    cache_similarity: float | None = None
    """Of a hit by meaning: how alike the two questions are, at most 1."""
    span_id: str = ""
    traceparent: str = ""
    """Names its span to a provider that is configured to be told; not on record."""


class ExchangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is written about an exchange, as handed to the records once it has ended."""

    id: str
    """UUIDv7, the `x-request-id` of the response."""
    trace_id: str
    """32 lower-case hex digits, also where the trace was not sampled."""
    span_id: str
    trace_sampled: bool
    """Whether it is exported: sampled, or kept for how the exchange ended."""
    caller_trace_id: str | None
    """`x-portkey-trace-id` as sent by the caller."""
    caller: str
    content: Content = "full"
    """At most so much of it goes on record: what the key and the caller say. The gateway has its own say."""
    policy_version: str
    """Content hash of the configuration it ran under."""
    started_ns: int
    ended_ns: int
    first_release_ns: int | None
    """When the first event was handed on for release to the caller."""
    method: str
    path: str
    operation: Operation = Operation.CHAT
    unscreened: bool = False
    """Whether it held something that no guardrail can read: tokens instead of texts."""
    stream: bool
    requested_model: str | None
    provider: str | None
    model: str | None
    outcome: Outcome
    status_code: int
    error_type: str | None
    error_code: str | None
    error_param: str | None
    error_message: str | None
    error_word: str | None = None
    """By which spans, metrics and lines know the error: one of few; `error_code` may be a provider's."""
    metadata: dict[str, Any] | None
    """The caller's: `x-portkey-metadata`, else the body's `metadata`."""
    request_bytes: int = 0
    """Of the request's body as received: what the record bounds its backlog by."""
    request: dict[str, Any] | None
    """The request document as received; None if it could not be read."""
    response: dict[str, Any] | None
    """The answer as released, folded to one document (a cut one if the exchange was cut); None if nothing
    was."""
    attempts: tuple[Attempt, ...]
    verdicts: tuple[Verdict, ...]
    coverage: Coverage
    usage: Usage
    cache_status: str | None = None
    """Of the last attempt."""
    cost_usd: Decimal | None = None
    """Of all attempts that answered; None: one of them has no known cost, or there was none."""

"""Every span name and attribute key, once. Dashboards, tests and code take them from here.

The `gen_ai.*` names are those of OpenTelemetry's semantic conventions v1.41.1 (2026-05-11): the last tagged
text before they moved to a repository of their own, and the one today's viewers read. All of them are in
development, so they are copied here and not imported from the wheel's `_incubating` package, which may
change in any minor release; a test compares the two. What the newer text renames, as of 2026-11:

    here                                          newer text
    gen_ai.client.operation.duration              gen_ai.client.inference.duration (proposed)
    gen_ai.client.operation.time_to_first_chunk   gen_ai.client.inference.time_to_first_chunk (proposed)
    gen_ai.client.token.usage                     several, under gen_ai.client.inference (proposed)
    handrail.guardrail.*                          gen_ai.guardrail.*, gen_ai.security.* (in review, shape not
                                                  settled: our own namespace until they are merged)

`http.*`, `url.*`, `server.*` and `error.type` are stable. Names under `handrail.*` are ours:
one word for a thing, the same as in the tables of the record. Names of metrics are in
`telemetry/instruments.py`.
"""

# Span kinds, as `SpanNote.kind` has them.

KIND_SERVER = "server"
KIND_CLIENT = "client"
KIND_INTERNAL = "internal"

# Span names.


def server_span(method: str, route: str) -> str:
    """Return the name of an exchange's root span, with the route, never the raw path: `POST /v1/models`."""
    return f"{method} {route}"


def guardrail_span(guardrail: str) -> str:
    """Return the name of the span of one guardrail on one side: `guardrail no-secrets`."""
    return f"guardrail {guardrail}"


def attempt_span(operation: str, model: str) -> str:
    """Return the name of an attempt's span, operation and requested model: `chat gpt-4o-mini`."""
    return f"{operation} {model}"


# HTTP and errors (stable conventions).

ERROR_TYPE = "error.type"
HTTP_REQUEST_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_RESPONSE_STATUS_CODE = "http.response.status_code"
URL_PATH = "url.path"
URL_SCHEME = "url.scheme"
SERVER_ADDRESS = "server.address"
"""On an attempt: the provider's host. On the root: ours."""
SERVER_PORT = "server.port"

# GenAI (v1.41.1, in development).

GEN_AI_OPERATION_NAME = "gen_ai.operation.name"
"""`chat`, `text_completion` or `embeddings`."""
GEN_AI_PROVIDER_NAME = "gen_ai.provider.name"
GEN_AI_REQUEST_MODEL = "gen_ai.request.model"
GEN_AI_REQUEST_STREAM = "gen_ai.request.stream"
"""Set only where it is true."""
GEN_AI_REQUEST_CHOICE_COUNT = "gen_ai.request.choice.count"
"""Set only where it is not 1."""
GEN_AI_REQUEST_SEED = "gen_ai.request.seed"
GEN_AI_REQUEST_TEMPERATURE = "gen_ai.request.temperature"
GEN_AI_REQUEST_TOP_P = "gen_ai.request.top_p"
GEN_AI_REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
GEN_AI_REQUEST_FREQUENCY_PENALTY = "gen_ai.request.frequency_penalty"
GEN_AI_REQUEST_PRESENCE_PENALTY = "gen_ai.request.presence_penalty"
GEN_AI_REQUEST_ENCODING_FORMATS = "gen_ai.request.encoding_formats"
GEN_AI_EMBEDDINGS_DIMENSION_COUNT = "gen_ai.embeddings.dimension.count"
"""As asked for."""
GEN_AI_RESPONSE_ID = "gen_ai.response.id"
GEN_AI_RESPONSE_MODEL = "gen_ai.response.model"
GEN_AI_RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
"""Seconds, a float; streams only."""
GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
"""Includes tokens read from a cache, and written to one."""
GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
"""Includes reasoning tokens."""
GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = "gen_ai.usage.cache_read.input_tokens"
GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = "gen_ai.usage.cache_write.input_tokens"
"""The newer text's name: OpenTelemetry's own Python code (util-genai 1.3b0) already writes it."""
GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = "gen_ai.usage.reasoning.output_tokens"

# Content: only where it is asked for.

GEN_AI_INPUT_MESSAGES = "gen_ai.input.messages"
GEN_AI_OUTPUT_MESSAGES = "gen_ai.output.messages"
GEN_AI_SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions"
GEN_AI_TOOL_DEFINITIONS = "gen_ai.tool.definitions"
INFERENCE_DETAILS = "gen_ai.client.inference.operation.details"
"""An event. In the conventions it is a log record; no logs are exported here, so it is one of the span."""

# OpenInference: the one word Phoenix and Langfuse both read on a guardrail's span.

OPENINFERENCE_SPAN_KIND = "openinference.span.kind"
OPENINFERENCE_GUARDRAIL = "GUARDRAIL"

# Ours: the exchange, on the root span.

EXCHANGE_ID = "handrail.exchange.id"
"""The record's id and the response's `x-request-id`: from a trace to its row."""
CALLER = "handrail.caller"
"""The name of the gateway key, never the key."""
OUTCOME = "handrail.outcome"
"""`ok`, `blocked_input`, ...: how the exchange ended. A block is no error: find it here, not by status."""
POLICY_VERSION = "handrail.policy.version"
STREAM_RECEIVED = "handrail.stream.received"
"""Characters (code points) of the provider's answer that came; then: that passed screening; that went out."""
STREAM_SCREENED = "handrail.stream.screened"
STREAM_RELEASED = "handrail.stream.released"
STREAM_TIME_TO_FIRST_RELEASE = "handrail.stream.time_to_first_release"
"""Seconds from the exchange's start to the first event handed on for release, a float."""

# Ours: an attempt, on its client span.

PROVIDER = "handrail.provider"
"""Slug of the provider; `gen_ai.provider.name` is the API it speaks."""
ATTEMPT = "handrail.attempt"
"""Its number, from 1."""
OUTPUT_TOKENS_PER_SECOND = "handrail.output_tokens_per_second"
"""From the first event of a stream to its end, a float; streams that came to their end only."""
COST_USD = "handrail.cost_usd"
"""A float; absent: unknown."""
CACHE_STATUS = "handrail.cache.status"
"""`hit`, `semantic_hit`, `miss`, `semantic_miss`, `refresh`, on the root too; absent: the cache was not
asked. A hit has no client span: no provider was called."""
DROPPED_PARAMS = "handrail.dropped_params"
"""Names of the request's parameters that this provider could not be asked for; absent: there were none."""

# Ours: a verdict, on the span of its guardrail and, unless it is `pass`, as an event of the root.

VERDICT = "handrail.guardrail.verdict"
"""The event."""

GUARDRAIL_NAME = "handrail.guardrail.name"
GUARDRAIL_SIDE = "handrail.guardrail.side"
GUARDRAIL_DECISION = "handrail.guardrail.decision"
GUARDRAIL_ACTION = "handrail.guardrail.action"
GUARDRAIL_MODE = "handrail.guardrail.mode"
GUARDRAIL_BLOCKED = "handrail.guardrail.blocked"
GUARDRAIL_FINDINGS = "handrail.guardrail.findings"
"""How many; never what they matched."""
GUARDRAIL_RULES = "handrail.guardrail.rules"
"""The distinct rules of the findings, sorted."""
GUARDRAIL_ERROR = "handrail.guardrail.error"
"""Why there is no decision: `timeout`, or the name of an exception."""
GUARDRAIL_RULE = "handrail.guardrail.rule"
"""On a metric: one rule; `other` for those of guardrails that callers bring."""
GUARDRAIL_FAIL_OPEN = "handrail.guardrail.fail_open"
"""On a metric: whether an error let the text pass."""

# Ours: labels that only metrics have.

GEN_AI_TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 (tokens of texts)
"""`input` or `output`."""
STREAM_STAGE = "handrail.stream.stage"
"""`received`, `screened`, `released`."""
ATTEMPT_REASON = "handrail.attempt.reason"
"""`first`, `retry` (of the same target), `fallback` (to another)."""
CACHE_EVENT = "handrail.cache.event"
METRIC = "handrail.metric"
"""The name of one."""
SERVICE_VERSION = "service.version"
PYTHON_VERSION = "process.runtime.version"

"""What an exchange looks like in a trace and in a log line.

    server    POST /v1/chat/completions
      event     handrail.guardrail.verdict   one for each verdict that is not `pass`: what guardrails did, or
                                      (monitor) would have done, in one place
    internal    guardrail {name}      one for each guardrail and side, siblings of the attempts
    client      {operation} {model}   one for each attempt; none where the input was blocked, or for a hit of
                                      the cache, which `handrail.cache.status` on the root tells

A block is no error: it is found by `handrail.outcome`. Only what failed has the status ERROR; a root that
answered with 4xx has not, as the conventions for HTTP say.
"""

from collections.abc import Iterator
from typing import Any

from app.domain.exchange import Attempt, ExchangeRecord, Outcome
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from guardrails import Decision, Verdict
from telemetry import Attribute, SpanNote, Trace, names

_REQUEST_NUMBERS = {
    "temperature": names.GEN_AI_REQUEST_TEMPERATURE,
    "top_p": names.GEN_AI_REQUEST_TOP_P,
    "max_tokens": names.GEN_AI_REQUEST_MAX_TOKENS,
    "max_completion_tokens": names.GEN_AI_REQUEST_MAX_TOKENS,
    "frequency_penalty": names.GEN_AI_REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.GEN_AI_REQUEST_PRESENCE_PENALTY,
    "seed": names.GEN_AI_REQUEST_SEED,
    "dimensions": names.GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
}
_MAX_RULES = 32
"""Rules named on a span; a check has a few, that of a caller may have any number."""
_MAX_NAME = 256
"""Characters of a model's name on a span: it is the caller's text."""
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
"""A server span whose response is a 4xx is no error (HTTP conventions, "Status"): the caller was wrong. The
client span of the same call is one."""
_INT64 = 2**63
"""OTLP's integers end here."""


def begin_attempt(trace: Trace, attempt: Attempt, request: ModelRequest) -> SpanNote | None:
    """Open the client span of an attempt, None for one that calls nobody."""
    if attempt.cached_exchange_id is not None:
        attempt.span_id = trace.root.span_id
        return None
    model = attempt.model[:_MAX_NAME]
    span = trace.span(names.attempt_span(request.operation, model), names.KIND_CLIENT, attempt.started_ns, {})
    _name_span(trace, attempt, span)
    if not trace.recording:
        return span
    span.attributes.update(
        {
            names.GEN_AI_OPERATION_NAME: request.operation.value,
            names.GEN_AI_PROVIDER_NAME: attempt.telemetry_name or attempt.provider_kind,
            names.GEN_AI_REQUEST_MODEL: model,
            names.SERVER_ADDRESS: attempt.server_address,
            names.SERVER_PORT: attempt.server_port,
            names.PROVIDER: attempt.provider,
            names.ATTEMPT: attempt.number,
        }
    )
    if attempt.cache_status is not None:
        span.attributes[names.CACHE_STATUS] = attempt.cache_status
    span.attributes.update(_asked(request))
    if request.operation.answers_in_words:
        span.asked = request.document
    return span


def begin_passing(trace: Trace, attempt: Attempt, method: str) -> SpanNote:
    """Open the client span of a request that is passed on: of it no more is known than where it goes."""
    name = names.attempt_span(attempt.operation, attempt.provider)
    attributes: dict[str, Attribute] = {
        names.HTTP_REQUEST_METHOD: method,
        names.GEN_AI_PROVIDER_NAME: attempt.telemetry_name or attempt.provider_kind,
        names.SERVER_ADDRESS: attempt.server_address,
        names.SERVER_PORT: attempt.server_port,
        names.PROVIDER: attempt.provider,
        names.ATTEMPT: attempt.number,
    }
    span = trace.span(name, names.KIND_CLIENT, attempt.started_ns, attributes)
    _name_span(trace, attempt, span)
    return span


def end_attempt(span: SpanNote, attempt: Attempt, *, stream: bool) -> None:
    """Close it with what the attempt has learned."""
    span.end_ns = attempt.ended_ns
    span.error_type = attempt.error_type
    usage = attempt.usage
    optional: dict[str, Attribute | None] = {
        names.GEN_AI_RESPONSE_ID: attempt.response_id,
        names.GEN_AI_RESPONSE_MODEL: attempt.response_model,
        names.GEN_AI_RESPONSE_FINISH_REASONS: attempt.finish_reasons or None,
        names.GEN_AI_USAGE_INPUT_TOKENS: usage.prompt_tokens,
        names.GEN_AI_USAGE_OUTPUT_TOKENS: usage.completion_tokens,
        names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: usage.cached_tokens,
        names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: usage.cache_write_tokens,
        names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: usage.reasoning_tokens,
        names.COST_USD: None if attempt.cost_usd is None else float(attempt.cost_usd),
        names.DROPPED_PARAMS: attempt.dropped_params or None,
        names.HTTP_RESPONSE_STATUS_CODE: attempt.status_code,
    }
    if stream and attempt.first_event_ns is not None:
        seconds = (attempt.first_event_ns - attempt.started_ns) / 1e9
        optional[names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK] = seconds
        optional[names.OUTPUT_TOKENS_PER_SECOND] = _tokens_per_second(attempt, attempt.first_event_ns)
    span.attributes.update({name: value for name, value in optional.items() if value is not None})


def finish(trace: Trace, record: ExchangeRecord) -> None:
    """Add the guardrails' spans, and to the root how the exchange ended. What is left is to end the trace."""
    if trace.sampled:
        for verdict in record.verdicts:
            _tell_verdict(trace, verdict)
        trace.root.attributes.update(
            {
                names.EXCHANGE_ID: record.id,
                names.CALLER: record.caller,
                names.OUTCOME: record.outcome,
                names.POLICY_VERSION: record.policy_version,
                names.HTTP_RESPONSE_STATUS_CODE: record.status_code,
                names.STREAM_RECEIVED: record.coverage.received,
                names.STREAM_SCREENED: record.coverage.screened,
                names.STREAM_RELEASED: record.coverage.released,
            }
        )
        if record.cache_status is not None:
            trace.root.attributes[names.CACHE_STATUS] = record.cache_status
        if record.first_release_ns is not None:
            seconds = (record.first_release_ns - record.started_ns) / 1e9
            trace.root.attributes[names.STREAM_TIME_TO_FIRST_RELEASE] = seconds
    refused = _CLIENT_ERROR <= record.status_code < _SERVER_ERROR
    if record.outcome in {Outcome.UPSTREAM_ERROR, Outcome.FAILED} and not refused:
        trace.root.error_type = record.error_word or str(record.status_code)


def failures(record: ExchangeRecord) -> Iterator[dict[str, Any]]:
    """Yield a line's fields for each guardrail that could not decide: whoever runs it must mend something."""
    for verdict in record.verdicts:
        if verdict.error is not None:
            yield {
                "exchange_id": record.id,
                "trace_id": record.trace_id,
                "guardrail": verdict.guardrail,
                "side": verdict.side.value,
                "error": verdict.error,
                "blocked": verdict.blocked,
            }


def log_fields(record: ExchangeRecord) -> dict[str, Any]:
    """Return the exchange's line: what happened, no content, no secrets."""
    fields: dict[str, Any] = {
        "exchange_id": record.id,
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "caller": record.caller,
        "method": record.method,
        "path": record.path,
        "status": record.status_code,
        "outcome": record.outcome.value,
        "duration_ms": round((record.ended_ns - record.started_ns) / 1e6, 1),
    }
    if record.provider is not None:
        fields |= {
            "provider": record.provider,
            "model": (record.model or "")[:_MAX_NAME],
            "stream": record.stream,
        }
    if record.cache_status is not None:
        fields |= {"cache": record.cache_status}
    if record.cost_usd is not None:
        fields |= {"cost_usd": float(record.cost_usd)}
    if record.attempts and record.attempts[-1].dropped_params:
        fields |= {"dropped": list(record.attempts[-1].dropped_params)}
    if record.error_code is not None:
        fields |= {"error": record.error_word}
    fired = [
        f"{one.guardrail}:{one.side}:{one.decision}" for one in record.verdicts if one.decision != "pass"
    ]
    if fired:
        fields |= {"guardrails": fired}
    return fields


def _tell_verdict(trace: Trace, verdict: Verdict) -> None:
    """Tell of a verdict by a span of its guardrail; by an event, too, if there is more to it than a pass."""
    attributes: dict[str, Attribute] = {
        names.GUARDRAIL_NAME: verdict.guardrail,
        names.GUARDRAIL_SIDE: verdict.side.value,
        names.GUARDRAIL_DECISION: verdict.decision.value,
        names.GUARDRAIL_ACTION: verdict.action.value,
        names.GUARDRAIL_MODE: verdict.mode.value,
        names.GUARDRAIL_BLOCKED: verdict.blocked,
        names.GUARDRAIL_FINDINGS: len(verdict.findings),
    }
    if verdict.findings:
        rules = sorted({finding.rule for finding in verdict.findings})
        attributes[names.GUARDRAIL_RULES] = tuple(rules[:_MAX_RULES])
    if verdict.error is not None:
        attributes[names.GUARDRAIL_ERROR] = verdict.error
    start_ns = verdict.started_ns or trace.root.start_ns
    end_ns = start_ns + verdict.duration_ns
    if verdict.decision is not Decision.PASS:
        trace.root.events.append((names.VERDICT, end_ns, attributes.copy()))
    attributes[names.OPENINFERENCE_SPAN_KIND] = names.OPENINFERENCE_GUARDRAIL
    span = trace.span(names.guardrail_span(verdict.guardrail), names.KIND_INTERNAL, start_ns, attributes)
    span.end_ns, span.error_type = end_ns, verdict.error


def _name_span(trace: Trace, attempt: Attempt, span: SpanNote) -> None:
    """Note the span's ids: the version, the trace and its flags are those of the root, the span is not."""
    attempt.span_id = span.span_id
    version, trace_id, _root, flags = trace.traceparent.split("-")
    attempt.traceparent = f"{version}-{trace_id}-{span.span_id}-{flags}"


def _tokens_per_second(attempt: Attempt, first_event_ns: int) -> float | None:
    tokens, ended_ns = attempt.usage.completion_tokens, attempt.ended_ns
    if tokens is None or attempt.error_type is not None or ended_ns is None or ended_ns <= first_event_ns:
        return None
    return tokens * 1e9 / (ended_ns - first_event_ns)


def _asked(request: ModelRequest) -> dict[str, Attribute]:
    """Return what is asked for beside the texts."""
    asked: dict[str, Attribute] = {}
    for key, name in _REQUEST_NUMBERS.items():
        value = request.document.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _INT64:
            asked[name] = value
    if request.operation is Operation.EMBEDDINGS:
        asked[names.GEN_AI_REQUEST_ENCODING_FORMATS] = (request.document.get("encoding_format") or "float",)
    if request.stream:
        asked[names.GEN_AI_REQUEST_STREAM] = True
    choices = request.document.get("n")
    if isinstance(choices, int) and choices != 1:
        asked[names.GEN_AI_REQUEST_CHOICE_COUNT] = choices
    return asked

"""From an exchange to its rows: pure, no database.

Every value is text, a number, a boolean or None, the same for both databases. Every text fits its column:
longer ones are cut, with `…` for their end (bounds are the lengths in `tables.py`), and what no database
takes, NUL and lone surrogates, becomes U+FFFD. Bodies are JSON, which writes both as escapes: they are
never cut and lose nothing.

How much is recorded is the operator's choice:

    full       documents and texts as they were
    redacted   documents and texts as `redaction.py` leaves them
    hashes     of documents as redacted a salted hash (`protection.py` makes it); texts in columns redacted
    none       no documents; texts in columns redacted

A key and a caller may lower it for their exchanges (`app/domain/content.py`). Every row of an exchange is
made here, also that of one that has only begun: so that holds in the database and in the journal.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from app.domain.content import Content, least
from app.domain.exchange import Attempt, ExchangeRecord, Outcome, Usage
from app.records import tables
from app.records.bounds import bounds_of, fitting
from app.records.concealment import concealed_path, is_uncertain
from app.records.redaction import (
    input_findings,
    recorded_part,
    redacted_request,
    redacted_response,
    renamed_keys,
)
from app.records.scrubbing import Redact, scrubbed_text
from app.records.values import count, json_text, milliseconds, moment, usd
from guardrails.verdict import Finding, Side, Verdict

Value = str | int | float | bool | None
Row = dict[str, Value]
_Text = Callable[[str | None], str | None]


class Capture(msgspec.Struct, frozen=True):
    """How much of an exchange goes on record."""

    content: Content
    redact: Redact
    """Sees every text that is recorded, unless content is `full`. Called in the writer's thread."""

    def at_most(self, content: Content) -> "Capture":
        """Return this, lowered to a level."""
        lowest = least(content, self.content)
        return self if lowest == self.content else Capture(lowest, self.redact)


class Rows(msgspec.Struct, frozen=True):
    """The rows of one exchange, by table."""

    exchanges: tuple[Row]
    payloads: tuple[Row, ...] = ()
    attempts: tuple[Row, ...] = ()
    verdicts: tuple[Row, ...] = ()
    findings: tuple[Row, ...] = ()
    chain: tuple[Row, ...] = ()


def rows_of(record: ExchangeRecord, capture: Capture) -> Rows:
    """Return what is written about an exchange. May raise anything where a value is none an exchange has."""
    capture = capture.at_most(record.content)
    text = _as_it_was if capture.content == "full" else _seen_by(capture.redact)
    keys: Row = {"exchange_id": record.id, "exchange_started_at": moment(record.started_ns)}
    return Rows(
        exchanges=(_exchange(record, text, _metadata(record, capture), _message(record, text, capture)),),
        payloads=_payloads(record, keys, capture),
        attempts=tuple(_attempt(attempt, keys, text) for attempt in record.attempts),
        verdicts=tuple(_verdict(verdict, i, keys) for i, verdict in enumerate(record.verdicts, 1)),
        findings=_findings(record.verdicts, keys, capture),
    )


def _as_it_was(text: str | None) -> str | None:
    return text


def _seen_by(redact: Redact) -> _Text:
    def text(value: str | None) -> str | None:
        return None if value is None else scrubbed_text(value, redact)

    return text


def _exchange(record: ExchangeRecord, text: _Text, metadata: str | None, message: str | None) -> Row:
    duration_ms = milliseconds(record.started_ns, record.ended_ns) or 0.0
    upstream_ms = sum(
        milliseconds(a.started_ns, a.ended_ns or record.ended_ns) or 0.0
        for a in record.attempts
        if a.cached_exchange_id is None
    )
    row: Row = {
        "id": record.id,
        "started_at": moment(record.started_ns),
        "ended_at": moment(record.ended_ns),
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "trace_sampled": record.trace_sampled,
        "caller_trace_id": text(record.caller_trace_id),
        "caller": record.caller,
        "policy_version": record.policy_version,
        "method": record.method,
        "path": text(record.path),
        "operation": record.operation.value,
        "unscreened": record.unscreened,
        "stream": record.stream,
        "requested_model": text(record.requested_model),
        "provider": record.provider,
        "model": text(record.model),
        "outcome": record.outcome.value,
        "status_code": record.status_code,
        "error_type": text(record.error_type),
        "error_code": text(record.error_code),
        "error_param": text(record.error_param),
        "error_message": message,
        "metadata": metadata,
        "duration_ms": duration_ms,
        "upstream_ms": upstream_ms,
        "overhead_ms": max(0.0, duration_ms - upstream_ms),
        "time_to_first_token_ms": milliseconds(record.started_ns, record.first_release_ns),
        "chars_received": record.coverage.received,
        "chars_screened": record.coverage.screened,
        "chars_released": record.coverage.released,
        "record_error": None,
        "cost_usd": usd(record.cost_usd),
        "cache_status": record.cache_status,
        **_tokens(record.usage),
        **dict.fromkeys(("writer", "subject", "erasable_salt", "erasable_hash")),
    }
    return fitting(row, _EXCHANGE_BOUNDS)


def _attempt(attempt: Attempt, keys: Row, text: _Text) -> Row:
    row: Row = {
        **keys,
        "number": attempt.number,
        "provider": attempt.provider,
        "provider_kind": attempt.provider_kind,
        "model": text(attempt.model),
        "server_address": attempt.server_address,
        "server_port": attempt.server_port,
        "started_at": moment(attempt.started_ns),
        "ended_at": None if attempt.ended_ns is None else moment(attempt.ended_ns),
        "duration_ms": milliseconds(attempt.started_ns, attempt.ended_ns),
        "time_to_first_event_ms": milliseconds(attempt.started_ns, attempt.first_event_ns),
        "status_code": attempt.status_code,
        "error_type": text(attempt.error_type),
        "response_id": attempt.response_id,
        "response_model": text(attempt.response_model),
        "finish_reasons": ",".join(attempt.finish_reasons) or None,
        "cost_usd": usd(attempt.cost_usd),
        "dropped_params": ",".join(attempt.dropped_params) or None,
        "cache_status": attempt.cache_status,
        "cached_exchange_id": attempt.cached_exchange_id,
        "cache_similarity": attempt.cache_similarity,
        "span_id": attempt.span_id,
        **_tokens(attempt.usage),
    }
    return fitting(row, _ATTEMPT_BOUNDS)


def _tokens(usage: Usage) -> Row:
    return {
        "prompt_tokens": count(usage.prompt_tokens),
        "completion_tokens": count(usage.completion_tokens),
        "cached_tokens": count(usage.cached_tokens),
        "reasoning_tokens": count(usage.reasoning_tokens),
        "cache_write_tokens": count(usage.cache_write_tokens),
    }


def _verdict(verdict: Verdict, number: int, keys: Row) -> Row:
    row: Row = {
        **keys,
        "number": number,
        "guardrail": verdict.guardrail,
        "side": verdict.side.value,
        "decision": verdict.decision.value,
        "action": verdict.action.value,
        "mode": verdict.mode.value,
        "blocked": verdict.blocked,
        "error": verdict.error,
        "started_at": moment(verdict.started_ns) if verdict.started_ns else None,
        "duration_ms": verdict.duration_ns / 1e6,
        "findings_dropped": verdict.findings_dropped,
        "complete": verdict.complete,
    }
    return fitting(row, _VERDICT_BOUNDS)


def _findings(verdicts: tuple[Verdict, ...], keys: Row, capture: Capture) -> tuple[Row, ...]:
    found = [(i, finding) for i, verdict in enumerate(verdicts, 1) for finding in verdict.findings]
    if not found or capture.content == "full":
        return tuple(_finding(one, n, i, one.part, keys) for n, (i, one) in enumerate(found, 1))
    renamed = renamed_keys(finding for _, finding in found)
    uncertain = {side for side in Side if is_uncertain(verdicts, side)}
    parts = (
        concealed_path(one.part)
        if verdicts[i - 1].side in uncertain
        else recorded_part(one.part, renamed, capture.redact)
        for i, one in found
    )
    return tuple(
        _finding(one, n, i, part, keys)
        for n, ((i, one), part) in enumerate(zip(found, parts, strict=True), 1)
    )


def _finding(finding: Finding, number: int, verdict_number: int, part: str, keys: Row) -> Row:
    row: Row = {
        **keys,
        "number": number,
        "verdict_number": verdict_number,
        "check_kind": finding.check,
        "rule": finding.rule,
        "part": part,
        "start_offset": finding.start,
        "end_offset": finding.end,
        "score": finding.score,
        "fingerprint": finding.fingerprint,
    }
    return fitting(row, _FINDING_BOUNDS)


def _payloads(record: ExchangeRecord, keys: Row, capture: Capture) -> tuple[Row, ...]:
    request: Any = record.request
    response: Any = record.response
    if capture.content == "none":
        return ()
    if capture.content != "full":
        if request is not None:
            request = redacted_request(request, input_findings(record.verdicts), capture.redact)
        if response is not None:
            response = redacted_response(response, record.verdicts, capture.redact)
    return tuple(
        keys | _UNPROTECTED | {"kind": kind, "content": capture.content, "body": json_text(body)}
        for kind, body in (("request", request), ("response", response))
        if body is not None
    )


def _metadata(record: ExchangeRecord, capture: Capture) -> str | None:
    """Return the caller's metadata as JSON; members that do not fit are left out."""
    metadata: Any = record.metadata
    if metadata is None:
        return None
    if capture.content != "full":
        screened = record.request is not None and record.request.get("metadata") == metadata
        findings = input_findings(record.verdicts) if screened else []
        if findings is not None:
            findings = [finding for finding in findings if finding.part.startswith("metadata")]
        seen = redacted_request({"metadata": metadata}, findings, capture.redact)
        metadata = seen["metadata"] if isinstance(seen, dict) else {}
    left = _METADATA_BOUND - 2
    members = []
    for key, value in metadata.items():
        member = json_text({key: value})[1:-1]
        if len(member) < left:
            members.append(member)
            left -= len(member) + 1
    return "{" + ",".join(members) + "}"


def _message(record: ExchangeRecord, text: _Text, capture: Capture) -> str | None:
    """Return what was said of an error; a provider's words may repeat the question, and go with it."""
    is_theirs = record.outcome is Outcome.UPSTREAM_ERROR
    return None if is_theirs and capture.content in {"hashes", "none"} else text(record.error_message)


_UNPROTECTED: Row = dict.fromkeys(("salt", "hash", "key_id", "erased_at"))
"""What `protection.py` fills in, as it does the last columns of an exchange."""
_EXCHANGE_BOUNDS = bounds_of(tables.exchanges)
_ATTEMPT_BOUNDS = bounds_of(tables.attempts)
_VERDICT_BOUNDS = bounds_of(tables.verdicts)
_FINDING_BOUNDS = bounds_of(tables.findings)
_METADATA_BOUND = 16_384
"""Of `exchanges.metadata`, which is cut between members, so that it stays JSON."""

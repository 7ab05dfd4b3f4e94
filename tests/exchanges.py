"""Exchanges to put on record: whole ones, of which a test changes what it is about."""

import random
from typing import Any

import msgspec

from app.domain.exchange import Attempt, ExchangeRecord, Outcome, Usage
from app.domain.ids import uuid7
from app.domain.parts import request_parts
from guardrails import Action, Coverage, Decision, Finding, Mode, Side, Verdict

STARTED_NS = 1_795_380_712_123_456_789
"""2026-11-22T20:51:52.123456Z, and 789 ns that no row keeps."""
MS = 1_000_000


def attempt(number: int = 1, **changes: Any) -> Attempt:
    """Return a call that went well: begun 20 ms after the exchange, first event 80 ms, end 100 ms later."""
    whole = Attempt(
        number=number,
        provider="openai",
        provider_kind="openai",
        model="gpt-4o",
        server_address="api.openai.example",
        server_port=443,
        started_ns=STARTED_NS + 20 * MS,
        first_event_ns=STARTED_NS + 100 * MS,
        ended_ns=STARTED_NS + 120 * MS,
        status_code=200,
        response_id="chatcmpl-1",
        response_model="gpt-4o-2026",
        finish_reasons=("stop",),
        usage=Usage(prompt_tokens=3, completion_tokens=5, cached_tokens=1, reasoning_tokens=2),
        span_id="00f067aa0ba902b8",
    )
    return msgspec.structs.replace(whole, **changes)


def finding(part: str, start: int, end: int, **changes: Any) -> Finding:
    """Return an e-mail address found by `pii`."""
    whole = Finding(
        check="pii",
        rule="email",
        part=part,
        start=start,
        end=end,
        score=1.0,
        fingerprint="0123456789abcdef" * 2,
    )
    return msgspec.structs.replace(whole, **changes)


def found(document: dict[str, Any], value: str, rule: str) -> list[Finding]:
    """Find every place of a value, as a guardrail does."""
    return [
        finding(part.path, start, start + len(value), rule=rule)
        for part in request_parts(document)
        for start in range(len(part.text))
        if part.text.startswith(value, start)
    ]


def verdict(side: Side = Side.INPUT, *findings: Finding, **changes: Any) -> Verdict:
    """Return what `privacy`, an enforced redaction, decided: `redact` if it found something, else `pass`."""
    whole = Verdict(
        guardrail="privacy",
        side=side,
        decision=Decision.REDACT if findings else Decision.PASS,
        action=Action.REDACT,
        mode=Mode.ENFORCE,
        blocked=False,
        findings=findings,
        started_ns=STARTED_NS + MS,
        duration_ns=250_000,
    )
    return msgspec.structs.replace(whole, **changes)


def request(*contents: str, **fields: Any) -> dict[str, Any]:
    """Return a request with a user message for each text."""
    messages = [{"role": "user", "content": content} for content in contents]
    return {"model": "@openai/gpt-4o", "messages": messages, **fields}


def response(*contents: str, **fields: Any) -> dict[str, Any]:
    """Return an answer with a choice for each text."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        for i, content in enumerate(contents)
    ]
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": choices, **fields}


def exchange(**changes: Any) -> ExchangeRecord:
    """Return an exchange that went well within 125 ms: one attempt, a verdict on each side, nothing found."""
    whole = ExchangeRecord(
        id=uuid7(random.Random().getrandbits),
        trace_id="0af7651916cd43dd8448eb211c80319c",
        span_id="b7ad6b7169203331",
        trace_sampled=True,
        caller_trace_id=None,
        caller="team-a",
        policy_version="5f2c",
        started_ns=STARTED_NS,
        ended_ns=STARTED_NS + 125 * MS,
        first_release_ns=STARTED_NS + 101 * MS,
        method="POST",
        path="/v1/chat/completions",
        stream=True,
        requested_model="@openai/gpt-4o",
        provider="openai",
        model="gpt-4o",
        outcome=Outcome.OK,
        status_code=200,
        error_type=None,
        error_code=None,
        error_param=None,
        error_message=None,
        metadata=None,
        request=request("What is a handrail?"),
        response=response("Something to hold on to."),
        attempts=(attempt(),),
        verdicts=(verdict(Side.INPUT), verdict(Side.OUTPUT)),
        coverage=Coverage(received=24, screened=24, released=24),
        usage=Usage(prompt_tokens=3, completion_tokens=5, cached_tokens=1, reasoning_tokens=2),
    )
    return msgspec.structs.replace(whole, **changes)

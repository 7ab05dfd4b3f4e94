"""A small record of which everything is known: what the questions of `dashboards/questions` are asked of."""

from decimal import Decimal

import msgspec
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord, Outcome, Usage
from app.records.inserts import Inserts
from app.records.rows import Capture, rows_of
from guardrails import Action, Coverage, Decision, Mode, Side
from tests.exchanges import MS, STARTED_NS, attempt, exchange, finding, verdict

_DAY_NS = 86_400 * 1_000_000_000
_ANSWER = "choices[0].message.content"
_USED = Usage(prompt_tokens=30, completion_tokens=50)
_SEEN = "ab" * 16
_PAID = exchange(
    caller="team-a",
    attempts=(attempt(usage=_USED, cost_usd=Decimal("0.25"), cache_status="miss"),),
    usage=_USED,
    cost_usd=Decimal("0.25"),
    cache_status="miss",
    verdicts=(
        verdict(Side.INPUT, finding("messages[0].content", 0, 4, fingerprint=_SEEN)),
        verdict(Side.OUTPUT),
    ),
)
RECORD: dict[str, ExchangeRecord] = {
    "paid": _PAID,
    "given again": exchange(
        attempts=(
            attempt(
                usage=_USED,
                cost_usd=Decimal(),
                status_code=None,
                cache_status="hit",
                cached_exchange_id=_PAID.id,
                first_event_ns=None,
            ),
        ),
        usage=_USED,
        cost_usd=Decimal(),
        cache_status="hit",
        stream=False,
        verdicts=(),
    ),
    "fallback": exchange(
        started_ns=STARTED_NS + _DAY_NS,
        ended_ns=STARTED_NS + _DAY_NS + 500 * MS,
        first_release_ns=STARTED_NS + _DAY_NS + 400 * MS,
        policy_version="6a3d",
        attempts=(
            attempt(
                1,
                provider="claude",
                model="sonnet",
                status_code=529,
                error_type="529",
                first_event_ns=None,
                usage=Usage(),
                dropped_params=("seed",),
            ),
            attempt(2, cost_usd=Decimal("0.5")),
        ),
        cost_usd=Decimal("0.5"),
        verdicts=(
            verdict(Side.INPUT, finding("messages[0].content", 3, 7, fingerprint=_SEEN), mode=Mode.MONITOR),
            verdict(Side.OUTPUT),
        ),
    ),
    "blocked": exchange(
        caller="team-b",
        outcome=Outcome.BLOCKED_OUTPUT,
        attempts=(attempt(cost_usd=Decimal("0.125")),),
        cost_usd=Decimal("0.125"),
        verdicts=(
            verdict(Side.INPUT),
            verdict(
                Side.OUTPUT,
                finding(_ANSWER, 9, 18, check="secrets", rule="api_key", fingerprint="ff"),
                guardrail="no-secrets",
                action=Action.BLOCK,
                decision=Decision.BLOCK,
                blocked=True,
                duration_ns=2 * MS,
            ),
        ),
        coverage=Coverage(received=30, screened=20, released=9),
    ),
    "undecided": exchange(
        caller="team-b",
        outcome=Outcome.BLOCKED_INPUT,
        status_code=446,
        provider=None,
        model=None,
        attempts=(),
        response=None,
        first_release_ns=None,
        verdicts=(verdict(Side.INPUT, decision=Decision.ERROR, error="timeout", blocked=True),),
        coverage=Coverage(),
        usage=Usage(),
    ),
    "rejected": exchange(
        caller="team-b",
        outcome=Outcome.REJECTED,
        status_code=400,
        error_code="invalid_value",
        error_param="messages",
        provider=None,
        model=None,
        attempts=(),
        verdicts=(),
        response=None,
        first_release_ns=None,
        coverage=Coverage(),
        usage=Usage(),
    ),
    "left": exchange(outcome=Outcome.CANCELLED, coverage=Coverage(received=12, screened=12, released=12)),
    "begun": exchange(started_ns=STARTED_NS + 2 * _DAY_NS, caller="team-c", verdicts=(), attempts=()),
}
NAMES = {record.id: name for name, record in RECORD.items()}
_NOT_YET = (
    "outcome",
    "ended_at",
    "status_code",
    "duration_ms",
    "upstream_ms",
    "overhead_ms",
    "time_to_first_token_ms",
    "chars_received",
    "chars_screened",
    "chars_released",
    "provider",
    "model",
    "prompt_tokens",
    "completion_tokens",
)


def fill(engine: sa.Engine) -> None:
    """Put it all on record, one exchange as it is when it has only begun, an erasure and a hold."""
    rows = [rows_of(record, Capture("full", str)) for record in RECORD.values()]
    begun = rows[-1].exchanges[0] | dict.fromkeys(_NOT_YET)
    Inserts(engine).write([*rows[:-1], msgspec.structs.replace(rows[-1], exchanges=(begun,), payloads=())])
    event = (
        "INSERT INTO record_events (id, at, kind, actor, detail, exchanges) VALUES "
        "('01a22f31-b4ba-7e52-96cf-0af7377e5a9c', '2026-11-25T00:00:00.000000Z', 'erased', 'anna', '{}', 3)"
    )
    hold = (
        "INSERT INTO holds (id, created_at, created_by, reason, subject) VALUES "
        "('01a22f31-b4ba-7e52-96cf-0af7377e5a9d', '2026-11-25T00:00:00.000000Z', 'anna', 'case 7', 'kim')"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(event)
        connection.exec_driver_sql(hold)

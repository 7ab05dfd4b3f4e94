from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord, Outcome, Usage
from app.records.inserts import Inserts
from app.records.rows import Capture, rows_of
from guardrails import Action, Coverage, Decision, Mode, Side, Verdict
from migrations.views import view
from tests.databases import Record, select
from tests.exchanges import MS, STARTED_NS, attempt, exchange, finding, verdict

DAY_NS = 24 * 3600 * 1_000_000_000
MIDNIGHT_NS = STARTED_NS - STARTED_NS % DAY_NS
NOTHING = Coverage()


def secrets(side: Side, *found: Any, **changes: Any) -> Verdict:
    whole = {
        "guardrail": "no-secrets",
        "action": Action.BLOCK,
        "decision": Decision.BLOCK if found else Decision.PASS,
    }
    return verdict(side, *found, **(whole | {"blocked": bool(found)} | changes))


def moved(record_ns: int, **changes: Any) -> ExchangeRecord:
    return exchange(started_ns=record_ns, ended_ns=record_ns + 125 * MS, first_release_ns=None, **changes)


KEY = {"rule": "api_key", "check": "secrets"}
EXCHANGES: dict[str, ExchangeRecord] = {
    "fine": exchange(verdicts=(secrets(Side.INPUT), secrets(Side.OUTPUT))),
    "redacted": exchange(
        verdicts=(
            verdict(Side.INPUT, finding("user", 0, 4), finding("user", 5, 9, rule="phone", score=0.5)),
            secrets(Side.INPUT),
            verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 4), mode=Mode.MONITOR),
            secrets(Side.OUTPUT),
        ),
        coverage=Coverage(received=30, screened=30, released=26),
    ),
    "blocked input": exchange(
        outcome=Outcome.BLOCKED_INPUT,
        status_code=446,
        provider=None,
        model=None,
        attempts=(),
        response=None,
        verdicts=(secrets(Side.INPUT, finding("user", 0, 9, **KEY), finding("user", 20, 29, **KEY)),),
        coverage=NOTHING,
        usage=Usage(),
        caller="team-b",
    ),
    "blocked output": exchange(
        outcome=Outcome.BLOCKED_OUTPUT,
        verdicts=(
            secrets(Side.INPUT),
            secrets(Side.OUTPUT, finding("choices[0].message.content", 9, 18, fingerprint="ff", **KEY)),
        ),
        coverage=Coverage(received=30, screened=20, released=9),
    ),
    "guardrail failed": exchange(
        verdicts=(
            secrets(Side.INPUT, decision=Decision.ERROR, error="timeout"),
            secrets(Side.OUTPUT, decision=Decision.ERROR, error="timeout", blocked=True),
        ),
        outcome=Outcome.BLOCKED_OUTPUT,
        coverage=Coverage(received=9, screened=0, released=0),
    ),
    "unguarded": exchange(verdicts=()),
    "only watched": exchange(
        verdicts=(secrets(Side.INPUT, mode=Mode.MONITOR), secrets(Side.OUTPUT, mode=Mode.MONITOR))
    ),
    "upstream error": exchange(
        outcome=Outcome.UPSTREAM_ERROR,
        status_code=504,
        error_type="upstream_error",
        error_code="upstream_timeout",
        error_message="The provider took too long.",
        attempts=(
            attempt(1, provider="claude", model="sonnet", status_code=529, error_type="529"),
            attempt(2, status_code=None, error_type="upstream_timeout"),
        ),
        verdicts=(secrets(Side.INPUT),),
        coverage=NOTHING,
        usage=Usage(),
    ),
    "rejected": exchange(
        outcome=Outcome.REJECTED,
        status_code=400,
        error_param="messages",
        provider=None,
        model=None,
        attempts=(),
        verdicts=(),
        request=None,
        response=None,
        coverage=NOTHING,
        usage=Usage(),
        caller="unknown",
    ),
    "just before midnight": moved(MIDNIGHT_NS - 1000, verdicts=(secrets(Side.INPUT), secrets(Side.OUTPUT))),
    "at midnight": moved(MIDNIGHT_NS, verdicts=(secrets(Side.INPUT), secrets(Side.OUTPUT)), usage=Usage()),
}
NAMES = {record.id: name for name, record in EXCHANGES.items()}


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    Inserts(engine).write([rows_of(record, Capture("full", str)) for record in EXCHANGES.values()])
    return engine


def read(engine: sa.Engine, columns: str, source: str, **parameters: object) -> list[tuple[object, ...]]:
    """Return rows as tuples, exchanges by their name here."""
    rows: list[Record] = select(engine, f"SELECT {columns} FROM {source}", **parameters)
    return [tuple(NAMES.get(str(value), value) for value in row.values()) for row in rows]


def test_exchange_facts_has_one_row_an_exchange(filled: sa.Engine) -> None:
    assert {row[0] for row in read(filled, "exchange_id", "exchange_facts")} == set(EXCHANGES)


def test_exchange_facts_says_on_one_line_what_happened(filled: sa.Engine) -> None:
    assert select(
        filled, "SELECT * FROM exchange_facts WHERE exchange_id = :id", id=EXCHANGES["redacted"].id
    ) == [
        {
            "exchange_id": EXCHANGES["redacted"].id,
            "started_at": "2026-11-22T20:51:52.123456Z",
            "day": "2026-11-22",
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
            "caller": "team-a",
            "caller_trace_id": None,
            "policy_version": "5f2c",
            "operation": "chat",
            "unscreened": 0,
            "stream": True,
            "requested_model": "@openai/gpt-4o",
            "provider": "openai",
            "model": "gpt-4o",
            "first_provider": "openai",
            "first_model": "gpt-4o",
            "attempts": 1,
            "outcome": "ok",
            "status_code": 200,
            "error_type": None,
            "error_code": None,
            "duration_ms": 125.0,
            "upstream_ms": 100.0,
            "overhead_ms": 25.0,
            "time_to_first_token_ms": 101.0,
            "prompt_tokens": 3,
            "completion_tokens": 5,
            "cached_tokens": 1,
            "reasoning_tokens": 2,
            "cache_write_tokens": None,
            "total_tokens": 8,
            "cost_usd": None,
            "cache_status": None,
            "cached_exchange_id": None,
            "dropped_params": None,
            "chars_received": 30,
            "chars_screened": 30,
            "chars_released": 26,
            "guardrails_fired": "input:privacy=redact, output:privacy=redact?",
            "findings": 3,
            "record_error": None,
        }
    ]


def test_exchange_facts_names_the_provider_asked_first_and_the_one_that_answered(filled: sa.Engine) -> None:
    columns = "first_provider, first_model, provider, model, attempts, guardrails_fired"
    source = "exchange_facts WHERE outcome = 'upstream_error'"
    assert read(filled, columns, source) == [("claude", "sonnet", "openai", "gpt-4o", 2, None)]


def test_blocked_names_the_guardrail_and_its_rules(filled: sa.Engine) -> None:
    columns = "exchange_id, side, guardrail, decision, error, rules, chars_released"
    assert sorted(read(filled, columns, "blocked"), key=str) == [
        ("blocked input", "input", "no-secrets", "block", None, "api_key", 0),
        ("blocked output", "output", "no-secrets", "block", None, "api_key", 9),
        ("guardrail failed", "output", "no-secrets", "error", "timeout", None, 0),
    ]


def test_redactions_tells_what_was_done_from_what_would_have_been(filled: sa.Engine) -> None:
    columns = "exchange_id, side, guardrail, enforced, places, rules"
    assert sorted(read(filled, columns, "redactions"), key=str) == [
        ("redacted", "input", "privacy", True, 2, "email, phone"),
        ("redacted", "output", "privacy", False, 1, "email"),
    ]


def test_what_a_verdict_did_not_keep_or_see_is_counted(engine: sa.Engine) -> None:
    seen = verdict(Side.INPUT, finding("user", 0, 4), findings_dropped=41)
    cut = verdict(Side.INPUT, finding("user", 0, 4), complete=False)
    records = [exchange(verdicts=(seen,)), exchange(verdicts=(cut,)), exchange(verdicts=(seen, cut))]
    Inserts(engine).write([rows_of(record, Capture("none", str)) for record in records])
    assert read(engine, "verdicts, incomplete, findings_dropped", "guardrail_outcomes") == [(4, 2, 82)]
    assert sorted(read(engine, "places, complete", "redactions")) == [(1, 0), (1, 0), (42, 1), (42, 1)]
    assert sorted(read(engine, "findings", "exchange_facts")) == [(1,), (42,), (43,)]


def test_guardrail_outcomes_counts_decisions(filled: sa.Engine) -> None:
    columns = "day, guardrail, side, mode, decision, verdicts, blocked, mean_duration_ms, max_duration_ms"
    rows = read(filled, columns, "guardrail_outcomes")
    assert ("2026-11-22", "no-secrets", "input", "enforce", "pass", 5, 0, 0.25, 0.25) in rows
    assert ("2026-11-22", "no-secrets", "output", "enforce", "error", 1, 1, 0.25, 0.25) in rows
    assert ("2026-11-22", "privacy", "output", "monitor", "redact", 1, 0, 0.25, 0.25) in rows
    assert ("2026-11-21", "no-secrets", "input", "enforce", "pass", 1, 0, 0.25, 0.25) in rows
    assert sum(int(str(row[5])) for row in rows) == sum(len(record.verdicts) for record in EXCHANGES.values())


def test_findings_by_rule_counts_places_exchanges_and_different_values(filled: sa.Engine) -> None:
    columns = "day, check_kind, rule, side, guardrail, findings, exchanges, different_values, min_score"
    assert sorted(read(filled, columns, "findings_by_rule"), key=str) == [
        ("2026-11-22", "pii", "email", "input", "privacy", 1, 1, 1, 1.0),
        ("2026-11-22", "pii", "email", "output", "privacy", 1, 1, 1, 1.0),
        ("2026-11-22", "pii", "phone", "input", "privacy", 1, 1, 1, 0.5),
        ("2026-11-22", "secrets", "api_key", "input", "no-secrets", 2, 1, 1, 1.0),
        ("2026-11-22", "secrets", "api_key", "output", "no-secrets", 1, 1, 1, 1.0),
    ]


def test_usage_by_day_adds_up_tokens(filled: sa.Engine) -> None:
    columns = (
        "exchanges, ok, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, without_usage"
    )
    source = "usage_by_day WHERE day = :day AND caller = 'team-a' AND provider = 'openai'"
    assert read(filled, columns, source, day="2026-11-22") == [(8, 5, 18, 30, 6, 12, 1)]
    assert read(filled, columns, source, day="2026-11-21") == [(1, 1, 3, 5, 1, 2, 0)]


def test_a_day_ends_at_midnight_utc(filled: sa.Engine) -> None:
    days = read(filled, "exchange_id, day", "exchange_facts")
    assert ("just before midnight", "2026-11-21") in days
    assert ("at midnight", "2026-11-22") in days


def test_slow_exchanges_are_placed_within_their_day(engine: sa.Engine) -> None:
    records = [
        exchange(started_ns=start, ended_ns=start + (i + 1) * MS, first_release_ns=None)
        for start in (MIDNIGHT_NS, MIDNIGHT_NS + DAY_NS)
        for i in range(120)
    ]
    Inserts(engine).write([rows_of(record, Capture("none", str)) for record in records])
    rows = select(engine, "SELECT day, place, duration_ms FROM slow_exchanges ORDER BY day, place")
    assert len(rows) == 200
    assert rows[0] == {"day": "2026-11-22", "place": 1, "duration_ms": 120.0}
    assert rows[-1] == {"day": "2026-11-23", "place": 100, "duration_ms": 21.0}


def test_errors_says_whose_fault_it_was(filled: sa.Engine) -> None:
    columns = (
        "exchange_id, fault, status_code, error_code, error_param, "
        "attempts, upstream_status_code, upstream_error_type"
    )
    assert sorted(read(filled, columns, "errors"), key=str) == [
        ("rejected", "caller", 400, None, "messages", None, None, None),
        ("upstream error", "upstream", 504, "upstream_timeout", None, 2, None, "upstream_timeout"),
    ]


def test_unscreened_shows_every_side_that_no_enforcing_guardrail_looked_at(filled: sa.Engine) -> None:
    assert sorted(read(filled, "exchange_id, side, reason", "unscreened"), key=str) == [
        ("guardrail failed", "input", "guardrail_failed"),
        ("only watched", "input", "no_guardrail"),
        ("only watched", "output", "no_guardrail"),
        ("unguarded", "input", "no_guardrail"),
        ("unguarded", "output", "no_guardrail"),
    ]


def test_releasing_more_than_was_screened_cannot_be_recorded_and_would_be_shown(engine: sa.Engine) -> None:
    rows = rows_of(exchange(coverage=Coverage(received=9, screened=5, released=6)), Capture("none", str))
    with pytest.raises(sa.exc.IntegrityError):
        Inserts(engine).write([rows])
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            connection.exec_driver_sql("ALTER TABLE exchanges DROP CONSTRAINT exchanges_coverage_check")
    Inserts(engine).write([rows])
    assert select(engine, "SELECT side, reason FROM unscreened") == [
        {"side": "output", "reason": "released_unscreened"}
    ]


@pytest.mark.parametrize("revision", ["r0001", "r0002"])
def test_a_view_is_the_same_text_on_both_databases_but_for_two_words(revision: str) -> None:
    assert view(revision, "usage_by_day", "postgresql").replace(" AT TIME ZONE 'UTC'", "") == view(
        revision, "usage_by_day", "sqlite"
    )

"""How long the questions of `dashboards/questions` take on a large record, on PostgreSQL, and by which plan.

    python -m tests.bench.questions_time [--exchanges 1000000] [--plans]

The record is made by PostgreSQL itself: exchanges spread over 30 days of partitions, 40 callers, 12
models; one
attempt each (every twentieth has two), two verdicts, a finding in every tenth; no bodies, which no
question reads.
Each question is asked three times; the least time counts. The bound is a second each.
"""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.records import migrate
from app.records.engine import open_engine
from app.records.questions import Question, questions
from tests.postgresql import database

BOUND_S = 1.0
_DAYS = 30
_AHEAD = 10
"""Days from now on which the record begins, behind those that have partitions already."""
_TRIES = 3
_TABLES = ("exchanges", "attempts", "verdicts", "findings")
_FILL = (
    """
    INSERT INTO exchanges (id, started_at, ended_at, trace_id, span_id, trace_sampled, caller,
    policy_version, method,
      path, operation, unscreened, stream, requested_model, provider, model, outcome, status_code,
      error_code, error_param,
      duration_ms, upstream_ms, overhead_ms, time_to_first_token_ms, prompt_tokens, completion_tokens,
      cost_usd,
      cache_status, chars_received, chars_screened, chars_released)
    SELECT CAST(lpad(to_hex(i), 32, '0') AS uuid), at, at + interval '1 second', lpad(to_hex(i), 32, 'a'),
      lpad(to_hex(i), 16, 'b'), i % 10 = 0, 'team-' || i % 40, 'v' || i / 200000, 'POST',
      '/v1/chat/completions', 'chat',
      false, i % 2 = 0, 'm', 'p' || i % 4, 'model-' || i % 12,
      CASE WHEN i % 50 = 0 THEN 'blocked_input' WHEN i % 70 = 0 THEN 'upstream_error' WHEN i % 90 = 0 THEN
      'rejected'
        WHEN i % 110 = 0 THEN 'cancelled' ELSE 'ok' END,
      200, CASE WHEN i % 90 = 0 THEN 'invalid_value' END, CASE WHEN i % 90 = 0 THEN 'messages' END,
      100 + i % 9973, 90 + i % 9973, 1 + i % 17, 50 + i % 997, i % 4000, i % 900, (i % 900) * 0.00001,
      CASE WHEN i % 5 = 0 THEN 'hit' WHEN i % 5 = 1 THEN 'miss' END, 900, 900, 900
    FROM (SELECT i, CAST(:first AS date) + interval '1 second' * (i * CAST(:span AS double precision) /
    :number) AS at
      FROM generate_series(1, :number) i) made
    """,
    """
    INSERT INTO attempts (exchange_id, exchange_started_at, number, provider, provider_kind, model,
    server_address,
      server_port, started_at, ended_at, duration_ms, time_to_first_event_ms, status_code, error_type,
      prompt_tokens,
      completion_tokens, cost_usd, span_id)
    SELECT e.id, e.started_at, n, e.provider, 'openai', e.model, 'api', 443, e.started_at, e.ended_at,
    e.upstream_ms,
      CASE WHEN n < last THEN NULL ELSE e.time_to_first_token_ms END, 200, CASE WHEN n < last THEN '529' END,
      e.prompt_tokens, e.completion_tokens, CASE WHEN e.prompt_tokens > 20 THEN e.cost_usd END, e.span_id
    FROM (SELECT *, CASE WHEN prompt_tokens % 20 = 0 THEN 2 ELSE 1 END AS last FROM exchanges) e
    CROSS JOIN generate_series(1, 2) n WHERE n <= last
    """,
    """
    INSERT INTO verdicts (exchange_id, exchange_started_at, number, guardrail, side, decision, action,
    mode, blocked, error,
      duration_ms, findings_dropped, complete)
    SELECT e.id, e.started_at, n, CASE n WHEN 1 THEN 'privacy' ELSE 'no-secrets' END,
      CASE n WHEN 1 THEN 'input' ELSE 'output' END,
      CASE WHEN n = 1 AND e.outcome = 'blocked_input' THEN 'block' WHEN e.prompt_tokens % 10 = 0 THEN 'redact'
        ELSE 'pass' END, 'redact', CASE WHEN e.prompt_tokens % 30 = 0 THEN 'monitor' ELSE 'enforce' END,
      n = 1 AND e.outcome = 'blocked_input', NULL, 0.1 + (e.prompt_tokens % 7) / 10.0, 0, true
    FROM exchanges e CROSS JOIN generate_series(1, 2) n
    """,
    """
    INSERT INTO findings (exchange_id, exchange_started_at, number, verdict_number, check_kind, rule, part,
    start_offset,
      end_offset, score, fingerprint)
    SELECT id, started_at, 1, 1, 'pii', 'rule-' || prompt_tokens % 9, 'messages[0].content', 0, 9, 1,
      md5(CAST(prompt_tokens * 31 + completion_tokens AS text))
    FROM exchanges WHERE prompt_tokens % 10 = 0
    """,
)


def main() -> int:
    """Print a line a question; the status is 1 if one takes longer than its bound."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--exchanges", type=int, default=1_000_000)
    parser.add_argument("--plans", action="store_true", help="print the plan of each")
    arguments = parser.parse_args()
    with database() as url:
        migrate.upgrade(url)
        engine = open_engine(url)
        _fill(engine, arguments.exchanges)
        print(f"{arguments.exchanges} exchanges; bound {BOUND_S} s")
        slow = [question.name for question in questions() if _asked(engine, question, arguments) > BOUND_S]
        engine.dispose()
    print(f"over the bound: {', '.join(slow) or 'none'}")
    return int(bool(slow))


def _fill(engine: sa.Engine, number: int) -> None:
    first = datetime.now(UTC).date() + timedelta(days=_AHEAD)
    ranges = {"number": number, "span": (_DAYS - 1) * 86_400.0, "first": str(first)}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _TABLES:
            for day in range(_DAYS):
                begin = first + timedelta(days=day)
                connection.exec_driver_sql(
                    f"CREATE TABLE {table}_bench_{day} PARTITION OF {table} "
                    f"FOR VALUES FROM ('{begin} 00:00+00') TO ('{begin + timedelta(days=1)} 00:00+00')"
                )
        for sql in _FILL:
            given = ranges if ":number" in sql else {}
            connection.execute(sa.text(sql), given)
        connection.exec_driver_sql("VACUUM ANALYZE")


def _asked(engine: sa.Engine, question: Question, arguments: argparse.Namespace) -> float:
    times, rows = [], 0
    with engine.connect() as connection:
        for _ in range(_TRIES):
            begin = time.perf_counter()
            rows = len(connection.exec_driver_sql(question.sql).fetchall())
            times.append(time.perf_counter() - begin)
        print(f"{question.name:24}{min(times):8.3f} s {rows:6} rows", flush=True)
        if arguments.plans:
            for (line,) in connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {question.sql}"):
                print(f"    {line}")
    return min(times)


if __name__ == "__main__":
    sys.exit(main())

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.exchange import Outcome, Usage
from app.records import tables
from app.records.rows import Capture, Rows, rows_of
from guardrails import Coverage, Decision, Mode, Side
from tests.exchanges import MS, STARTED_NS, attempt, exchange, finding, verdict

SECRET = "sk-canary-0123456789"
AS_IT_WAS = Capture("full", str)
PAID_USAGE = Usage(
    prompt_tokens=3, completion_tokens=5, cached_tokens=1, reasoning_tokens=2, cache_write_tokens=4
)


def hide(text: str) -> str:
    return text.replace(SECRET, "[SECRET]")


def body(rows: Rows, kind: str) -> Any:
    return next(json.loads(str(row["body"])) for row in rows.payloads if row["kind"] == kind)


def test_the_row_of_an_exchange_says_everything_about_it() -> None:
    record = exchange(
        caller_trace_id="abc",
        error_type="upstream_error",
        error_code="upstream_timeout",
        error_param="messages[0]",
        error_message="The provider took too long.",
        metadata={"_user": "u-1", "team": "blue"},
        outcome=Outcome.UPSTREAM_ERROR,
        status_code=504,
        coverage=Coverage(received=30, screened=20, released=10),
        usage=PAID_USAGE,
        cost_usd=Decimal("0.0125"),
    )
    assert rows_of(record, AS_IT_WAS).exchanges == (
        {
            "id": record.id,
            "started_at": "2026-11-22T20:51:52.123456Z",
            "ended_at": "2026-11-22T20:51:52.248456Z",
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
            "span_id": "b7ad6b7169203331",
            "trace_sampled": True,
            "caller_trace_id": "abc",
            "caller": "team-a",
            "policy_version": "5f2c",
            "method": "POST",
            "path": "/v1/chat/completions",
            "operation": "chat",
            "unscreened": False,
            "stream": True,
            "requested_model": "@openai/gpt-4o",
            "provider": "openai",
            "model": "gpt-4o",
            "outcome": "upstream_error",
            "status_code": 504,
            "error_type": "upstream_error",
            "error_code": "upstream_timeout",
            "error_param": "messages[0]",
            "error_message": "The provider took too long.",
            "metadata": '{"_user":"u-1","team":"blue"}',
            "duration_ms": 125.0,
            "upstream_ms": 100.0,
            "overhead_ms": 25.0,
            "time_to_first_token_ms": 101.0,
            "prompt_tokens": 3,
            "completion_tokens": 5,
            "cached_tokens": 1,
            "reasoning_tokens": 2,
            "cache_write_tokens": 4,
            "cost_usd": 0.0125,
            "cache_status": None,
            "chars_received": 30,
            "chars_screened": 20,
            "chars_released": 10,
            "record_error": None,
            **dict.fromkeys(("writer", "subject", "erasable_salt", "erasable_hash")),
        },
    )


def test_an_attempt_is_a_row_beside_its_exchange() -> None:
    paid: dict[str, Any] = {
        "usage": PAID_USAGE,
        "cost_usd": Decimal("0.0125"),
        "dropped_params": ("top_k", "seed"),
    }
    failed = attempt(1, error_type="upstream_timeout", status_code=None, **paid)
    record = exchange(attempts=(failed, attempt(2, **paid)))
    first, second = rows_of(record, AS_IT_WAS).attempts
    assert first == second | {"number": 1, "error_type": "upstream_timeout", "status_code": None}
    assert second == {
        "exchange_id": record.id,
        "exchange_started_at": "2026-11-22T20:51:52.123456Z",
        "number": 2,
        "provider": "openai",
        "provider_kind": "openai",
        "model": "gpt-4o",
        "server_address": "api.openai.example",
        "server_port": 443,
        "started_at": "2026-11-22T20:51:52.143456Z",
        "ended_at": "2026-11-22T20:51:52.243456Z",
        "duration_ms": 100.0,
        "time_to_first_event_ms": 80.0,
        "status_code": 200,
        "error_type": None,
        "response_id": "chatcmpl-1",
        "response_model": "gpt-4o-2026",
        "finish_reasons": "stop",
        "prompt_tokens": 3,
        "completion_tokens": 5,
        "cached_tokens": 1,
        "reasoning_tokens": 2,
        "cache_write_tokens": 4,
        "cost_usd": 0.0125,
        "dropped_params": "top_k,seed",
        "cache_status": None,
        "cached_exchange_id": None,
        "cache_similarity": None,
        "span_id": "00f067aa0ba902b8",
    }


def test_verdicts_are_numbered_and_findings_point_to_theirs() -> None:
    record = exchange(
        verdicts=(
            verdict(
                Side.INPUT,
                finding("messages[0].content", 5, 9),
                finding("user", 0, 4, rule="phone", score=0.5),
            ),
            verdict(
                Side.OUTPUT,
                decision=Decision.ERROR,
                error="timeout",
                mode=Mode.MONITOR,
                started_ns=0,
                findings_dropped=7,
                complete=False,
            ),
            verdict(Side.OUTPUT, finding("choices[0].message.content", 1, 2)),
        )
    )
    rows = rows_of(record, AS_IT_WAS)
    keys = {"exchange_id": record.id, "exchange_started_at": "2026-11-22T20:51:52.123456Z"}
    assert rows.verdicts[1] == keys | {
        "number": 2,
        "guardrail": "privacy",
        "side": "output",
        "decision": "error",
        "action": "redact",
        "mode": "monitor",
        "blocked": False,
        "error": "timeout",
        "started_at": None,
        "duration_ms": 0.25,
        "findings_dropped": 7,
        "complete": False,
    }
    assert rows.verdicts[0]["started_at"] == "2026-11-22T20:51:52.124456Z"
    assert [(row["number"], row["verdict_number"]) for row in rows.findings] == [(1, 1), (2, 1), (3, 3)]
    assert rows.findings[1] == keys | {
        "number": 2,
        "verdict_number": 1,
        "check_kind": "pii",
        "rule": "phone",
        "part": "user",
        "start_offset": 0,
        "end_offset": 4,
        "score": 0.5,
        "fingerprint": "0123456789abcdef" * 2,
    }


def test_rows_have_exactly_the_columns_of_their_tables() -> None:
    rows = rows_of(exchange(verdicts=(verdict(Side.INPUT, finding("user", 0, 1)),)), AS_IT_WAS)
    for table in map(tables.metadata.tables.__getitem__, Rows.__struct_fields__):
        for row in getattr(rows, table.name):
            assert row.keys() == set(table.columns.keys()), table.name


def test_every_outcome_has_a_place_in_the_constraint() -> None:
    assert {outcome.value for outcome in Outcome} < set(tables.OUTCOMES)


def test_attempts_that_never_ended_count_up_to_the_end_of_the_exchange() -> None:
    begun = attempt(2, started_ns=STARTED_NS + 120 * MS, ended_ns=None, first_event_ns=None)
    rows = rows_of(exchange(attempts=(attempt(1), begun)), AS_IT_WAS)
    assert rows.exchanges[0]["upstream_ms"] == 105.0
    assert (rows.attempts[1]["ended_at"], rows.attempts[1]["duration_ms"]) == (None, None)


def test_overhead_is_never_negative() -> None:
    twice = (attempt(1), attempt(2))
    assert rows_of(exchange(attempts=twice), AS_IT_WAS).exchanges[0]["overhead_ms"] == 0.0


def test_an_exchange_that_was_no_good_has_no_children() -> None:
    record = exchange(
        request=None, response=None, attempts=(), verdicts=(), first_release_ns=None, usage=Usage()
    )
    rows = rows_of(record, AS_IT_WAS)
    assert (rows.payloads, rows.attempts, rows.verdicts, rows.findings) == ((), (), (), ())
    assert rows.exchanges[0]["time_to_first_token_ms"] is None
    assert rows.exchanges[0]["prompt_tokens"] is None


TEXT = st.text(st.characters(), max_size=20) | st.just("long " * 1000)


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_every_text_fits_its_column(data: st.DataObject) -> None:
    def text() -> str:
        return data.draw(TEXT)

    record = exchange(
        caller=text(),
        path=text(),
        method=text(),
        requested_model=text(),
        provider=text(),
        error_message=text(),
        metadata={text(): text()},
        attempts=(attempt(model=text(), response_id=text(), finish_reasons=(text(), text())),),
        verdicts=(verdict(Side.INPUT, finding(text(), 0, 1, rule=text()), guardrail=text(), error=text()),),
    )
    rows = rows_of(record, Capture("none", str))
    for table in map(tables.metadata.tables.__getitem__, Rows.__struct_fields__):
        for row in getattr(rows, table.name):
            for column, value in row.items():
                if isinstance(value, str):
                    value.encode()
                    assert "\0" not in value
                    assert len(value) <= (getattr(table.columns[column].type, "length", None) or 10**9), (
                        column
                    )


def test_money_no_column_holds_is_left_out_and_names_that_do_not_fit_are_cut() -> None:
    many = ("p" * 64,) * 40
    made = attempt(cost_usd=Decimal(10) ** 12, dropped_params=many)
    (row,) = rows_of(exchange(attempts=(made,)), AS_IT_WAS).attempts
    assert row["cost_usd"] is None
    assert len(str(row["dropped_params"])) == 2048

import hashlib
import json
from decimal import Decimal

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.exchange import Usage
from app.records import tables
from app.records.canonical import (
    BESIDE,
    COLUMNS,
    ERASABLE,
    body_hash,
    double,
    erasable_hash,
    event_digest,
    exchange_digest,
    money,
)
from app.records.inserts import Inserts
from app.records.opening import event_row
from app.records.protection import Protection
from app.records.rows import Capture, Rows, rows_of
from guardrails import Side
from tests.databases import select
from tests.exchanges import attempt, exchange, finding, verdict

CHILDREN = ("attempts", "verdicts", "findings", "payloads")
SALT = "00ff" * 8
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
DOUBLES = st.floats(0, 1e12, allow_nan=False)
COSTS = st.decimals(0, 10**11, allow_nan=False, places=15)


@pytest.mark.parametrize("table", ["exchanges", *CHILDREN])
def test_every_column_is_in_the_digest_or_has_a_reason_not_to_be(table: str) -> None:
    columns = {*tables.metadata.tables[table].columns.keys()} - {"exchange_id", "exchange_started_at"}
    named = {*COLUMNS[table], *BESIDE.get(table, ()), *(ERASABLE if table == "exchanges" else ())}
    assert columns == named


def test_doubles_money_and_booleans_are_those_of_the_tables() -> None:
    row = dict.fromkeys(COLUMNS["exchanges"], 1) | {"erasable_hash": None}
    texts = _parts(_rows(row), exchange=row)[1]
    for name, value in zip(COLUMNS["exchanges"], texts, strict=True):
        kind = tables.exchanges.columns[name].type
        expected: object = 1
        if isinstance(kind, sa.Double):
            expected = "1.0"
        elif isinstance(kind, sa.Numeric):
            expected = "1.000000000000"
        elif isinstance(kind, sa.Boolean):
            expected = True
        assert (name, value) == (name, None if name == "erasable_hash" else expected)
    for table in CHILDREN:
        doubles = {c.name for c in tables.metadata.tables[table].columns if isinstance(c.type, sa.Double)}
        assert doubles <= {*_DOUBLES}


_DOUBLES = ("duration_ms", "time_to_first_event_ms", "cache_similarity", "score")


def _rows(row: dict[str, int | None]) -> Rows:
    return Rows(exchanges=(dict(row),))


def _parts(rows: Rows, exchange: dict[str, int | None]) -> list[list[object]]:
    """Return what is hashed, found by hashing what the documentation says."""
    from app.records.canonical import values_of  # noqa: PLC0415

    made = values_of("exchanges")(exchange)
    text = json.dumps([1, made, [], [], [], []], separators=(",", ":"), ensure_ascii=False)
    assert exchange_digest(exchange, _children(rows)) == hashlib.sha256(text.encode()).hexdigest()
    return [[], list(made)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=TEXTS, ms=DOUBLES, cost=COSTS, score=st.floats(0, 1), hits=st.booleans())
def test_a_row_read_from_a_database_gives_the_bytes_it_had_when_written(
    engine: sa.Engine, text: str, ms: float, cost: Decimal, score: float, hits: bool
) -> None:
    record = exchange(
        path=text,
        error_message=text,
        metadata={text: text},
        attempts=(attempt(cost_usd=cost, cache_similarity=score if hits else None), attempt(2, model=text)),
        cost_usd=cost,
        usage=Usage(prompt_tokens=3),
        verdicts=(verdict(Side.INPUT, finding("messages[0].content", 5, 9, score=score)),),
        ended_ns=exchange().started_ns + int(ms),
    )
    rows = Protection().protect(rows_of(record, Capture("full", str)))
    Inserts(engine).write([rows])
    keys = {"id": record.id}
    (read,) = select(engine, "SELECT * FROM exchanges WHERE id = :id", **keys)
    children = {
        name: select(engine, f"SELECT * FROM {name} WHERE exchange_id = :id", **keys) for name in CHILDREN
    }
    assert exchange_digest(read, children) == exchange_digest(rows.exchanges[0], _children(rows))
    assert erasable_hash(str(read["erasable_salt"]), read) == rows.exchanges[0]["erasable_hash"]


@given(st.floats(0, 1e11, allow_nan=False))
def test_money_of_a_double_is_what_postgresql_makes_of_it(value: float) -> None:
    assert money(value) == money(Decimal(money(value)))
    assert abs(float(money(value)) - value) <= max(1e-12, value * 1e-14)


def test_values_are_written_as_documented() -> None:
    assert [double(0.1), double(3), double(1e-7), double(1e16)] == ["0.1", "3.0", "1e-07", "1e+16"]
    assert [money(0.25), money(0), money(Decimal("1.5"))] == [
        "0.250000000000",
        "0.000000000000",
        "1.500000000000",
    ]


def test_the_order_in_which_children_are_read_does_not_matter_but_each_of_them_does() -> None:
    rows = rows_of(
        exchange(attempts=(attempt(), attempt(2)), verdicts=(verdict(), verdict())), Capture("full", str)
    )
    whole = exchange_digest(rows.exchanges[0], _children(rows))
    turned = {name: children[::-1] for name, children in _children(rows).items()}
    assert exchange_digest(rows.exchanges[0], turned) == whole
    for name in ("attempts", "verdicts", "payloads"):
        less = _children(rows) | {name: _children(rows)[name][:1]}
        assert exchange_digest(rows.exchanges[0], less) != whole


def test_an_exchange_without_a_persons_words_has_no_hash_of_them() -> None:
    row = dict.fromkeys(ERASABLE)
    assert erasable_hash(SALT, row) is None
    assert erasable_hash(SALT, row | {"subject": "u"}) != erasable_hash(SALT, row | {"metadata": "u"})


def test_a_body_is_known_by_its_salted_hash() -> None:
    assert body_hash(SALT, "ü") == hashlib.sha256(bytes.fromhex(SALT) + "ü".encode()).hexdigest()


def test_every_column_of_an_event_is_in_its_digest() -> None:
    event = event_row("erased", "2026-11-22T20:51:52.123456Z", "cli", {"a": 1}, exchanges=2)
    assert {*tables.record_events.columns.keys()} == {*event}
    digests = {event_digest(event | {name: "other"}) for name in event}
    assert len(digests | {event_digest(event)}) == len(event) + 1


def _children(rows: Rows) -> dict[str, tuple[dict[str, object], ...]]:
    return {name: getattr(rows, name) for name in msgspec.structs.asdict(rows)}

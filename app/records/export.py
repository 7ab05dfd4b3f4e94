"""The record as a file: JSON lines, one a row of any table, or CSV, one row an exchange.

JSON lines are everything. The first line says what the file is, each further one holds a row and the name of
its table, an exchange's rows together, and the last one counts them, so that a file that was cut off is known
as such:

    {"export":{"format":1,"revision":"0006","made_at":"...","asked":{...}}}
    {"table":"exchanges","row":{"id":"...","started_at":"...",...}}
    {"table":"payloads","row":{...}}
    {"end":{"exchanges":{"rows":1},"payloads":{"rows":2},...}}

Values are those of `plain_rows.py`, the same from both databases: whoever verifies an export needs no
database. Behind the exchanges come the rows of all other tables, whole, since what proves a record does not
stop at the border of a question; only what callers reported is left to the exchanges that are asked for.

CSV (and Parquet, `parquet.py`) is for calculating: the columns of `exchanges`, the two bodies, and what else
hangs on an exchange as JSON. A text in CSV that a spreadsheet would take for a formula gets an apostrophe in
front (owasp.org/www-community/attacks/CSV_Injection, 2026-12), full-width signs too, which a spreadsheet in
Japanese takes for the same; the other formats change nothing.
"""

import csv
import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records import migrate, tables
from app.records.filters import Filter
from app.records.plain_rows import PlainRow, json_line, plain_rows, plain_stream
from app.records.queries import names_of
from app.records.values import moment
from app.records.whole_exchanges import CHILDREN, RecordedExchange, whole_exchanges

FORMAT = 1
"""Of the JSON lines; raised when a reader of the last one would be wrong about a file."""
REPORTS = (tables.feedback, tables.inserted_logs)
BODIES = ("request", "response")
LISTS = ("attempts", "verdicts", "findings", "feedback")
FLAT_COLUMNS = (*tables.exchanges.columns.keys(), *BODIES, *LISTS)
"""Of a flat row; bodies and lists are JSON."""
_TOGETHER = 100
"""Exchanges whose reports are looked up at once, if they are not too large."""
_TOGETHER_CHARS = 4 * 1024 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")

Tell = Callable[[int], None]
"""Told how many exchanges are done."""


def json_lines(connection: sa.Connection, asked: Filter, tell: Tell) -> Iterator[bytes]:
    """Yield the record as JSON lines, ends of lines included."""
    revision, now = migrate.current(connection), moment(time.time_ns())
    head = {"format": FORMAT, "revision": revision, "made_at": now, "asked": _said(asked)}
    yield json_line({"export": head}) + b"\n"
    counts: Counter[str] = Counter()
    for i, (one, reported) in enumerate(_with_reports(connection, asked), 1):
        rows = {"exchanges": [one.exchange], **one.children}
        if asked != Filter():
            rows |= reported
        for name, found in rows.items():
            yield from _lines(name, found, counts)
        tell(i)
    for table in _others(asked):
        statement = sa.select(table).order_by(*table.primary_key.columns)
        rows_there = connection.execute(statement, execution_options={"yield_per": 500})
        yield from _lines(table.name, plain_stream(rows_there.mappings(), table), counts)
    yield json_line({"end": {name: {"rows": count} for name, count in sorted(counts.items())}}) + b"\n"


def csv_lines(connection: sa.Connection, asked: Filter, tell: Tell) -> Iterator[bytes]:
    """Yield the exchanges as CSV with a line of names (RFC 4180), in UTF-8."""
    yield csv_line(FLAT_COLUMNS)
    for row in flat_rows(connection, asked, tell):
        yield csv_line(row[name] for name in FLAT_COLUMNS)


def csv_line(values: Iterable[Any]) -> bytes:
    """Return values as a line of CSV in which nothing is a formula."""
    text = io.StringIO()
    csv.writer(text).writerow(map(_harmless, values))
    return text.getvalue().encode()


def flat_rows(connection: sa.Connection, asked: Filter, tell: Tell) -> Iterator[PlainRow]:
    """Yield a flat row an exchange."""
    for i, (one, reported) in enumerate(_with_reports(connection, asked), 1):
        bodies = {row["kind"]: row["body"] for row in one.children["payloads"]}
        lists = {**one.children, **reported}
        yield {
            **one.exchange,
            **{kind: bodies.get(kind) for kind in BODIES},
            **{name: json_line(list(map(_own, lists[name]))).decode() for name in LISTS},
        }
        tell(i)


def _with_reports(
    connection: sa.Connection, asked: Filter
) -> Iterator[tuple[RecordedExchange, dict[str, list[PlainRow]]]]:
    """Yield each exchange with what callers reported on it, by table."""
    for group in _together(whole_exchanges(connection, asked)):
        names = sorted({name for one in group for name in names_of(one.exchange)})
        reported = {
            table: plain_rows(
                connection, table, table.c.trace_id.in_(names), order=(table.c.created_at, table.c.id)
            )
            for table in REPORTS
        }
        for one in group:
            mine = frozenset(names_of(one.exchange))
            yield (
                one,
                {
                    table.name: [row for row in rows if row["trace_id"] in mine]
                    for table, rows in reported.items()
                },
            )


def _together(exchanges: Iterable[RecordedExchange]) -> Iterator[list[RecordedExchange]]:
    group: list[RecordedExchange] = []
    chars = 0
    for one in exchanges:
        group.append(one)
        chars += sum(len(row["body"] or "") for row in one.children["payloads"])
        if len(group) >= _TOGETHER or chars > _TOGETHER_CHARS:
            yield group
            group, chars = [], 0
    if group:
        yield group


def _others(asked: Filter) -> list[sa.Table]:
    """Return the tables that hang on no single exchange."""
    done = {table.name for table in (tables.exchanges, *CHILDREN, *REPORTS)}
    others = [table for name, table in sorted(tables.metadata.tables.items()) if name not in done]
    return [*(REPORTS if asked == Filter() else ()), *others]


def _lines(name: str, rows: Iterable[PlainRow], counts: Counter[str]) -> Iterator[bytes]:
    for row in rows:
        counts[str(name)] += 1
        yield json_line({"table": str(name), "row": row}) + b"\n"


def _said(asked: Filter) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(asked).items() if value}


def _own(row: PlainRow) -> PlainRow:
    """Return a row of a list without the key of its exchange, which stands beside it."""
    return {name: value for name, value in row.items() if name not in {"exchange_id", "exchange_started_at"}}


def _harmless(value: Any) -> Any:  # noqa: ANN401 (a value of a row)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

"""Asks the record: a page of exchanges, and one exchange whole, with all that hangs on it.

One code path for both databases; connections come from `reading.py`, rows leave as `plain_rows.py` says.
Bodies are as they were recorded. Feedback and inserted logs hang on an exchange by any of its three ids: its
own, its trace id, the caller's trace id.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.columns import MOMENT, UUID
from app.records.cursors import Place, cursor_behind, place_before
from app.records.filters import BadQuestion, Filter, conditions
from app.records.plain_rows import PlainRow, plain, plain_rows

MOST = 1000
"""Exchanges on one page."""
_SHORTEST = 4
"""Digits of an id's beginning."""
_HEX = frozenset("0123456789abcdef")
_TRACE_DIGITS = 32


class Page(msgspec.Struct, frozen=True):
    """Some exchanges in order."""

    exchanges: tuple[PlainRow, ...]
    """Rows of `exchanges`, with `fired`, verdicts other than pass (`input:privacy=redact`; a question mark:
    only monitored), and `feedback`, the values that callers gave."""
    next_cursor: str | None
    """Of the next page; None: there is none."""


class WholeExchange(msgspec.Struct, frozen=True):
    """One exchange and everything that is known of it, each table in the order of its key."""

    exchange: PlainRow
    payloads: tuple[PlainRow, ...]
    attempts: tuple[PlainRow, ...]
    verdicts: tuple[PlainRow, ...]
    findings: tuple[PlainRow, ...]
    feedback: tuple[PlainRow, ...]
    inserted_logs: tuple[PlainRow, ...]


def page(
    connection: sa.Connection,
    asked: Filter,
    *,
    limit: int = 100,
    cursor: str | None = None,
    newest_first: bool = True,
) -> Page:
    """Return a page of exchanges in the order in which they began.

    Exchanges that are written meanwhile move nothing: whoever follows the cursors sees each one once.

    Raises:
        BadQuestion: of the cursor or the limit.
    """
    if not 1 <= limit <= MOST:
        raise BadQuestion(f"limit must be from 1 to {MOST}", "limit")
    columns = tables.exchanges.c
    where = conditions(asked)
    if cursor is not None:
        where += _behind(place_before(cursor, asked, newest_first=newest_first), newest_first=newest_first)
    key = (columns.started_at, columns.id)
    order = [one.desc() if newest_first else one.asc() for one in key]
    statement = sa.select(tables.exchanges).where(*where).order_by(*order).limit(limit + 1)
    rows = with_reports(connection, statement)
    shown = tuple(rows[:limit])
    last = Place(shown[-1]["started_at"], shown[-1]["id"]) if len(rows) > limit else None
    return Page(shown, last and cursor_behind(last, asked, newest_first=newest_first))


def with_reports(connection: sa.Connection, statement: sa.Select[Any]) -> list[PlainRow]:
    """Return the rows of `exchanges` that are selected, with `fired` and `feedback` as on a page."""
    rows = [*map(plain(tables.exchanges), connection.execute(statement).mappings())]
    _add_fired(connection, rows)
    _add_feedback(connection, rows)
    return rows


def count(connection: sa.Connection, asked: Filter) -> int:
    """Return how many exchanges there are."""
    statement = sa.select(sa.func.count()).select_from(tables.exchanges).where(*conditions(asked))
    return connection.execute(statement).scalar_one()


def places_of(connection: sa.Connection, name: str, *, most: int = 20) -> list[Place]:
    """Return the exchanges that somebody names by id, trace id, the beginning of either, or own trace id.

    Args:
        connection: to the record.
        name: an id with or without hyphens, a trace id, at least four of their first digits, or a trace id
            in a form of the caller's own.
        most: to be returned, oldest first.
    """
    columns = tables.exchanges.c
    digits = name.strip().lower().replace("-", "")
    ways: list[sa.ColumnElement[bool]] = []
    if _SHORTEST <= len(digits) <= _TRACE_DIGITS and not set(digits) - _HEX:
        ways = [
            columns.id.between(_hyphened(digits.ljust(32, "0")), _hyphened(digits.ljust(32, "f"))),
            columns.trace_id.between(digits.ljust(32, "0"), digits.ljust(32, "f")),
        ]
    ways.append(columns.caller_trace_id == name.replace("\0", ""))
    for way in ways:
        statement = sa.select(columns.started_at, columns.id).where(way)
        statement = statement.order_by(columns.started_at, columns.id).limit(most)
        if rows := connection.execute(statement).mappings().all():
            return [Place(row["started_at"], row["id"]) for row in map(_plain_place, rows)]
    return []


def whole(connection: sa.Connection, place: Place) -> WholeExchange | None:
    """Return an exchange with all that hangs on it, None if it is not there."""
    columns = tables.exchanges.c
    rows = plain_rows(
        connection, tables.exchanges, columns.id == place.id, columns.started_at == place.started_at
    )
    if not rows:
        return None

    def children(table: sa.Table) -> tuple[PlainRow, ...]:
        mine = (table.c.exchange_id == place.id, table.c.exchange_started_at == place.started_at)
        return tuple(plain_rows(connection, table, *mine))

    def reported(table: sa.Table) -> tuple[PlainRow, ...]:
        mine = table.c.trace_id.in_(names_of(rows[0]))
        return tuple(plain_rows(connection, table, mine, order=(table.c.created_at, table.c.id)))

    return WholeExchange(
        exchange=rows[0],
        payloads=children(tables.payloads),
        attempts=children(tables.attempts),
        verdicts=children(tables.verdicts),
        findings=children(tables.findings),
        feedback=reported(tables.feedback),
        inserted_logs=reported(tables.inserted_logs),
    )


def names_of(exchange: PlainRow) -> tuple[str, ...]:
    """Return what callers may call an exchange when they report on it."""
    names = (exchange["id"], exchange["trace_id"], exchange["caller_trace_id"])
    return tuple(name for name in names if name)


def _behind(place: Place, *, newest_first: bool) -> list[sa.ColumnElement[bool]]:
    """Return what holds of all exchanges behind one; the first part lets PostgreSQL leave out partitions."""
    columns = tables.exchanges.c
    here = sa.tuple_(sa.literal(place.started_at, MOMENT), sa.literal(place.id, UUID))
    there = sa.tuple_(columns.started_at, columns.id)
    if newest_first:
        return [columns.started_at <= place.started_at, there < here]
    return [columns.started_at >= place.started_at, there > here]


_plain_place = plain(sa.Table("places", sa.MetaData(), sa.Column("started_at", MOMENT)))


def _hyphened(digits: str) -> str:
    parts = [digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]]
    return "-".join(parts)


def _add_fired(connection: sa.Connection, rows: Sequence[PlainRow]) -> None:
    columns = tables.verdicts.c
    fired: dict[str, list[str]] = defaultdict(list)
    if rows:
        moments = [row["started_at"] for row in rows]
        statement = (
            sa.select(columns.exchange_id, columns.side, columns.guardrail, columns.decision, columns.mode)
            .where(
                columns.exchange_id.in_([row["id"] for row in rows]),
                columns.exchange_started_at.between(min(moments), max(moments)),
                columns.decision != "pass",
            )
            .order_by(columns.exchange_id, columns.number)
        )
        for one in connection.execute(statement):
            mark = "?" if one.mode == "monitor" else ""
            fired[one.exchange_id].append(f"{one.side}:{one.guardrail}={one.decision}{mark}")
    for row in rows:
        row["fired"] = fired[row["id"]]


def _add_feedback(connection: sa.Connection, rows: Sequence[PlainRow]) -> None:
    columns = tables.feedback.c
    given: dict[str, list[int]] = defaultdict(list)
    names = sorted({name for row in rows for name in names_of(row)})
    if names:
        statement = (
            sa.select(columns.trace_id, columns.value)
            .where(columns.trace_id.in_(names))
            .order_by(columns.created_at, columns.id)
        )
        for one in connection.execute(statement):
            given[one.trace_id].append(one.value)
    for row in rows:
        row["feedback"] = [value for name in dict.fromkeys(names_of(row)) for value in given[name]]

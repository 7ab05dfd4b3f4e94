"""Lets go of what is older than is kept: exchanges with all their rows, feedback, inserted logs.

On PostgreSQL whole days are dropped, a day of all five tables in one transaction; days in which something is
held, and SQLite files, are thinned in batches. An event of the chain says before which moment exchanges may
be gone, so that `verify` finds the record whole. The chain itself stays: there is nothing in it but ids and
hashes.

Whoever comes first does it; others find nothing left. An exchange and its rows go in one transaction, so
nobody ever sees one without the other.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.changes import Change, Changes
from app.records.filters import BadQuestion
from app.records.held import any_hold, is_about_held, is_held
from app.records.partitions import partitions

_BATCH = 500
_LOCK_TIMEOUT = "2s"
_MOST_DAYS = 36_500
"""A century."""
_CHILDREN = (tables.payloads, tables.attempts, tables.verdicts, tables.findings)
_NAMES = ("exchanges", *(table.name for table in _CHILDREN))
_REPORTS = (tables.feedback, tables.inserted_logs)


class Retained(msgspec.Struct):
    """What went, or would."""

    before: str
    """Moment: what came later stays."""
    exchanges: int = 0
    partitions: int = 0
    """Of the exchanges' table, that were dropped whole."""
    feedback: int = 0
    inserted_logs: int = 0
    held: int = 0
    """Spared, because of a hold."""


def days_kept(asked: int | None, configured: int | None) -> int:
    """Return for how many days the record is kept.

    Args:
        asked: by somebody, who goes before what is configured.
        configured: `records.retention_days`.

    Raises:
        BadQuestion: nobody says so, or there cannot be so many.
    """
    days = configured if asked is None else asked
    if days is None:
        message = "nothing says how long the record is kept: give days, or set records.retention_days"
        raise BadQuestion(message, "days")
    if not 1 <= days <= _MOST_DAYS:
        raise BadQuestion(f"days must be 1 to {_MOST_DAYS}", "days")
    return days


def cutoff(days: int, today: date) -> str:
    """Return the moment before which nothing is kept: the begin, in UTC, of a day."""
    return f"{today - timedelta(days=days)}T00:00:00.000000Z"


def retain(
    changes: Changes, before: str, tell: Callable[[int], None] = lambda _: None, *, dry_run: bool = False
) -> Retained:
    """Let go of what came before a moment.

    Args:
        changes: to the record.
        before: the moment, of `cutoff`.
        tell: told how many exchanges have gone.
        dry_run: count, and change nothing.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be changed; what has gone is said to have.
    """
    done = Retained(before)
    with changes.looking() as connection:
        spares = any_hold(connection)
        due, done.held = _due(connection, before, spares=spares)
        reports = [_count(connection, table, _old(table, before, spares=spares)) for table in _REPORTS]
    if dry_run or not (due or any(reports)):
        done.exchanges, (done.feedback, done.inserted_logs) = due, reports
        return done
    with changes.change() as change:
        change.note("retained", {"gone_before": before}, due)
    if not changes.is_sqlite:
        _drop_days(changes, before, done, tell)
    while found := _delete_exchanges(changes, before):
        done.exchanges += found
        tell(done.exchanges)
    done.feedback, done.inserted_logs = (_delete_reports(changes, table, before) for table in _REPORTS)
    return done


def _due(connection: sa.Connection, before: str, *, spares: bool) -> tuple[int, int]:
    table = tables.exchanges
    old = table.c.started_at < before
    count = _count(connection, table, old)
    held = _count(connection, table, old & _held()) if spares else 0
    return count - held, held


def _held() -> sa.ColumnElement[bool]:
    table = tables.exchanges.c
    return is_held(table.id, table.started_at, table.subject)


def _count(connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0


def _old(table: sa.Table, before: str, *, spares: bool) -> sa.ColumnElement[bool]:
    old = table.c.created_at < before
    return old & ~is_about_held(table) if spares else old


def _drop_days(changes: Changes, before: str, done: Retained, tell: Callable[[int], None]) -> None:
    """Drop the days of which nothing is held, the oldest first."""
    while True:
        with changes.change() as change:
            days = next(_droppable(change.connection, date.fromisoformat(before[:10])), None)
            if days is None:
                return
            change.connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            rows = change.connection.execute(sa.text(f"SELECT count(*) FROM {days[0]}"))  # noqa: S608 (a name of ours)
            done.exchanges += rows.scalar_one()
            for name in days:
                change.connection.exec_driver_sql(f"DROP TABLE {name}")
        done.partitions += 1
        tell(done.exchanges)


def _droppable(connection: sa.Connection, end: date) -> Iterator[list[str]]:
    """Yield the partitions of all tables that are about the same days, where nothing in them is held."""
    by_days = [{(one.begin, one.end): one.name for one in partitions(connection, name)} for name in _NAMES]
    table = tables.exchanges.c
    for days in by_days[0]:
        begin, until = days
        if until > end or not all(days in found for found in by_days):
            continue
        inside = table.started_at < f"{until}T00:00:00.000000Z"
        if begin is not None:
            inside &= table.started_at >= f"{begin}T00:00:00.000000Z"
        if connection.scalar(sa.select(table.id).where(inside, _held()).limit(1)) is None:
            yield [found[days] for found in by_days]


def _delete_exchanges(changes: Changes, before: str) -> int:
    table = tables.exchanges.c
    with changes.change() as change:
        old = sa.select(table.id, table.started_at).where(table.started_at < before, ~_held())
        found = change.connection.execute(old.order_by(table.started_at).limit(_BATCH)).all()
        if found:
            _delete(change, [str(id_) for id_, _ in found], [at for _, at in found])
    return len(found)


def _delete(change: Change, ids: Sequence[str], moments: Sequence[object]) -> None:
    first, last = moments[0], moments[-1]
    for child in _CHILDREN:
        of = child.c.exchange_id.in_(ids) & child.c.exchange_started_at.between(first, last)
        change.connection.execute(sa.delete(child).where(of))
    table = tables.exchanges
    of = table.c.id.in_(ids) & table.c.started_at.between(first, last)
    change.connection.execute(sa.delete(table).where(of))


def _delete_reports(changes: Changes, table: sa.Table, before: str) -> int:
    deleted = 0
    while True:
        with changes.change() as change:
            old = _old(table, before, spares=any_hold(change.connection))
            ids = change.connection.scalars(sa.select(table.c.id).where(old).limit(_BATCH)).all()
            if not ids:
                return deleted
            change.connection.execute(sa.delete(table).where(table.c.id.in_(ids)))
        deleted += len(ids)


def today() -> date:
    """Return the day it is in UTC."""
    return datetime.now(UTC).date()

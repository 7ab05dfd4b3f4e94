"""The days of the record ahead, on PostgreSQL: made at the start and looked after while the service runs.

A day's partition is made as a table of its own and then attached, which keeps nobody from writing to others
(postgresql.org/docs/15/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE, 2026-12). Whoever
comes first makes it; others find it there. Rows of a day without a partition, of a clock that is ahead, are
in the default one, where they are as good. They move into their day when it is made. Should they be more than
can be moved in a moment, that day gets no partition, which is said in the log; those behind it get theirs.
"""

import re
import threading
from datetime import UTC, date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from telemetry import Log

PARTITIONED = {
    "exchanges": "started_at",
    "payloads": "exchange_started_at",
    "attempts": "exchange_started_at",
    "verdicts": "exchange_started_at",
    "findings": "exchange_started_at",
    "chain": "at",
}
"""Tables, and what they are partitioned by."""
DAYS_AHEAD = 7
_EVERY_S = 3600.0
_LOCK_TIMEOUT = "2s"
_MOST_MOVED = 10_000
"""Rows of a table that are moved out of the default partition, in one transaction."""
_LOCK_KEY = 0x68616E647261696D
"""The next number after that of `migrate.py`."""
_BOUNDS = sa.text(
    "SELECT CAST(CAST(c.oid AS regclass) AS text), pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
    "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = CAST(:parent AS regclass)"
)
_RANGE = re.compile(r"FROM \((?:MINVALUE|'([^']+)')\) TO \('([^']+)'\)")


class Partition(msgspec.Struct, frozen=True):
    """One partition: the days [begin, end)."""

    name: str
    begin: date | None
    """None: all that is before."""
    end: date


class Partitions:
    """Keeps some days ahead of today.

    Args:
        engine: of a database with the newest schema. On SQLite there is nothing to do.
        log: for days that cannot be made.
    """

    def __init__(self, engine: sa.Engine, log: Log) -> None:
        self._engine = engine
        self._log = log
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="partitions", daemon=True)

    def start(self) -> None:
        """Make the days ahead, and go on looking after them."""
        if self._engine.dialect.name == "postgresql":
            self.look(datetime.now(UTC).date())
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self, today: date) -> None:
        """Make what is missing of the days up to a week from today."""
        for table in PARTITIONED:
            try:
                make_ahead(self._engine, table, today + timedelta(days=DAYS_AHEAD))
            except sa.exc.SQLAlchemyError as error:
                # rows go to the default partition, or the database is away, which is said elsewhere
                name = type(getattr(error, "orig", None) or error).__name__
                self._log.warning("record_partition_not_made", table=table, error=name)

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            self.look(datetime.now(UTC).date())


def partitions(connection: sa.Connection, table: str) -> list[Partition]:
    """Return the partitions of a table but for the default one, in order."""
    found = []
    for name, bound in connection.execute(_BOUNDS, {"parent": table}):
        match = _RANGE.search(bound)
        if match is not None:
            begin = None if match[1] is None else date.fromisoformat(match[1][:10])
            found.append(Partition(name, begin, date.fromisoformat(match[2][:10])))
    return sorted(found, key=lambda one: one.end)


def make_ahead(engine: sa.Engine, table: str, last: date) -> None:
    """Make the partitions of a table that are missing up to a day, that day's too, each for itself.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: of the first day that has more rows in the default partition than are
            moved, and all others are made; or somebody holds a lock for too long, or the database is away.
    """
    with engine.connect() as connection:
        there = partitions(connection, table)
    if not there:
        return
    failed: sa.exc.IntegrityError | None = None
    day = min(there[-1].end, last - timedelta(days=DAYS_AHEAD))
    while day <= last:
        try:
            _make(engine, table, day)
        except sa.exc.IntegrityError as error:
            failed = failed or error
        day += timedelta(days=1)
    if failed is not None:
        raise failed


def _make(engine: sa.Engine, table: str, day: date) -> None:
    """Make the partition of a day, if it has none, with what of it waits in the default one."""
    if _has(engine, table, day):
        return
    name, default, moment = f"{table}_{day:%Y%m%d}", f"{table}_default", PARTITIONED[table]
    begin, end = f"'{day}T00:00:00Z'", f"'{day + timedelta(days=1)}T00:00:00Z'"
    waits = f"FROM {default} WHERE {moment} >= {begin} AND {moment} < {end}"
    with engine.begin() as connection:
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        if _covers(partitions(connection, table), day):
            return
        connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        few = f"SELECT count(*) FROM (SELECT 1 {waits} LIMIT {_MOST_MOVED + 1}) few"  # noqa: S608 (names of ours)
        if 0 < connection.exec_driver_sql(few).scalar_one() <= _MOST_MOVED:
            move = f"WITH moved AS (DELETE {waits} RETURNING *) INSERT INTO {name} SELECT * FROM moved"  # noqa: S608
            connection.exec_driver_sql(move)
        attach = f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({end})"
        connection.exec_driver_sql(attach)


def _has(engine: sa.Engine, table: str, day: date) -> bool:
    with engine.connect() as connection:
        return _covers(partitions(connection, table), day)


def _covers(there: list[Partition], day: date) -> bool:
    return any((one.begin is None or one.begin <= day) and day < one.end for one in there)

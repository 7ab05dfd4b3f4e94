"""Follows the record: exchanges as they end, each once.

A row is written when its exchange ends, and an exchange may have begun long before; so it is the end that is
followed, among the exchanges that began within an hour. The last minute is looked at again each time, for
what was written late: a batch, another writer's clock. What is written later than that is on record, but
not shown.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.columns import MOMENT, UUID
from app.records.cursors import Place, cursor_behind, place_before
from app.records.filters import BadQuestion, Filter, conditions
from app.records.plain_rows import PlainRow, moment_text
from app.records.queries import with_reports
from app.records.reading import Reading

_LONGEST = timedelta(hours=1)
"""Of an exchange that is shown when it ends."""
_LATE = timedelta(minutes=1)
_OLDEST = timedelta(days=1)
"""Of what was missed and is shown."""
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
"""As an id."""
_MOST = 1000
"""Shown at once; of more, the newest."""


class Following:
    """Knows what was shown.

    Args:
        reading: the record.
        asked: which exchanges.
        since: what ended before this moment is not shown.
        behind: end and id of one: it and what ended before it were shown, all behind it is shown first.
    """

    def __init__(self, reading: Reading, asked: Filter, since: datetime, behind: Place | None = None) -> None:
        self._reading = reading
        self._asked = asked
        self._since = since
        self._seen = behind
        self._missed_behind = behind
        self._shown: dict[str, str] = {}
        """When they ended, by id: those of the last minute."""

    def new(self, now: datetime) -> list[PlainRow]:
        """Return the exchanges that ended since the last time, in the order in which they did.

        Raises:
            UnreadableRecord: the record cannot be read at the moment.
        """
        if self._missed_behind is not None:
            return self._missed(self._missed_behind)
        begin = moment_text(max(self._since, now - _LATE))
        columns = tables.exchanges.c
        statement = (
            sa.select(tables.exchanges)
            .where(
                *conditions(self._asked),
                columns.started_at >= moment_text(now - _LONGEST),
                columns.ended_at >= begin,
                columns.outcome.is_not(None),
            )
            .order_by(columns.ended_at.desc(), columns.id.desc())
            .limit(_MOST + len(self._shown))
        )
        with self._reading.connect() as connection:
            rows = with_reports(connection, statement)
        rows = [*self._unknown(reversed(rows))]
        self._shown |= {row["id"]: row["ended_at"] for row in rows}
        self._shown = {id_: ended for id_, ended in self._shown.items() if ended >= begin}
        return rows

    def _missed(self, behind: Place) -> list[PlainRow]:
        """Return the next of what ended while nobody looked."""
        columns = tables.exchanges.c
        here = sa.tuple_(sa.literal(behind.started_at, MOMENT), sa.literal(behind.id, UUID))
        began = moment_text(datetime.fromisoformat(behind.started_at) - _LONGEST)
        statement = (
            sa.select(tables.exchanges)
            .where(
                *conditions(self._asked),
                columns.started_at >= began,
                sa.tuple_(columns.ended_at, columns.id) > here,
                columns.outcome.is_not(None),
            )
            .order_by(columns.ended_at, columns.id)
            .limit(_MOST)
        )
        with self._reading.connect() as connection:
            rows = with_reports(connection, statement)
        self._shown |= {row["id"]: row["ended_at"] for row in rows}
        self._missed_behind = _place(rows[-1]) if len(rows) == _MOST else None
        return rows

    def _unknown(self, rows: Iterator[PlainRow]) -> Iterator[PlainRow]:
        seen = self._seen
        return (row for row in rows if row["id"] not in self._shown and (seen is None or _place(row) > seen))


class Tail:
    """Follows the record for somebody who may come back: each exchange has a cursor.

    Args:
        reading: the record.
        asked: which exchanges; with `since`, those that ended from then on.
        cursor: of the last one that was seen; None: begin at `since`, or at this moment.

    Raises:
        BadQuestion: it is no cursor of this question, or too old.
    """

    def __init__(self, reading: Reading, asked: Filter, cursor: str | None) -> None:
        now = datetime.now(UTC)
        self._question = msgspec.structs.replace(asked, since=None, until=None)
        name, behind = "cursor", None
        if cursor is not None:
            behind = place_before(cursor, self._question, newest_first=False)
        elif asked.since is not None:
            name, behind = "since", Place(asked.since, _BEFORE_ALL)
        since = now if behind is None else datetime.fromisoformat(behind.started_at)
        if since < now - _OLDEST:
            raise BadQuestion(f"{name} is more than a day ago: list what was missed", name)
        self._following = Following(reading, asked, since, behind)

    def new(self) -> list[tuple[str, PlainRow]]:
        """Return what is new, each with its cursor.

        Raises:
            UnreadableRecord: the record cannot be read at the moment.
        """
        return [(self._cursor(row), row) for row in self._following.new(datetime.now(UTC))]

    def _cursor(self, row: PlainRow) -> str:
        return cursor_behind(_place(row), self._question, newest_first=False)


def _place(row: PlainRow) -> Place:
    return Place(row["ended_at"], row["id"])

"""Follows the record: exchanges as they end, each once.

A row is written when its exchange ends, and an exchange may have begun long before; so it is the end that is
followed, among the exchanges that began within an hour. The last minute is looked at again each time, for
what was written late: a batch, another writer's clock. What is written later than that is on record, but
not shown.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.records import tables
from app.records.filters import Filter, conditions
from app.records.plain_rows import PlainRow, moment_text
from app.records.queries import with_reports
from app.records.reading import Reading

_LONGEST = timedelta(hours=1)
"""Of an exchange that is shown when it ends."""
_LATE = timedelta(minutes=1)
_MOST = 1000
"""Shown at once; of more, the newest."""


class Following:
    """Knows what was shown.

    Args:
        reading: the record.
        asked: which exchanges.
        since: what ended before this moment is not shown.
    """

    def __init__(self, reading: Reading, asked: Filter, since: datetime) -> None:
        self._reading = reading
        self._asked = asked
        self._since = since
        self._shown: dict[str, str] = {}
        """When they ended, by id: those of the last minute."""

    def new(self, now: datetime) -> list[PlainRow]:
        """Return the exchanges that ended since the last time, in the order in which they did.

        Raises:
            UnreadableRecord: the record cannot be read at the moment.
        """
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

    def _unknown(self, rows: Iterator[PlainRow]) -> Iterator[PlainRow]:
        return (row for row in rows if row["id"] not in self._shown)

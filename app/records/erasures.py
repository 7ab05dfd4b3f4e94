"""Tells of erasures, of each once, wherever it was made: for whoever keeps what came from exchanges.

Every erasure leaves an event in `record_events`, whoever makes it: the service, a command, another machine.
Events are asked for, every few seconds, in place of being told: PostgreSQL could notify, SQLite cannot, and a
notification is lost on whoever is not connected at that moment.

Told apart by their ids, not by their moments: those are of the clocks of the machines that erase, and of the
beginning of transactions that may be seen later. What is seen more than an hour after its moment is missed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.plain_rows import moment_text
from app.records.reading import Reading

_LATE = timedelta(hours=1)
_TIMEOUT_S = 2.0
_EVENTS = tables.record_events.c
_ERASED = (
    sa.select(_EVENTS.id, _EVENTS.at).where(_EVENTS.kind == "erased").order_by(_EVENTS.at.desc(), _EVENTS.id)
)


class Erasure(msgspec.Struct, frozen=True):
    """One that was made."""

    id: str
    at_s: float
    """Seconds since the epoch, by the clock of whoever made it."""


class Erasures:
    """Those of a record. Used by one thread; nothing is connected before the first question.

    Args:
        url: `records.url`.
    """

    def __init__(self, url: str) -> None:
        self._reading = Reading(url, timeout_s=_TIMEOUT_S, connections=1)
        self._known: frozenset[str] = frozenset()
        self._asked_at: datetime | None = None

    def new(self) -> Erasure | None:
        """Return the newest of those that have not been told of; the first time, the newest that there is.

        Raises:
            UnreadableRecord: the record cannot be read at the moment. Nothing is missed by that.
        """
        now = datetime.now(UTC)
        since = moment_text((self._asked_at or now) - _LATE)
        with self._reading.connect() as connection:
            found = _erasures(connection, _ERASED.where(_EVENTS.at >= since))
            if self._asked_at is None and not found:
                found = _erasures(connection, _ERASED.limit(1))
        new = next((one for one in found if one.id not in self._known), None)
        self._known, self._asked_at = frozenset(one.id for one in found), now
        return new

    def close(self) -> None:
        """Close the connection."""
        self._reading.close()


def _erasures(connection: sa.Connection, statement: sa.Select[Any]) -> list[Erasure]:
    return [Erasure(str(id_), _seconds(at)) for id_, at in connection.execute(statement)]


def _seconds(at: datetime | str) -> float:
    return (at if isinstance(at, datetime) else datetime.fromisoformat(at)).timestamp()

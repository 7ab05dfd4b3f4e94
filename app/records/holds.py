"""Legal holds: what they are about is neither erased nor dropped for its age until they are released."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from app.domain.ids import uuid7
from app.records import tables
from app.records.asked_times import asked_time
from app.records.changes import Changes
from app.records.filters import BadQuestion
from app.records.subjects import subjects_of
from app.records.values import fitted
from app.secret import Secret

_BITS = random.Random().getrandbits  # noqa: S311 (unique, not secret)


class About(msgspec.Struct, frozen=True):
    """What is held: one exchange, or all of a person, or all that began in a span of time."""

    exchange_id: str | None = None
    subjects: tuple[str, ...] = ()
    """As `exchanges.subject` may hold the person (`subjects.py`)."""
    held_from: str | None = None
    held_until: str | None = None


class Named(msgspec.Struct, frozen=True):
    """What is to be held, as somebody says it: one of the three."""

    exchange: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None

    def about(self, key: Secret | None, now: datetime) -> About:
        """Return what is meant.

        Args:
            key: `fingerprint_key`, under which persons may stand on record.
            now: that `7d` counts from.

        Raises:
            BadQuestion: nothing, more than one, or what there cannot be.
        """
        if [bool(self.exchange), bool(self.subject), bool(self.since or self.until)].count(True) != 1:
            raise BadQuestion("say what is held: an exchange, a subject, or a time since and until")
        return About(
            exchange_id=None if self.exchange is None else id_of(self.exchange, "exchange"),
            subjects=() if self.subject is None else subjects_of(self.subject, key),
            held_from=None if self.since is None else asked_time(self.since, now, "since"),
            held_until=None if self.until is None else asked_time(self.until, now, "until"),
        )


def id_of(text: str, name: str) -> str:
    """Return the id of an exchange or a hold as the tables write it.

    Raises:
        BadQuestion: it is none; `name` says of what.
    """
    try:
        return str(UUID(text))
    except ValueError:
        raise BadQuestion(f"{text[:64]!r} is no id", name) from None


def add_hold(changes: Changes, about: About, reason: str, by: str) -> list[str]:
    """Hold something and return the ids: a person may stand on record in two ways, each has a hold.

    Args:
        changes: to the record.
        about: what.
        reason: why; no person is to be named in it.
        by: who says so.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
    """
    ids = []
    with changes.change() as change:
        for subject in about.subjects or (None,):
            row = {
                "id": uuid7(_BITS),
                "created_at": change.at,
                "created_by": fitted(by, 256),
                "reason": fitted(reason, 2048),
                "exchange_id": about.exchange_id,
                "subject": subject,
                "held_from": about.held_from,
                "held_until": about.held_until,
            }
            change.connection.execute(sa.insert(tables.holds), row)
            ids.append(row["id"])
        change.note("held", {"holds": ids})
    return [str(id_) for id_ in ids]


def release_hold(changes: Changes, id_: str, by: str) -> bool:
    """Release a hold; return whether there was one.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
    """
    table = tables.holds
    open_ = (table.c.id == id_) & table.c.released_at.is_(None)
    with changes.change() as change:
        released = {"released_at": change.at, "released_by": fitted(by, 256)}
        found = change.connection.execute(sa.update(table).where(open_).values(**released)).rowcount
        if found:
            change.note("released", {"holds": [id_]})
    return found > 0


def holds(connection: sa.Connection) -> Sequence[dict[str, Any]]:
    """Return all holds, the oldest first."""
    select = sa.select(tables.holds).order_by(tables.holds.c.created_at, tables.holds.c.id)
    return [dict(row) for row in connection.execute(select).mappings()]

"""Encrypts bodies anew, under the key that is active now, in batches; also those that are not encrypted yet.

What the chain holds of a body is the hash of its text, so it stays. A body that is done has the active key's
id, so that the work goes on where it was broken off; one whose key is not at hand is counted and left.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.changes import Change, Changes
from app.records.protection import Protection, Unreadable

_BATCH = 200


class Rotated(msgspec.Struct):
    """What came of it."""

    bodies: int = 0
    """That are under the active key now and were not."""
    unreadable: dict[str, int] = {}
    """By id of a key: bodies that it would take, or that are not what was encrypted."""


def rotate(
    changes: Changes,
    protection: Protection,
    active: str,
    tell: Callable[[int], None] = lambda _: None,
    *,
    most: int = _BATCH,
) -> Rotated:
    """Bring all bodies under the active key.

    Args:
        changes: to the record.
        protection: has the keys, old and new.
        active: id of the key that encrypts.
        tell: told how many are done.
        most: bodies in one transaction.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be changed; what was done stays done.
    """
    done, last = Rotated(), ("00000000-0000-0000-0000-000000000000", "")
    while True:
        with changes.looking() as connection:
            if not _batch(connection, active, last, 1):
                break
        with changes.change() as change:
            found = _batch(change.connection, active, last, most)
            bodies = sum(_renewed(change, row, protection, done) for row in found)
            if bodies:
                change.note("key_rotated", {"to": active, "bodies": bodies})
        if not found:
            break
        done.bodies += bodies
        last = (str(found[-1]["exchange_id"]), str(found[-1]["kind"]))
        tell(done.bodies)
    if done.bodies:
        changes.wipe()
    return done


def _batch(connection: sa.Connection, active: str, last: tuple[str, str], most: int) -> list[Any]:
    table = tables.payloads.c
    after = sa.tuple_(table.exchange_id, table.kind) > sa.tuple_(
        sa.literal(last[0], table.exchange_id.type), sa.literal(last[1], table.kind.type)
    )
    other = table.key_id.is_(None) | (table.key_id != active)
    due = sa.select(tables.payloads).where(table.body.is_not(None), other, after)
    return list(connection.execute(due.order_by(table.exchange_id, table.kind).limit(most)).mappings())


def _renewed(change: Change, row: Any, protection: Protection, done: Rotated) -> bool:  # noqa: ANN401 (a row)
    id_, kind, key_id = str(row["exchange_id"]), row["kind"], row["key_id"]
    try:
        text = protection.decrypted(id_, kind, row["body"], key_id)
    except Unreadable:
        done.unreadable[key_id] = done.unreadable.get(key_id, 0) + 1
        return False
    body, new_id = protection.encrypted(id_, kind, text)
    table = tables.payloads
    here = (table.c.exchange_id == id_) & (table.c.kind == kind)
    here &= table.c.exchange_started_at == row["exchange_started_at"]
    change.connection.execute(sa.update(table).where(here).values(body=body, key_id=new_id))
    return True

"""Erases what the record holds of a person, or of one exchange: bodies, words, what was reported of it.

What stays of an exchange is its row without words, its verdicts and numbers, and salted hashes whose salts
are gone, so that nothing can be guessed by trying; `verify` finds the record whole, because an event of the
chain says which exchanges were erased (`canonical.py`). Exchanges under a hold are spared. Those under way
are, too, since their end would write them once more: they are counted, so that somebody asks again.

Where, in this order: what waits in journals of this machine (`journal_erasure.py`), rows of the database,
feedback and inserted logs about the exchanges or with the person as `_user`. An entry may be on its way from
a journal into the database meanwhile, so what waited there is looked for in the database once more when it
has left the journal. Not here: backups, the database's own logs, and dead rows that PostgreSQL has not
vacuumed yet.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records import tables
from app.records.canonical import ERASABLE
from app.records.changes import Change, Changes
from app.records.held import is_about_held, is_held
from app.records.journal_erasure import erase_waiting, find_waiting
from app.records.rows import Row
from app.records.whose import Whose

Tell = Callable[[int], None]
_REPORTS = (tables.feedback, tables.inserted_logs)
_BATCH = 200
_SHIPPING_S = 5.0
_LOOK_EVERY_S = 0.05
_WORDS: dict[str, None] = dict.fromkeys((*ERASABLE, "erasable_salt"))


class Erased(msgspec.Struct):
    """What came of it, or would."""

    exchanges: int = 0
    waiting: int = 0
    """Of them or beside them: in journals."""
    feedback: int = 0
    inserted_logs: int = 0
    held: int = 0
    """Spared, because of a hold."""
    under_way: int = 0
    """Spared, because they have not ended: to be asked for again."""
    left: int = 0
    """Waited in a journal and did not get from there into the database: to be asked for again."""


def erase(  # noqa: PLR0913 (what, where and how)
    changes: Changes,
    whose: Whose,
    journals: Path,
    tell: Tell = lambda _: None,
    *,
    dry_run: bool = False,
    patience_s: float = _SHIPPING_S,
) -> Erased:
    """Erase, or count what would be.

    Args:
        changes: to the record.
        whose: what is meant.
        journals: folder of this machine's journals.
        tell: told how many exchanges have been erased.
        dry_run: nothing is changed.
        patience_s: how long a journal may take to ship what is to be erased.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written; what was said to be erased is.
        JournalFailed: a journal cannot be read or written.
    """
    done = Erased()
    ids = () if whose.exchange_id is None else (whose.exchange_id,)
    with changes.looking() as connection:
        waiting = _not_held(connection, find_waiting(journals, whose.subjects, ids))
        done.held, done.under_way = _spared(connection, whose)
        done.waiting = len(waiting)
        if dry_run:
            _count(connection, whose, waiting, done)
            return done
    if waiting:
        _erase_waiting(changes, whose, waiting, journals, done)
    _erase_rows(changes, whose, done, tell)
    _follow(changes, [str(row["id"]) for row in waiting], journals, done, patience_s)
    if whose.name is not None:
        _erase_reports(changes, whose, whose.name, done)
    changes.wipe()
    if not (done.exchanges or done.waiting or done.feedback or done.inserted_logs):
        with changes.change() as change:  # caches may hold what the record does not: they follow its events
            change.note("erased", {"by": _by(whose)})
    return done


def _count(connection: sa.Connection, whose: Whose, waiting: Sequence[Row], done: Erased) -> None:
    found = list(_rows(connection, sa.select(*_KEYS).where(_meant(whose))))
    done.exchanges = len(found)
    counts = []
    for table in _REPORTS:
        about = _about(connection, table, [*found, *waiting])
        counts.append(len(about | (_of_person(connection, table, whose.name) if whose.name else set())))
    done.feedback, done.inserted_logs = counts


def _erase_waiting(
    changes: Changes, whose: Whose, waiting: Sequence[Row], journals: Path, done: Erased
) -> None:
    """Say that it is done and do it: should we die between, the words are still there to be found."""
    with changes.change() as change:
        _delete_reports(change, waiting, done)
        change.note("erased", {"by": _by(whose), "in": "journal"}, len(waiting), waiting)
    erase_waiting(journals, {str(row["id"]) for row in waiting}, change.at)


def _erase_reports(changes: Changes, whose: Whose, name: str, done: Erased) -> None:
    with changes.change() as change:
        feedback, logs = (_delete(change, t, _of_person(change.connection, t, name)) for t in _REPORTS)
        change.connection.execute(_unnamed_holds(whose))
        if feedback or logs:
            change.note("erased", {"by": "subject", "feedback": feedback, "inserted_logs": logs})
    done.feedback += feedback
    done.inserted_logs += logs


def _delete_reports(change: Change, found: Sequence[Row], done: Erased) -> None:
    feedback, logs = (_delete(change, t, _about(change.connection, t, found)) for t in _REPORTS)
    done.feedback += feedback
    done.inserted_logs += logs


def _by(whose: Whose) -> str:
    return "exchange" if whose.exchange_id is not None else "subject"


def _named(whose: Whose) -> sa.ColumnElement[bool]:
    table = tables.exchanges.c
    return table.subject.in_(whose.subjects) if whose.exchange_id is None else table.id == whose.exchange_id


def _meant(whose: Whose) -> sa.ColumnElement[bool]:
    """Return the condition: is meant, has ended, is not held, and there is something to erase."""
    table = tables.exchanges.c
    payload = tables.payloads.c
    has_body = sa.exists().where(
        payload.exchange_id == table.id,
        payload.exchange_started_at == table.started_at,
        payload.salt.is_not(None) | payload.body.is_not(None),
    )
    has_words = sa.or_(*(table[name].is_not(None) for name in _WORDS))
    return (
        _named(whose)
        & table.outcome.is_not(None)
        & (has_words | has_body)
        & ~is_held(table.id, table.started_at, table.subject)
    )


def _spared(connection: sa.Connection, whose: Whose) -> tuple[int, int]:
    table = tables.exchanges.c
    held = is_held(table.id, table.started_at, table.subject)
    counts = (
        sa.select(sa.func.count()).where(_named(whose), condition)
        for condition in (held, table.outcome.is_(None) & ~held)
    )
    held_, under_way = (connection.scalar(count) or 0 for count in counts)
    return held_, under_way


def _not_held(connection: sa.Connection, waiting: Sequence[Row]) -> list[Row]:
    spared = []
    for row in waiting:
        values = (
            sa.literal(row[name], tables.exchanges.c[name].type) for name in ("id", "started_at", "subject")
        )
        if not connection.scalar(sa.select(is_held(*values))):
            spared.append(row)
    return spared


_KEYS = (
    tables.exchanges.c.id,
    tables.exchanges.c.started_at,
    tables.exchanges.c.trace_id,
    tables.exchanges.c.caller_trace_id,
)


def _rows(connection: sa.Connection, select: sa.Select[Any]) -> Iterator[Row]:
    for row in connection.execute(select).mappings():
        at = row["started_at"]
        text = at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        yield {**row, "id": str(row["id"]), "started_at": text}


def _erase_rows(changes: Changes, whose: Whose, done: Erased, tell: Tell = lambda _: None) -> None:
    while True:
        with changes.looking() as connection:
            if connection.scalar(sa.select(_KEYS[0]).where(_meant(whose)).limit(1)) is None:
                return
        with changes.change() as change:
            found = list(_rows(change.connection, sa.select(*_KEYS).where(_meant(whose)).limit(_BATCH)))
            if not found:
                return
            _delete_reports(change, found, done)
            _blank(change, found)
            change.note("erased", {"by": _by(whose)}, len(found), found)
        done.exchanges += len(found)
        tell(done.exchanges)


def _blank(change: Change, found: Sequence[Row]) -> None:
    exchange, payload = tables.exchanges, tables.payloads
    keys = [{"id_": row["id"], "at_": row["started_at"]} for row in found]
    here = (exchange.c.id == sa.bindparam("id_")) & (exchange.c.started_at == sa.bindparam("at_"))
    change.connection.execute(sa.update(exchange).where(here).values(**_WORDS), keys)
    there = (payload.c.exchange_id == sa.bindparam("id_")) & (
        payload.c.exchange_started_at == sa.bindparam("at_")
    )
    gone = {"body": None, "salt": None, "key_id": None, "erased_at": change.at}
    change.connection.execute(sa.update(payload).where(there).values(**gone), keys)


def _follow(changes: Changes, ids: Sequence[str], journals: Path, done: Erased, patience_s: float) -> None:
    """Erase what was on its way into the database, once it has left the journal."""
    end = time.monotonic() + patience_s
    left = list(ids)
    while left:
        waiting = {str(row["id"]) for row in find_waiting(journals, (), left)}
        for id_ in [one for one in left if one not in waiting]:
            _erase_rows(changes, Whose(exchange_id=id_), done)
            left.remove(id_)
        if left and time.monotonic() > end:
            break
        if left:
            time.sleep(_LOOK_EVERY_S)
    done.left = len(left)


def _about(connection: sa.Connection, table: sa.Table, found: Sequence[Row]) -> set[str]:
    """Return ids of what was reported about these exchanges."""
    keys = ("id", "trace_id", "caller_trace_id")
    names = {str(value) for row in found for key in keys if (value := row.get(key))}
    return set(connection.scalars(sa.select(table.c.id).where(table.c.trace_id.in_(sorted(names)))))


def _of_person(connection: sa.Connection, table: sa.Table, name: str) -> set[str]:
    """Return ids of what was reported with this person as `_user`, but about exchanges under a hold."""
    part = json.dumps(name, ensure_ascii=False)[1:-1]
    maybe = sa.select(table.c.id, table.c.metadata).where(
        table.c.metadata.contains(part, autoescape=True), ~is_about_held(table)
    )
    return {id_ for id_, metadata in connection.execute(maybe) if _user_of(metadata) == name}


def _user_of(metadata: str) -> str | None:
    with contextlib.suppress(ValueError):
        found = json.loads(metadata)
        user = found.get("_user") if isinstance(found, dict) else None
        return None if user is None else str(user)
    return None


def _delete(change: Change, table: sa.Table, ids: set[str]) -> int:
    if ids:
        change.connection.execute(sa.delete(table).where(table.c.id.in_(sorted(ids))))
    return len(ids)


def _unnamed_holds(whose: Whose) -> sa.Update:
    table = tables.holds
    released = table.c.subject.in_(whose.subjects) & table.c.released_at.is_not(None)
    return sa.update(table).where(released).values(subject=None)

"""Finds and erases what waits in the journals of this machine, also in those that a process is at work with.

A journal's lock tells who ships it and not who may look into it: what is written here is one transaction of
its SQLite file, which its owner waits for.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from app.records.canonical import ERASABLE
from app.records.entry import Entry, decode, encode
from app.records.journal import SUFFIX, JournalFailed
from app.records.rows import Row

_Done = TypeVar("_Done")

_LOCK_WAIT_S = 10.0
_WORDS: dict[str, None] = dict.fromkeys((*ERASABLE, "erasable_salt"))
_BODY: dict[str, None] = dict.fromkeys(("body", "salt", "key_id"))


def find_waiting(folder: Path, subjects: Collection[str], ids: Collection[str] = ()) -> list[Row]:
    """Return rows of exchanges that have ended and wait in journals, of these persons or with these ids.

    Raises:
        JournalFailed: one cannot be read.
    """

    def find(connection: sqlite3.Connection) -> list[Row]:
        entries = (
            decode(body) for (body,) in connection.execute("SELECT entry FROM entries ORDER BY number")
        )
        rows = ((entry.id, entry.kind, entry.rows.exchanges[0]) for entry in entries)
        return [
            {name: row[name] for name in ("id", "started_at", "subject", "trace_id", "caller_trace_id")}
            for id_, kind, row in rows
            if kind == "ended" and (row["subject"] in subjects or id_ in ids)
        ]

    found = {str(row["id"]): row for rows in _in_each(folder, find) for row in rows}
    return list(found.values())


def erase_waiting(folder: Path, ids: Collection[str], at: str) -> None:
    """Take words and bodies out of the entries about these exchanges.

    Args:
        folder: of the journals.
        ids: of the exchanges.
        at: the moment.

    Raises:
        JournalFailed: a journal cannot be written; what others hold is erased.
    """

    def erase(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute("SELECT number, entry FROM entries").fetchall()
        erased = [(encode(_erased(entry, at)), n) for n, body in rows if (entry := decode(body)).id in ids]
        connection.executemany("UPDATE entries SET entry = ? WHERE number = ?", erased)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    for _ in _in_each(folder, erase):
        pass


def _erased(entry: Entry, at: str) -> Entry:
    rows = entry.rows
    payloads = tuple(payload | _BODY | {"erased_at": at} for payload in rows.payloads)
    rows = msgspec.structs.replace(rows, exchanges=(rows.exchanges[0] | _WORDS,), payloads=payloads)
    return msgspec.structs.replace(entry, rows=rows)


def _in_each(folder: Path, do: Callable[[sqlite3.Connection], _Done]) -> Iterator[_Done]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            with contextlib.closing(_opened(path)) as connection:
                done = do(connection)
        except (sqlite3.Error, ValueError) as error:
            if path.exists():  # else it was shipped and deleted meanwhile
                raise JournalFailed(f"{path}: {error}") from error
        else:
            yield done


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_LOCK_WAIT_S, isolation_level=None
    )

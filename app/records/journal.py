"""A file on this machine in which entries wait while the database is away or slow.

One SQLite file for each process, `ID.journal`, in one folder; while its process lives, `ID.lock` is locked
(flock). A lock that is free tells the next start that its process has died: it takes the file over and ships
what is in it. The name is that of the process's writer, so the lock also says whether that writer lives.

SQLite rather than a file of our own: a transaction that was cut off by a crash leaves nothing behind, pages
are used again as entries leave, and anybody can look into it. `synchronous=FULL`: what `append` has returned
from is on the disk, also when the machine loses its power. Entries are numbered in the order they came; they
leave in the same order. Shipping them is in `shipping.py`.

A disk that is full may refuse even to delete. Then what was shipped is only remembered as gone, and deleted
with the next lot: should the process die before, it is shipped again, which changes nothing in the database.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.records.entry import Entry, bare, decode, encode

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY AUTOINCREMENT, taken_ns INTEGER NOT NULL, exchange_id TEXT NOT NULL,
  kind TEXT NOT NULL, entry BLOB NOT NULL)
"""
_PRAGMAS = (
    *("page_size=8192", "auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL"),
    *("wal_autocheckpoint=64", "journal_size_limit=1048576"),
)
"""SQLite's own log goes into the file each 64 pages, half a megabyte; by its default it stands beside it with
8 MB. A batch that is longer makes it longer, until the next."""
_BYTES_BESIDE_ENTRY = 64
_LOCK_WAIT_S = 5.0
"""How long somebody who looks into the file may keep us waiting."""
_ALL = 2**63 - 1
SUFFIX, LOCK_SUFFIX = ".journal", ".lock"


class JournalFailed(Exception):
    """The journal cannot be written or read; the message says why and shows no content."""


class Journal:
    """One journal file that this process holds. May be used by several threads.

    Args:
        folder: where it is; made if it does not exist.
        name: of the writer whose entries are in it.
        adopts: whether it is another's, who has died.

    Raises:
        JournalFailed: it cannot be made, or is no journal.
        JournalHeld: another process holds it, or has just shipped it.
    """

    def __init__(self, folder: Path, name: str, *, adopts: bool = False) -> None:
        self.path = folder / f"{name}{SUFFIX}"
        self.name = name
        self.entries = 0
        """Entries that wait."""
        self.bytes = 0
        """Of them."""
        self.oldest_ns: int | None = None
        """When the oldest of them was taken, in Unix nanoseconds."""
        self.is_closed = False
        self._mutex = threading.Lock()
        self._gone_to = 0
        self._lock = lock(folder / f"{name}{LOCK_SUFFIX}")
        if adopts and not self.path.exists():
            os.close(self._lock)
            raise JournalHeld(str(self.path))
        try:
            self._connection = self._opened()
        except (sqlite3.Error, OSError) as error:
            os.close(self._lock)
            raise JournalFailed(f"{self.path}: {error}") from error

    def append(self, entries: Sequence[Entry]) -> None:
        """Keep these, behind all that is in it, all or none; they are on the disk when this returns.

        Raises:
            JournalFailed: they cannot be written: the disk is full, or broken.
        """
        now = time.time_ns()
        rows = [(now, entry.id, entry.kind, _encoded(entry)) for entry in entries]
        with self._mutex:
            with self._transaction():
                self._connection.executemany(
                    "INSERT INTO entries (taken_ns, exchange_id, kind, entry) VALUES (?, ?, ?, ?)", rows
                )
            self.entries += len(rows)
            self.bytes += sum(_BYTES_BESIDE_ENTRY + len(row[3]) for row in rows)
            if rows and self.oldest_ns is None:
                self.oldest_ns = now

    def oldest(self, most: int, most_bytes: int) -> tuple[int, list[Entry]]:
        """Return the oldest entries, at least one if there is any, and the number of the last of them.

        Args:
            most: entries.
            most_bytes: of entries; bounds what is in memory at once.

        Raises:
            JournalFailed: they cannot be read.
        """
        number, size_bytes, found = 0, 0, []
        try:
            with self._mutex:
                rows = self._connection.execute(
                    "SELECT number, entry FROM entries WHERE number > ? ORDER BY number LIMIT ?",
                    (self._gone_to, most),
                )
                for number, body in rows:  # noqa: B007 (the last one's is returned)
                    found.append(decode(body))
                    size_bytes += len(body)
                    if size_bytes >= most_bytes:
                        break
        except (sqlite3.Error, ValueError) as error:
            raise JournalFailed(f"{self.path}: {error}") from error
        return number, found

    def remove(self, to: int) -> None:
        """Let all entries up to this number go: they are in the database."""
        with self._mutex:
            entries, size_bytes = self._sizes(to)
            oldest = self._connection.execute(
                "SELECT taken_ns FROM entries WHERE number > ? ORDER BY number LIMIT 1", (to,)
            ).fetchone()
            self._gone_to = max(self._gone_to, to)
            with contextlib.suppress(JournalFailed), self._transaction():
                self._connection.execute("DELETE FROM entries WHERE number <= ?", (self._gone_to,))
            self.entries, self.bytes = self.entries - entries, self.bytes - size_bytes
            self.oldest_ns = oldest[0] if oldest is not None else None
            if not self.entries:
                self.bytes = 0  # an erasure may have made entries shorter meanwhile
                with contextlib.suppress(sqlite3.Error):
                    # a script, because it frees a page a step and `execute` takes only one
                    self._connection.executescript(
                        "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);"
                    )

    def close(self) -> None:
        """Let go of the file. An empty one is deleted, another waits for the next start."""
        with self._mutex:
            self.is_closed = True
            self._connection.close()
            if not self.entries:
                for path in (self.path, self.path.with_suffix(LOCK_SUFFIX)):
                    path.unlink(missing_ok=True)
            os.close(self._lock)

    def _opened(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(
            self.path, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(_SCHEMA)
            self._connection = connection
            self.entries, self.bytes = self._sizes(_ALL)
            (self.oldest_ns,) = connection.execute("SELECT min(taken_ns) FROM entries").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise JournalFailed(f"{self.path}: {error}") from error

    def _sizes(self, to: int) -> tuple[int, int]:
        """Return how many entries wait up to a number, and how many bytes they are."""
        entries, size_bytes = self._connection.execute(
            "SELECT count(*), coalesce(sum(length(entry)), 0) FROM entries WHERE number > ? AND number <= ?",
            (self._gone_to, to),
        ).fetchone()
        return entries, size_bytes + entries * _BYTES_BESIDE_ENTRY


class JournalHeld(Exception):
    """Another process holds this journal: its writer lives."""


def adoptable(folder: Path) -> list[str]:
    """Return the names of journals in a folder, the oldest first; whoever opens one learns if it is held."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))


def lock(path: Path) -> int:
    """Lock a file and return its descriptor, whose end is the end of the lock."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalFailed(f"{path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise JournalHeld(str(path)) from error
    return descriptor


def _encoded(entry: Entry) -> bytes:
    """Return an entry as it is kept; of one that holds what no database takes, what is left of it."""
    try:
        return encode(entry)
    except (OverflowError, TypeError, ValueError) as error:
        return encode(bare(entry, type(error).__name__))

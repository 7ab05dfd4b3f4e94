"""Verifies a record: every chain from its begin to its end, and every row against what the chain holds of it.

Two passes. The first follows the chains, in stretches: entries link, checkpoints are signed and name the
hashes there, openings state the heads that are there, events are those the chain holds. The second reads
exchanges with all their rows, in ranges of ids, and holds them against their last entry. Stretches and ranges
are worked on by several processes, each of which reads for itself; a small record is not worth starting them.

What it cannot find: rows from before the first chain, which it counts; a chain cut off at its end together
with its checkpoints, where no other chain was opened since: that is what the log's `record_checkpoint` lines
are for, which it takes as further statements.
"""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from app.records.chain_check import Stretch
from app.records.chain_slice import Statements, check_chain_range, statements_of
from app.records.engine import open_engine
from app.records.exchange_check import Allowed, Checked
from app.records.exchange_slice import Range, check_range, ranges
from app.records.flaws import Flaw
from app.records.joined_chains import Chains, joined
from app.records.protection import Protection

_EXCHANGES = 4000
_ENTRIES = 40_000
"""In what one process does at a time."""
_MAX_FLAWS = 1000
"""That are told one by one; a record of which nothing is left needs no longer list."""

_Work = TypeVar("_Work")
_Done = TypeVar("_Done")


class Verification(msgspec.Struct):
    """What came of it."""

    exchanges: int = 0
    proven: int = 0
    """Of them: all their rows are as a chain holds them."""
    unchained: int = 0
    """Of them: from before the first chain, so that nothing proves them."""
    rows: int = 0
    """Of all tables that were read."""
    writers: int = 0
    entries: int = 0
    checkpoints: int = 0
    sealed_bodies: int = 0
    """Encrypted with a key that is not at hand: proven but for them."""
    key: str = "given"
    """`stated`: none was given, so signatures were held against the key that the record itself states."""
    flaws: list[Flaw] = []
    flaws_total: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws_total

    def document(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {"sound": self.is_sound, **msgspec.structs.asdict(self)}


class Asked(msgspec.Struct, frozen=True):
    """What is to be verified, and by what."""

    url: str
    public_keys: tuple[str, ...] = ()
    """Base64; none: those that the record states."""
    since: str | None = None
    """Moment from which: exchanges by the time in their ids, entries by theirs."""
    body_keys: dict[str, bytes] = {}
    """Decrypt bodies, by id."""
    logged: tuple[dict[str, Any], ...] = ()
    """Fields of `record_checkpoint` lines."""


def verify(
    asked: Asked, tell: Callable[[int], None] = lambda _: None, processes: int | None = None
) -> Verification:
    """Verify a record.

    Args:
        asked: which.
        tell: told how many exchanges are done, after each piece of work; what it raises ends the work.
        processes: that share the work; None: as many as there are cores, if there is enough of it.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
    """
    done = Verification()
    with _snapshot(asked.url) as connection:
        stated = statements_of(connection, asked.public_keys, asked.logged)
        stretches = [
            (asked, stated.of(writer), writer, first, last)
            for writer in stated.writers
            for first, last in _stretches(stated, writer)
        ]
        work = [(of, count) for of, count in ranges(connection, asked.since, _EXCHANGES)]
    done.key = "given" if asked.public_keys else "stated"
    with _workers(processes, len(stretches) + len(work)) as executor:
        found = []
        for stretch in _each(executor, _check_stretch, stretches):
            found.append(stretch)
            tell(0)
        chains = joined(stated, found, asked.since)
        _note_chains(done, chains)
        tasks = [(asked, of, chains.allowed) for of, _ in work]
        for checked in _each(executor, _check_range, tasks):
            _note(done, checked)
            tell(done.exchanges)
    done.flaws.sort()
    return done


def _stretches(stated: Statements, writer: str) -> Iterator[tuple[int, int]]:
    first, last = stated.bounds.get(writer, (1, 0))
    for begin in range(first, last + 1, _ENTRIES):
        yield begin, min(begin + _ENTRIES - 1, last)


def _check_stretch(work: tuple[Asked, Mapping[int, Mapping[str, str]], str, int, int]) -> Stretch:
    asked, stated, writer, first, last = work
    with _snapshot(asked.url) as connection:
        return check_chain_range(connection, writer, (first, last), stated, asked.since)


def _check_range(work: tuple[Asked, Range, Allowed]) -> Checked:
    asked, of, allowed = work
    with _snapshot(asked.url) as connection:
        return check_range(connection, of, allowed, Protection(asked.body_keys))


@contextlib.contextmanager
def _snapshot(url: str) -> Iterator[sa.Connection]:
    """Yield a connection that sees one moment, and writes nothing."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            with connection.begin():
                yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def _workers(processes: int | None, pieces: int) -> Iterator[Executor | None]:
    """Yield processes that share the work, or None where there is little of it."""
    count = min(processes or os.cpu_count() or 1, pieces)
    if count < 2 or (processes is None and pieces < 8):  # noqa: PLR2004 (less than starting them costs)
        yield None
        return
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as executor:
        yield executor


def _each(executor: Executor | None, do: Callable[[_Work], _Done], work: Sequence[_Work]) -> Iterable[_Done]:
    return map(do, work) if executor is None else executor.map(do, work)


def _note_chains(done: Verification, chains: Chains) -> None:
    done.writers, done.entries, done.checkpoints = chains.writers, chains.entries, chains.checkpoints
    _note_flaws(done, chains.flaws)


def _note(done: Verification, checked: Checked) -> None:
    done.exchanges += checked.exchanges
    done.proven += checked.proven
    done.unchained += checked.unchained
    done.rows += checked.rows
    done.sealed_bodies += checked.sealed_bodies
    _note_flaws(done, checked.flaws)


def _note_flaws(done: Verification, flaws: Sequence[Flaw]) -> None:
    done.flaws += flaws[: _MAX_FLAWS - len(done.flaws)]
    done.flaws_total += len(flaws)

"""Reads what chains, checkpoints and events say, to be checked."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from app.records.canonical import COLUMNS, event_digest
from app.records.chain import GENESIS
from app.records.chain_check import Stretch, check_stretch
from app.records.flaws import Flaw
from app.records.proof_rows import expression, rows, statement
from app.records.signing_key import is_signed, key_id_of

_CHECKPOINT = ("writer", "sequence", "hash", "previous_sequence", "signed_at", "key_id", "signature")


class Statements(msgspec.Struct):
    """What is said of chains beside themselves."""

    bounds: dict[str, tuple[int, int]] = {}
    """First and last sequence of each chain that is there."""
    hashes: dict[str, dict[int, dict[str, str]]] = {}
    """By writer and sequence: what hash an entry has, and who says so."""
    starts: dict[str, tuple[int, str]] = {}
    """Where chains begin whose first entries are not kept: sequence and hash of the last that is gone."""
    events: dict[str, tuple[dict[str, Any], str]] = {}
    """Rows of `record_events` and their digests, by id."""
    checkpoints: int = 0
    flaws: list[Flaw] = []

    @property
    def writers(self) -> list[str]:
        """All that have a chain, or of which somebody says that they had one."""
        return sorted({*self.bounds, *self.hashes})

    def of(self, writer: str) -> Mapping[int, Mapping[str, str]]:
        """Return what is said of the entries of a writer, by sequence."""
        return self.hashes.get(writer, {})

    def state(self, writer: str, sequence: int, hash_: str, who: str) -> None:
        """Add a statement."""
        self.hashes.setdefault(writer, {}).setdefault(sequence, {})[hash_] = who


def statements_of(
    connection: sa.Connection, public_keys: Iterable[str], logged: Iterable[Mapping[str, Any]]
) -> Statements:
    """Read all that is said of chains.

    Args:
        connection: in a transaction.
        public_keys: base64; none: those that openings state.
        logged: fields of `record_checkpoint` lines.
    """
    said = Statements()
    keys = {key_id_of(key): key for key in public_keys}
    stated_keys: dict[str, str] = {}
    for event in _rows(connection, "record_events", COLUMNS["record_events"]):
        said.events[event["id"]] = (event, event_digest(event))
        _note_event(said, event, stated_keys)
    keys = keys or stated_keys
    by_writer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(connection, "checkpoints", _CHECKPOINT):
        by_writer[row["writer"]].append(row)
        said.checkpoints += 1
    for line in logged:
        _note_checkpoint(said, line, keys, "a checkpoint in the log")
    for found in by_writer.values():
        for row in found:
            _note_checkpoint(said, row, keys, "a checkpoint")
    said.bounds = dict(_bounds(connection))
    said.flaws += _missing_checkpoints(connection, by_writer, said)
    return said


def check_chain_range(
    connection: sa.Connection,
    writer: str,
    sequences: tuple[int, int],
    stated: Mapping[int, Mapping[str, str]],
    since: str | None = None,
) -> Stretch:
    """Read and check a stretch of a chain.

    Args:
        connection: in a transaction.
        writer: whose.
        sequences: the first and the last.
        stated: what others say of its entries.
        since: moment before which entries are left out.
    """
    names = (*COLUMNS["chain"], "previous_hash", "hash")
    sql = statement("chain", connection.dialect.name, (), ("previous_hash", "hash"))
    sql, values = f"{sql} WHERE writer = ? AND sequence BETWEEN ? AND ?", [writer, *sequences]
    if since is not None:
        sql, values = f"{sql} AND at >= ?", [*values, since]
    found = rows(connection, f"{sql} ORDER BY sequence", *values)
    return check_stretch(writer, (dict(zip(names, row, strict=True)) for row in found), stated)


def _note_event(said: Statements, event: Mapping[str, Any], keys: dict[str, str]) -> None:
    try:
        detail = json.loads(event["detail"])
        heads = [(str(h["writer"]), int(h["sequence"]), str(h["hash"])) for h in detail.get("heads", ())]
        if key := detail.get("public_key"):
            keys[key_id_of(key)] = key
    except (ValueError, TypeError, KeyError, AttributeError):
        said.flaws.append(Flaw("record_events", "changed", event["id"], "its detail cannot be read"))
        return
    for writer, sequence, hash_ in heads:
        if event["kind"] == "opened":
            said.state(writer, sequence, hash_, f"the opening {event['id']}")
        elif sequence > said.starts.get(writer, (0, GENESIS))[0]:
            said.starts[writer] = (sequence, hash_)


def _note_checkpoint(said: Statements, row: Mapping[str, Any], keys: Mapping[str, str], who: str) -> None:
    writer, sequence = str(row["writer"]), int(row["sequence"])
    key = keys.get(str(row["key_id"]))
    if key is None or not is_signed(key, row):
        why = "it is not signed by the key" if key else f"it is signed by another key, {row['key_id']}"
        said.flaws.append(Flaw("checkpoints", "unsigned", f"{writer}/{sequence}", f"{why} ({who})"))
    else:
        said.state(writer, sequence, str(row["hash"]), who)


def _missing_checkpoints(
    connection: sa.Connection, by_writer: Mapping[str, list[dict[str, Any]]], said: Statements
) -> Iterator[Flaw]:
    for writer, found in by_writer.items():
        there = {row["sequence"] for row in found}
        for row in found:
            before = row["previous_sequence"]
            if before and before not in there and before > said.starts.get(writer, (0, ""))[0]:
                yield Flaw(
                    "checkpoints", "deleted", f"{writer}/{before}", "the one behind it says it was there"
                )
    for writer, last in rows(connection, _ended(connection.dialect.name)):
        if last and last not in {row["sequence"] for row in by_writer.get(writer, ())}:
            why = "the writer came to its end, which is always signed"
            yield Flaw("checkpoints", "deleted", f"{writer}/{last}", why)


def _ended(dialect: str) -> str:
    """Return SQL for the writers that came to their end, and their last entries."""
    return (
        f"SELECT {expression('writers', 'id', dialect)}, "  # noqa: S608 (a name)
        "(SELECT max(sequence) FROM chain WHERE writer = w.id) FROM writers w WHERE ended_at IS NOT NULL"
    )


def _bounds(connection: sa.Connection) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the writers that have a chain, by one look into the index for each."""
    writer = expression("chain", "writer", connection.dialect.name)
    sql = f"SELECT {writer} FROM chain ORDER BY writer LIMIT 1"  # noqa: S608 (a name)
    found = list(rows(connection, sql))
    while found:
        (name,) = found[0]
        ((first, last),) = rows(
            connection, "SELECT min(sequence), max(sequence) FROM chain WHERE writer = ?", name
        )
        yield name, (first, last)
        sql = f"SELECT {writer} FROM chain WHERE writer > ? ORDER BY writer LIMIT 1"  # noqa: S608 (a name)
        found = list(rows(connection, sql, name))


def _rows(connection: sa.Connection, table: str, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    columns = ", ".join(expression(table, name, connection.dialect.name) for name in names)
    for row in rows(connection, f"SELECT {columns} FROM {table}"):  # noqa: S608 (names)
        yield dict(zip(names, row, strict=True))

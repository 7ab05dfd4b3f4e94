"""Reads the exchanges of a range of ids with all that hangs on them, to be checked, in one snapshot.

Ranges of ids and not of time: every table has an index that leads with the id of the exchange, so that a
range is read in one go from each, and what is there without its exchange is in some range too.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.records.canonical import COLUMNS, ERASABLE
from app.records.exchange_check import Allowed, Checked, Found, check_exchanges, salted_hash
from app.records.proof_rows import canonical_values, expression, rows, statement
from app.records.protection import Protection, Unreadable

Range = tuple[str, str]
"""Ids behind the first, up to the second."""
_KEYS = ("exchange_id", "exchange_started_at")


def ranges(connection: sa.Connection, since: str | None, exchanges: int) -> Iterator[tuple[Range, int]]:
    """Yield ranges that leave out no id, with about so many exchanges in each.

    Args:
        connection: in a transaction.
        since: moment from which exchanges are meant, by the time in their ids; None: all.
        exchanges: in a range.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    low, end = ("0" * 8 + "-0000" * 3 + "-" + "0" * 12, "f" * 8 + "-ffff" * 3 + "-" + "f" * 12)
    if not is_postgresql:
        low, end = "", "\U0010ffff"
    if since is not None:
        low = _id_from(since)
    numbered = (
        f"SELECT {expression('exchanges', 'id', connection.dialect.name)} FROM "  # noqa: S608 (a name, a number)
        "(SELECT id, row_number() OVER (ORDER BY id) AS n FROM exchanges WHERE id > ?) AS numbered "
        f"WHERE n / {exchanges} * {exchanges} = n ORDER BY id"
    )
    for (high,) in rows(connection, numbered, low):
        yield (low, high), exchanges
        low = high
    yield (low, end), 0


def check_range(connection: sa.Connection, of: Range, allowed: Allowed, protection: Protection) -> Checked:
    """Read and check the exchanges of a range.

    Args:
        connection: in a transaction that sees one moment.
        of: the range.
        allowed: what may be missing.
        protection: decrypts bodies; those whose key it does not have are counted.
    """
    found: dict[str, Found] = defaultdict(Found)
    done = Checked()
    _read_exchanges(connection, of, found, done)
    for table in ("attempts", "verdicts", "findings"):
        values = canonical_values(table, connection.dialect.name)
        for id_, moment, *read in _of_range(connection, table, of, _KEYS):
            one = found[id_]
            one.moments.add(moment)
            one.children.setdefault(table, []).append(values(read))
            done.rows += 1
    _read_payloads(connection, of, found, done, protection)
    _read_entries(connection, of, found, done)
    checked = check_exchanges(found, allowed)
    checked.rows, checked.sealed_bodies = done.rows, done.sealed_bodies
    return checked


def _read_exchanges(connection: sa.Connection, of: Range, found: dict[str, Found], done: Checked) -> None:
    values, width = canonical_values("exchanges", connection.dialect.name), len(COLUMNS["exchanges"])
    beside = ("erasable_salt", *ERASABLE)
    for read in _of_range(connection, "exchanges", of, (), beside, key="id"):
        made = values(read[:width])
        found[made[0]].rows.append((made, read[width], list(read[width + 1 :])))
        done.rows += 1


def _read_payloads(
    connection: sa.Connection, of: Range, found: dict[str, Found], done: Checked, protection: Protection
) -> None:
    for id_, moment, kind, content, hash_, *body in _of_range(
        connection, "payloads", of, _KEYS, ("salt", "body", "key_id")
    ):
        one = found[id_]
        one.moments.add(moment)
        one.children.setdefault("payloads", []).append([kind, content, hash_])
        done.rows += 1
        salt, text, key_id = body
        if text is None:
            if content != "hashes":
                one.gone_bodies.append(kind)
            continue
        try:
            text = protection.decrypted(id_, kind, text, key_id)
        except Unreadable:
            if protection.has(key_id):
                one.wrong_bodies.append(kind)
            else:
                done.sealed_bodies += 1
            continue
        if salted_hash(salt, text.encode()) != hash_:
            one.wrong_bodies.append(kind)


def _read_entries(connection: sa.Connection, of: Range, found: Mapping[str, Found], done: Checked) -> None:
    columns = COLUMNS["chain"]
    for read in _of_range(connection, "chain", of, ()):
        entry = dict(zip(columns, read, strict=True))
        one = found[entry["exchange_id"]]
        one.started_at = entry["exchange_started_at"]
        done.rows += 1
        if entry["kind"] == "erased":
            one.is_erased = True
        else:
            one.entries.append((entry["kind"] != "begun", entry["at"], entry["sequence"], entry["digest"]))


def _of_range(  # noqa: PLR0913 (parts of a SELECT)
    connection: sa.Connection,
    table: str,
    of: Range,
    before: tuple[str, ...],
    after: tuple[str, ...] = (),
    key: str = "exchange_id",
) -> Iterator[Any]:
    sql = statement(table, connection.dialect.name, before, after)
    yield from rows(connection, f"{sql} WHERE {key} > ? AND {key} <= ?", *of)


def _id_from(since: str) -> str:
    """Return the least UUIDv7 of a moment."""
    digits = f"{int(datetime.fromisoformat(since).timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"

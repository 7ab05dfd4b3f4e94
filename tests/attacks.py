"""What somebody may do to a record whom only the database could stop: all has to be found and named."""

import sqlalchemy as sa

from tests.proven_records import ProvenRecord, swapped

Tampering = tuple[str, str, str]


def attacks(record: ProvenRecord) -> dict[tuple[str, ...], Tampering]:
    """Return statements, and what must be said of what they do."""
    one, other, sealed = record.ids[1], record.ids[2], record.ids[5]
    first, second = (chain.head.writer for chain in record.chains)
    of, of_sealed = f"WHERE exchange_id = '{one}'", f"WHERE exchange_id = '{sealed}' AND kind = 'request'"
    entry = f"WHERE writer = '{first}' AND sequence ="
    body = swapped(str(record.value("payloads", "body", sealed)))
    names = ", ".join(columns(record, "exchanges"))
    copied = names.replace("id,", "'0198c0de-0000-7000-8000-000000000001',", 1)
    finding = ", ".join(columns(record, "findings")).replace(" number", " 3", 1)
    later = names.replace("started_at", _LATER, 1)
    into = "record_events (id, at, kind, actor, exchanges, detail)"
    allowing = f"'{one}', at, 'retained', 'x', 0, '{{\"gone_before\":\"9\"}}'"
    checkpoint = f"WHERE writer = '{first}' AND sequence = 4"
    return {
        # changed
        (f"UPDATE exchanges SET caller = 'other' WHERE id = '{one}'",): ("exchanges", "changed", one),
        (f"UPDATE exchanges SET cost_usd = 1 WHERE id = '{one}'",): ("exchanges", "changed", one),
        (f"UPDATE exchanges SET duration_ms = 1 WHERE id = '{one}'",): ("exchanges", "changed", one),
        (f"UPDATE exchanges SET writer = NULL WHERE id = '{one}'",): ("exchanges", "changed", one),
        (f"UPDATE exchanges SET metadata = '{{}}' WHERE id = '{one}'",): ("exchanges", "changed", one),
        (f"UPDATE exchanges SET erasable_salt = 'zz' WHERE id = '{one}'",): ("exchanges", "changed", one),
        (f"UPDATE payloads SET body = '{{}}' {of}",): ("payloads", "changed", one),
        (f"UPDATE payloads SET hash = salt {of}",): ("exchanges", "changed", one),
        (f"UPDATE payloads SET body = '{body}' {of_sealed}",): ("payloads", "changed", sealed),
        (f"UPDATE attempts SET provider = 'x' {of}",): ("exchanges", "changed", one),
        (f"UPDATE verdicts SET decision = 'pass' {of}",): ("exchanges", "changed", one),
        (f"UPDATE findings SET rule = 'x' {of} AND number = 1",): ("exchanges", "changed", one),
        (f"UPDATE chain SET digest = hash {entry} 3",): ("chain", "changed", f"{first}/3"),
        (f"UPDATE chain SET kind = 'begun' {entry} 4",): ("chain", "changed", f"{first}/4"),
        (f"UPDATE checkpoints SET hash = substr(signature, 1, 64) {checkpoint}",): (
            "checkpoints",
            "unsigned",
            f"{first}/4",
        ),
        ("UPDATE record_events SET actor = 'x'",): ("record_events", "changed", _opening(record)),
        # deleted
        (f"DELETE FROM exchanges WHERE id = '{one}'",): ("exchanges", "deleted", one),
        (f"DELETE FROM payloads {of}",): ("exchanges", "changed", one),
        (f"UPDATE payloads SET body = NULL {of}",): ("payloads", "deleted", one),
        (f"UPDATE exchanges SET metadata = NULL, subject = NULL WHERE id = '{one}'",): (
            "exchanges",
            "deleted",
            one,
        ),
        (f"DELETE FROM attempts {of} AND number = 1",): ("attempts", "deleted", one),
        (f"DELETE FROM verdicts {of} AND number = 2",): ("exchanges", "changed", one),
        (f"DELETE FROM findings {of} AND number = 1",): ("findings", "deleted", one),
        (f"DELETE FROM chain {entry} 3",): ("chain", "deleted", f"{first}/3"),
        (f"DELETE FROM chain {entry} 1",): ("chain", "deleted", f"{first}/1"),
        (f"DELETE FROM checkpoints {checkpoint}",): ("checkpoints", "deleted", f"{first}/4"),
        ("DELETE FROM record_events",): ("record_events", "deleted", _opening(record)),
        (
            f"DELETE FROM exchanges WHERE writer = '{first}'",
            f"DELETE FROM chain WHERE writer = '{first}'",
            f"DELETE FROM checkpoints WHERE writer = '{first}'",
        ): ("chain", "deleted", f"{first}/6"),
        # reordered
        (
            f"UPDATE chain SET sequence = 99 {entry} 4",
            f"UPDATE chain SET sequence = 4 {entry} 5",
            f"UPDATE chain SET sequence = 5 {entry} 99",
        ): ("chain", "reordered", f"{first}/4"),
        (
            f"UPDATE findings SET number = 9 {of} AND number = 1",
            f"UPDATE findings SET number = 1 {of} AND number = 2",
            f"UPDATE findings SET number = 2 {of} AND number = 9",
        ): ("exchanges", "changed", one),
        (f"UPDATE verdicts SET number = 3, exchange_id = '{other}' {of} AND number = 2",): (
            "exchanges",
            "changed",
            other,
        ),
        # inserted
        (f"INSERT INTO exchanges ({names}) SELECT {copied} FROM exchanges WHERE id = '{one}'",): (
            "exchanges",
            "inserted",
            "0198c0de-0000-7000-8000-000000000001",
        ),
        (f"INSERT INTO exchanges ({names}) SELECT {later} FROM exchanges WHERE id = '{one}'",): (
            "exchanges",
            "inserted",
            one,
        ),
        (f"INSERT INTO findings SELECT {finding} FROM findings {of} AND number = 1",): (
            "exchanges",
            "changed",
            one,
        ),
        (
            f"INSERT INTO {into} SELECT {allowing} FROM chain {entry} 1",
            f"DELETE FROM exchanges WHERE id = '{one}'",
        ): ("record_events", "inserted", one),
        # truncated
        (
            f"DELETE FROM chain WHERE writer = '{second}' AND sequence > 3",
            f"DELETE FROM exchanges WHERE id IN ('{record.ids[6]}', '{record.ids[7]}')",
        ): ("chain", "truncated", f"{second}/3"),
    }


_LATER = "'2026-11-29T20:51:52.123456Z'"


def columns(record: ProvenRecord, table: str) -> list[str]:
    """Return the names of a table's columns."""
    return [column["name"] for column in sa.inspect(record.engine).get_columns(table)]


def _opening(record: ProvenRecord) -> str:
    with record.engine.connect() as connection:
        return str(
            connection.scalar(sa.text("SELECT event_id FROM chain WHERE sequence = 1 ORDER BY writer"))
        )

"""What the record says of one exchange, read as an auditor would: by SQL, without code of the service.

`python -m app.demo.record SQL` asks the demo's database where there is no `sqlite3` program.
"""

import contextlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from app.demo.example import DATABASE_FILE

_WAIT_S = 5.0
"""A row is written at most 50 ms after its answer; a busy machine may need longer."""
_POLL_S = 0.05


class Row(msgspec.Struct, frozen=True):
    """One exchange."""

    outcome: str
    sent_upstream: str | None
    """The last message as it went to the provider; None if none was asked."""
    verdicts: tuple[str, ...]
    """One line a verdict: side, guardrail, decision, and where what was found."""


def wait_for(file: Path, trace_id: str) -> Row:
    """Return what is on record of the exchange with this trace id, as soon as its end is.

    Raises:
        LookupError: if it is not within some seconds.
    """
    deadline = time.monotonic() + _WAIT_S
    while True:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT id, outcome FROM exchanges WHERE trace_id = ? AND outcome IS NOT NULL", (trace_id,)
            ).fetchone()
            if found:
                sent, verdicts = _sent(connection, found[0]), _verdicts(connection, found[0])
                return Row(outcome=found[1], sent_upstream=sent, verdicts=verdicts)
        if time.monotonic() > deadline:
            raise LookupError(f"No row with the trace id {trace_id} in {file} after {_WAIT_S:g} s.")
        time.sleep(_POLL_S)


def _sent(connection: sqlite3.Connection, exchange_id: str) -> str | None:
    row = connection.execute(
        "SELECT p.body FROM payloads p JOIN attempts a USING (exchange_id)"
        " WHERE exchange_id = ? AND p.kind = 'request' LIMIT 1",
        (exchange_id,),
    ).fetchone()
    return str(json.loads(row[0])["messages"][-1]["content"]) if row else None


def _verdicts(connection: sqlite3.Connection, exchange_id: str) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT v.side, v.guardrail, v.decision,"
        " f.check_kind || '.' || f.rule || ' in ' || f.part, f.start_offset || ' to ' || f.end_offset"
        " FROM verdicts v"
        " LEFT JOIN findings f ON f.exchange_id = v.exchange_id AND f.verdict_number = v.number"
        " WHERE v.exchange_id = ? ORDER BY v.number, f.number",
        (exchange_id,),
    )
    return tuple(
        f"{side:<8}{name:<13}" + (f"{decision:<9}{found}, {place}" if found else decision)
        for side, name, decision, found, place in rows
    )


def answer(file: Path, sql: str) -> Iterator[str]:
    """Yield the columns and rows of a question as lines, values separated by ` | `."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        rows = connection.execute(sql)
        yield " | ".join(column[0] for column in rows.description)
        for row in rows:
            yield " | ".join(map(str, row))


def main(arguments: Sequence[str]) -> int:
    """Answer the question that is the only argument; 0 if it could be asked, else 2."""
    try:
        (sql,) = arguments
        sys.stdout.writelines(f"{line}\n" for line in answer(Path(DATABASE_FILE), sql))
    except ValueError:
        sys.stderr.write('usage: python -m app.demo.record "SELECT ..."\n')
        return 2
    except sqlite3.Error as error:
        sys.stderr.write(f"{DATABASE_FILE}: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A small record with all there is to prove: two chains, findings, checkpoints, encrypted bodies."""

import base64
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.domain.exchange import Outcome
from app.records import tables
from app.records.chain import Chain
from app.records.checkpoints import Checkpoints
from app.records.inserts import Inserts
from app.records.opening import event_row, open_chain
from app.records.protection import Protection
from app.records.rows import Capture, Row, Rows, rows_of
from app.records.signing_key import Signer, passing_signer
from guardrails import Side
from tests.exchanges import attempt, exchange, finding, request, verdict
from tests.fakes import FakeLog

BODY_KEYS = {"k1": b"1" * 32}
NOW = "2026-11-23T00:00:00.000000Z"
_AS_IT_WAS = Capture("full", str)


class ProvenRecord:
    """A record in a database, and what made it.

    Args:
        engine: of a database with the newest schema and no rows.
        exchanges: of each of the two writers.
    """

    def __init__(self, engine: sa.Engine, exchanges: int = 4) -> None:
        self.engine = engine
        self.signer: Signer = passing_signer()
        self.log = FakeLog()
        self.ids: list[str] = []
        self.chains: list[Chain] = []
        for protection in (Protection(), Protection(BODY_KEYS, "k1")):
            self._write(protection, exchanges)

    def _write(self, protection: Protection, exchanges: int) -> None:
        says = {"key_id": self.signer.key_id, "public_key": self.signer.public_key}
        chain = open_chain(self.engine, "service", says)
        self.chains.append(chain)
        checkpoints = Checkpoints(self.engine, self.signer, lambda: chain.head, self.log)
        for number in range(exchanges):
            self.ids.append(self.add(chain, protection, number))
            if number == 1:
                checkpoints.look(float("inf"))
        checkpoints.stop()

    def add(self, chain: Chain, protection: Protection, number: int) -> str:
        """Put one exchange on record and return its id; the first of a chain has begun before."""
        rows = protected(protection, number)
        if number == 0:
            row = rows.exchanges[0]
            begun = Rows(exchanges=(row | dict.fromkeys(_AT_THE_END),), payloads=rows.payloads[:1])
            sealed = chain.seal([begun])
            chain.advance(sealed)
            with self.engine.begin() as connection:
                connection.execute(sa.insert(tables.chain), [*sealed[0].chain])
        sealed = chain.seal([rows])
        Inserts(self.engine).write(sealed)
        chain.advance(sealed)
        return str(rows.exchanges[0]["id"])

    def erase(self, id_: str) -> None:
        """Erase a person's words of an exchange, as an erasure does."""
        chain = self.chains[0]
        row: Row = {"id": id_, "started_at": _text(self.value("exchanges", "started_at", id_))}
        event = event_row("erased", NOW, "cli", {}, exchanges=1)
        with self.engine.begin() as connection:
            connection.execute(sa.insert(tables.record_events), event)
            connection.execute(sa.insert(tables.chain), chain.record("event", event, [row]))
            words = dict.fromkeys(_WORDS)
            table = tables.exchanges
            connection.execute(sa.update(table).where(table.c.id == id_).values(**words))
            bodies = tables.payloads
            nothing = {"body": None, "salt": None, "key_id": None, "erased_at": NOW}
            connection.execute(sa.update(bodies).where(bodies.c.exchange_id == id_).values(**nothing))

    def retain(self, detail: dict[str, object], chain: Chain) -> None:
        """Note what is kept no longer."""
        event = event_row("retained", NOW, "service", detail)
        with self.engine.begin() as connection:
            connection.execute(sa.insert(tables.record_events), event)
            connection.execute(sa.insert(tables.chain), chain.record("event", event))

    def value(self, table: str, column: str, id_: str) -> object:
        """Return one value of an exchange."""
        key = "id" if table == "exchanges" else "exchange_id"
        column_ = sa.column(column, tables.metadata.tables[table].columns[column].type)
        with self.engine.connect() as connection:
            found = sa.select(column_).select_from(sa.table(table)).where(sa.text(f"{key} = :id"))
            return connection.scalar(found, {"id": id_})

    def run(self, *statements: str) -> None:
        """Do to it what nobody should."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def saved(self) -> dict[str, Sequence[sa.RowMapping]]:
        """Return all rows."""
        with self.engine.connect() as connection:
            return {
                table.name: connection.execute(sa.select(table)).mappings().all()
                for table in tables.metadata.tables.values()
            }

    def restore(self, saved: dict[str, Sequence[sa.RowMapping]]) -> None:
        """Put these rows in place of all that are there."""
        with self.engine.begin() as connection:
            for name, rows in saved.items():
                table = tables.metadata.tables[name]
                connection.execute(sa.delete(table))
                if rows:
                    connection.execute(sa.insert(table), [dict(row) for row in rows])


def _text(value: object) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else str(value)


def protected(protection: Protection, number: int) -> Rows:
    """Return the rows of an exchange with everything, not sealed."""
    words = finding("messages[0].content", 5, 9), finding("messages[0].content", 12, 19)
    record = exchange(
        request=request(f"question {number} from ada"),
        metadata={"_user": "ada"},
        attempts=(attempt(1, status_code=500), attempt(2)),
        verdicts=(verdict(Side.INPUT, *words), verdict(Side.OUTPUT)),
        outcome=Outcome.OK,
    )
    return protection.protect(rows_of(record, _AS_IT_WAS), record.metadata)


_WORDS = ("metadata", "subject", "caller_trace_id", "error_message", "error_param", "erasable_salt")
_AT_THE_END = (
    "outcome ended_at status_code duration_ms upstream_ms overhead_ms chars_received chars_screened "
    "chars_released"
).split()


def swapped(body: str) -> str:
    """Return an encrypted body of which one bit is another."""
    data = bytearray(base64.b64decode(body))
    data[-1] ^= 1
    return base64.b64encode(data).decode()

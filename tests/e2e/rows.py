"""Reads the record from outside, as an auditor would: SQL on the database, nothing of Handrail."""

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

_WAIT_S = 10.0
_POLL_S = 0.05
TABLES = ("exchanges", "payloads", "attempts", "verdicts", "findings")

Row = dict[str, Any]


class Database:
    """A record, wherever it is.

    Args:
        url: as in `records.url`.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, sql: str, **values: object) -> list[Row]:
        """Return the rows of a question."""
        engine = sa.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                return [dict(row) for row in connection.execute(sa.text(sql), values).mappings()]
        finally:
            engine.dispose()

    def exchange(self, request_id: str) -> Row:
        """Return the row of an exchange, once it has ended."""
        return self.wait(
            lambda rows: len(rows) == 1,
            "SELECT * FROM exchanges WHERE CAST(id AS text) = :id AND outcome IS NOT NULL",
            id=request_id,
        )[0]

    def wait(self, enough: Callable[[list[Row]], bool], sql: str, **values: object) -> list[Row]:
        """Ask until the answer is enough, or return the last one after some seconds."""
        deadline = time.monotonic() + _WAIT_S
        while not enough(rows := self.query(sql, **values)) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        assert enough(rows), f"not in the record after {_WAIT_S:g} s: {sql} {values}"
        return rows

    def of(self, table: str, request_id: str) -> list[Row]:
        """Return an exchange's rows in another table, in order; its row in `exchanges` must be there."""
        order = "kind" if table == "payloads" else "number"
        sql = f"SELECT * FROM {table} WHERE CAST(exchange_id AS text) = :id ORDER BY {order}"
        return self.query(sql, id=request_id)

    def everything(self) -> str:
        """Return all that is in the tables, as text, to search for what must not be there."""
        return "\n".join(str(self.query(f"SELECT * FROM {table}")) for table in TABLES)

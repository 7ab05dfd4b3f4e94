"""What makes one process's writing provable, from its start to its end: its chain, signed now and then."""

import time
from pathlib import Path

import sqlalchemy as sa

from app.records import tables
from app.records.chain import Chain
from app.records.checkpoints import Checkpoints
from app.records.engine import WRITES
from app.records.opening import open_chain
from app.records.signing_key import Signer, kept_signer, passing_signer
from app.records.values import moment
from telemetry import Log

_KEY_FILE = "{}.signing-key.pem"
"""Beside an SQLite database of that name."""


class Proving:
    """An opened chain whose heads are signed.

    Args:
        engine: of a database with the newest schema.
        signer: None: that of the file beside the SQLite database; on PostgreSQL one of this process.
        log: for the checkpoints.
        host: where this process is, as others are to know it.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be written.
        UnusableKey: there is no key to sign with.
    """

    def __init__(self, engine: sa.Engine, signer: Signer | None, log: Log, host: str | None = None) -> None:
        self._engine = engine
        signer = signer or signer_beside(engine.url, log)
        says = {"key_id": signer.key_id, "public_key": signer.public_key}
        self.chain: Chain = open_chain(engine, "service", says, host)
        self._checkpoints = Checkpoints(engine, signer, lambda: self.chain.head, log)
        self._checkpoints.start()

    def stop(self) -> None:
        """Sign the end, and note that the writer came to it; nothing is written any more."""
        if not self._checkpoints.stop():
            return
        end = (
            sa.update(tables.writers)
            .where(tables.writers.c.id == self.chain.head.writer)
            .values(ended_at=moment(time.time_ns()))
        )
        try:
            with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
                connection.execute(end)
        except sa.exc.SQLAlchemyError:
            return  # as after a crash


def signer_beside(url: sa.URL, log: Log) -> Signer:
    """Return what signs where no key is configured."""
    if url.get_backend_name() == "sqlite":
        return kept_signer(Path(_KEY_FILE.format(url.database)))
    signer = passing_signer()
    log.warning("record_signing_key_passing", public_key=signer.public_key, set="records.signing_key")
    return signer

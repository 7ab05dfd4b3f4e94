"""What a writer works with from its start on: database, chain, journals, and the thread that ships.

Made in one go, so that nothing of it is there without the rest; `writer.py` drives it.
"""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app.records.batches import Batches
from app.records.database import Database, RecordsUnavailable
from app.records.delivery import Delivery
from app.records.entry import Entry
from app.records.form import Form
from app.records.inserts import Inserts
from app.records.interrupted import Interrupted
from app.records.journal import Journal, JournalFailed
from app.records.journals import adopted_journals, place_of
from app.records.keeping import Keeping
from app.records.opening import host_at
from app.records.protection import Protection
from app.records.rows import Capture
from app.records.shipping import Shipping
from app.records.signing_key import Signer
from telemetry import Log


class Works:
    """All of it, ready to start.

    Args:
        url: `records.url`.
        folder: of the journals.
        is_strict: whether commits must survive the machine.
        capture: how much of an exchange is recorded.
        protection: salts, hashes and encrypts what is written.
        signer: signs the heads of the chain.
        batches: where what the works themselves have to say gets in line.
        gives_up: whether there is no time left.
        log: for what an operator must know.

    Raises:
        RecordsUnavailable: there is no usable database, or no journal.
    """

    def __init__(  # noqa: PLR0913 (what it is made of)
        self,
        url: str,
        folder: Path,
        *,
        is_strict: bool,
        capture: Capture,
        protection: Protection,
        signer: Signer | None,
        batches: Batches,
        gives_up: Callable[[], bool],
        log: Log,
    ) -> None:
        self._log = log
        self._batches = batches
        self.database = Database(url, is_strict=is_strict)
        engine = self.database.engine
        try:
            host = host_at(place_of(folder))
            chain = self.database.chain(signer, log, host)
            self.journal = Journal(folder, chain.head.writer)
        except JournalFailed as error:
            self.database.close()
            raise _unwritable(error) from error
        self._form = Form(capture, protection, chain, log)
        self._interrupted = Interrupted(engine, chain.head.writer, folder, host, self._get_in_line, log)
        self.shipping = Shipping(
            Delivery(Inserts(engine), log, self._left_of),
            self.journal,
            adopted_journals(folder, log),
            log,
            idle=self._interrupted.look,
            at_end=self._close_database,
        )
        self.keeping = Keeping(self._form, self.journal, self.shipping, log, gives_up)

    @property
    def journals(self) -> Sequence[Journal]:
        """All that have something in them, or may have."""
        return (self.journal, *self.shipping.adopted)

    def stop(self, patience_s: float) -> None:
        """Ship what waits, or leave it in the journal, and end. To be called when nobody keeps any more."""
        self.shipping.stop(patience_s)
        if not self.journal.is_closed:
            if self.journal.entries:
                self._log.warning(
                    "records_left_in_journal", entries=self.journal.entries, journal=str(self.journal.path)
                )
            self.journal.close()

    def _get_in_line(self, entry: Entry) -> None:
        self._batches.put(entry, 0)

    def _left_of(self, entry: Entry, reason: str) -> Entry:
        """Return what is left of an entry that the database refused, and have that linked anew."""
        left = self._form.left_of(entry, reason)
        self._get_in_line(msgspec.structs.replace(left, follows=True))
        return left

    def _close_database(self) -> None:
        self._interrupted.close()
        self.database.close()


def require(url: str, folder: Path) -> None:
    """Make sure that works can be made; nothing is written.

    Raises:
        RecordsUnavailable: they cannot.
    """
    Database(url).close()
    try:
        Journal(folder, str(uuid.uuid4())).close()
        place_of(folder)
    except JournalFailed as error:
        raise _unwritable(error) from error


def _unwritable(error: JournalFailed) -> RecordsUnavailable:
    return RecordsUnavailable(f"records.journal.path: the journal cannot be written: {error}")

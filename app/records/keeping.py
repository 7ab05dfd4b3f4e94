"""From exchanges to something that outlives this process: the database, or the journal while that is away.

Used by the writer's thread. What it holds it never lets go of: where neither can be written (a full disk, and
the database away), it tries both again and again, and nothing new is admitted meanwhile.
"""

import threading
from collections.abc import Callable, Sequence

from app.records.entry import Entry
from app.records.form import Form, Kept
from app.records.journal import Journal, JournalFailed
from app.records.shipping import Shipping
from telemetry import Log

_RETRY_S = 0.1


class Keeping:
    """Keeps.

    Args:
        form: what is made of an exchange.
        journal: of this process.
        shipping: to the database.
        log: for what an operator must know. No line holds content.
        gives_up: whether there is no time left to wait for a disk.
    """

    def __init__(
        self,
        form: Form,
        journal: Journal,
        shipping: Shipping,
        log: Log,
        gives_up: Callable[[], bool],
    ) -> None:
        self._form = form
        self._journal = journal
        self._shipping = shipping
        self._log = log
        self._gives_up = gives_up
        self.is_stuck = False
        """Whether neither the database nor the journal takes what is held."""

    def keep(self, exchanges: Sequence[Kept | Entry]) -> bool:
        """Keep these, in order; return False where it gave up. Some may have their rows already."""
        entries = [entry for one in exchanges if (entry := self._form.entry(one)) is not None]
        return not entries or self._keep(entries)

    def _keep(self, entries: Sequence[Entry]) -> bool:
        again = False
        while True:
            if not self._journal.entries and (again or not self._shipping.is_away):
                if self._shipping.write(entries, again=again):
                    break
                again = True
            try:
                self._journal.append(entries)
            except JournalFailed as error:
                self._note_stuck(error, len(entries))
                again = True
                if self._gives_up():
                    return False
                threading.Event().wait(_RETRY_S)
            else:
                self._shipping.wake()
                break
        if self.is_stuck:
            self._log.info("records_journal_writable")
        self.is_stuck = False
        return True

    def _note_stuck(self, error: JournalFailed, held: int) -> None:
        if not self.is_stuck:
            self._log.error("records_journal_failed", reason=str(error), held=held)
        self.is_stuck = True

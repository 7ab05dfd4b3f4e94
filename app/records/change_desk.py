"""The record for those who change it over the network: one at a time, with errors that can be told."""

import contextlib
import threading
from pathlib import Path

import sqlalchemy as sa

from app.domain.errors import InvalidRequest, Overloaded
from app.records.changes import Changes
from app.records.erasure import Erased, NoExchange, Whose, erase, exchange_named
from app.records.journal import JournalFailed
from app.records.subjects import subjects_of
from app.secret import Secret


class ChangeDesk:
    """Makes changes. Its methods block; they may be called in any thread.

    Args:
        url: `records.url`.
        journals: folder of this machine's journals.
        key: `fingerprint_key`, under which persons may stand on record.
    """

    def __init__(self, url: str, journals: Path, key: Secret | None) -> None:
        self._url = url
        self._journals = journals
        self._key = key
        self._place = threading.Lock()

    def erase(self, actor: str, subject: str | None, exchange: str | None, *, dry_run: bool) -> Erased:
        """Erase all of a person, or one exchange.

        Args:
            actor: who asks.
            subject: the person.
            exchange: id of the exchange; one of both.
            dry_run: nothing is changed.

        Raises:
            InvalidRequest: it is not said what.
            Overloaded: somebody else erases, or the record cannot be changed.
        """
        whose = self._whose(subject, exchange)
        if not self._place.acquire(blocking=False):
            raise Overloaded("Others change the record at this moment. Try again.", code="records_busy")
        try:
            with contextlib.closing(Changes(self._url, actor)) as changes:
                return erase(changes, whose, self._journals, dry_run=dry_run)
        except (sa.exc.SQLAlchemyError, JournalFailed, OSError):
            message = "The record cannot be changed at the moment, or not all of it. Try again."
            raise Overloaded(message, code="records_unavailable") from None
        finally:
            self._place.release()

    def _whose(self, subject: str | None, exchange: str | None) -> Whose:
        if exchange is None and subject:
            return Whose(subjects=subjects_of(subject, self._key), name=subject)
        if exchange is None or subject is not None:
            raise InvalidRequest("Say what is to be erased: `subject` or `exchange`, one of both.")
        try:
            return exchange_named(exchange)
        except NoExchange as error:
            raise InvalidRequest(f"{error}.", param="exchange") from None

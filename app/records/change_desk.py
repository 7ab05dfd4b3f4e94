"""The record for those who change it over the network: one at a time, with errors that can be told."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.errors import InvalidRequest, NotOnRecord, Overloaded, RecordsBusy
from app.records.changes import Changes
from app.records.erasure import Erased, erase
from app.records.filters import BadQuestion
from app.records.holds import Named, add_hold, holds, id_of, release_hold
from app.records.journal import JournalFailed
from app.records.retention import Retained, cutoff, days_kept, retain, today
from app.records.subjects import subjects_of
from app.records.whose import NoExchange, Whose, exchange_named
from app.secret import Secret


class ChangeDesk:
    """Makes changes. Its methods block; they may be called in any thread.

    Args:
        url: `records.url`.
        journals: folder of this machine's journals.
        key: `fingerprint_key`, under which persons may stand on record.
        days: `records.retention_days`.
    """

    def __init__(self, url: str, journals: Path, key: Secret | None, days: int | None = None) -> None:
        self._url = url
        self._journals = journals
        self._key = key
        self._days = days
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
            RecordsBusy: somebody else changes the record.
            Overloaded: it cannot be changed.
        """
        whose = self._whose(subject, exchange)
        with self._changing(actor) as changes:
            return erase(changes, whose, self._journals, dry_run=dry_run)

    def retain(self, actor: str, days: int | None, *, dry_run: bool) -> Retained:
        """Let go of what is older than so many days; None: than the configuration says.

        Raises:
            InvalidRequest: nobody says how many, or there cannot be so many.
            Overloaded: as `erase`.
        """
        with _told():
            before = cutoff(days_kept(days, self._days), today())
        with self._changing(actor) as changes:
            return retain(changes, before, dry_run=dry_run)

    def hold(self, actor: str, named: Named, reason: str) -> list[str]:
        """Hold something, and return the ids of the holds: one, or one for each way a person is on record.

        Raises:
            InvalidRequest: it is not said what.
            Overloaded: as `erase`.
        """
        with _told():
            about = named.about(self._key, datetime.now(UTC))
        with self._changing(actor) as changes:
            return add_hold(changes, about, reason, actor)

    def release(self, actor: str, id_: str) -> None:
        """Release a hold.

        Raises:
            InvalidRequest: it is no id.
            NotOnRecord: there is none of it, or none any more.
            Overloaded: as `erase`.
        """
        with _told():
            id_ = id_of(id_, "id")
        with self._changing(actor) as changes:
            if not release_hold(changes, id_, actor):
                raise NotOnRecord("There is no hold of this id that was not released.", code="hold_not_found")

    def holds(self) -> Sequence[dict[str, Any]]:
        """Return all holds, also those that were released, the oldest first.

        Raises:
            Overloaded: the record cannot be read.
        """
        with (
            _reached(),
            contextlib.closing(Changes(self._url, "")) as changes,
            changes.looking() as connection,
        ):
            return holds(connection)

    @contextlib.contextmanager
    def _changing(self, actor: str) -> Iterator[Changes]:
        if not self._place.acquire(blocking=False):
            raise RecordsBusy("Others change the record at this moment. Try again.")
        try:
            with _reached(), contextlib.closing(Changes(self._url, actor)) as changes:
                yield changes
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


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BadQuestion as error:
        raise InvalidRequest(f"This cannot be done: {error}.", param=error.name) from None


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, JournalFailed, OSError):
        message = "The record cannot be changed at the moment, or not all of it. Try again."
        raise Overloaded(message, code="records_unavailable") from None

"""Replaying for those who ask over the network: one at a time, in its caller's thread, and while wanted."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from app.domain.errors import Overloaded, RecordsBusy
from app.records.desk import told
from app.records.filters import Filter
from app.records.protection import Protection
from app.records.reading import Reading
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison
from app.replaying.hiding import hiding
from app.replaying.recorded import Recorded
from app.replaying.report import document
from guardrails import Redactor

_PAGE_S = 60.0
_LONGEST_S = 3600.0


class ReplayDesk:
    """Tries candidates on the record. Its methods block; they may be called in any thread.

    Args:
        url: `records.url`.
        protection: decrypts bodies.
        redactor: makes what takes personal data out of names.
    """

    def __init__(self, url: str, protection: Protection, redactor: Callable[[], Redactor]) -> None:
        self._reading = Reading(url, timeout_s=_PAGE_S, connections=1)
        self._protection = protection
        self._redactor = redactor
        self._place = threading.Lock()

    def replay(
        self,
        is_wanted: Callable[[], bool],
        *,
        candidate: Candidate,
        asked: Filter,
        most: int | None,
        samples: int,
    ) -> dict[str, Any]:
        """Return the report, as `report.document` does.

        Args:
            is_wanted: asked after each exchange; if not, the work ends.
            candidate: what is tried; none of its checks asks another service.
            asked: on which exchanges.
            most: the newest so many; None: all.
            samples: at most so many of each kind of change.

        Raises:
            RecordsBusy: somebody else replays.
            InvalidRequest: it takes too long to find them.
            Overloaded: the record cannot be read, or it took longer than an hour, or nobody wants to know.
        """
        if not self._place.acquire(blocking=False):
            raise RecordsBusy("Others replay the record at this moment. Try again.")
        end = time.monotonic() + _LONGEST_S

        def tell(_done: int) -> None:
            if not is_wanted() or time.monotonic() > end:
                message = "The replay was ended. Ask for less, or try again."
                raise Overloaded(message, code="records_unavailable")

        done = Comparison(samples)
        hide = hiding(candidate.names, self._redactor)
        recorded = Recorded(self._reading, asked, self._protection, most=most)
        try:
            with told():
                asyncio.run(recorded.compare(candidate, hide, done, tell))
        finally:
            self._place.release()
        return document("candidate", candidate, done)

    def close(self) -> None:
        """Close all connections."""
        self._reading.close()

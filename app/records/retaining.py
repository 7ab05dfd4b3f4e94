"""Lets go of what is too old while the service runs, in a thread of its own, every hour."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import msgspec

from app.records.changes import Changes
from app.records.delivery import error_name
from app.records.retention import cutoff, retain, today
from telemetry import Log

_EVERY_S = 3600.0
_JOIN_S = 5.0


class Retaining:
    """The job. Every worker and replica may have one: whoever comes first does the work.

    Args:
        url: `records.url`.
        days: `records.retention_days`; None: all is kept, and there is nothing to do.
        log: for what was done.
    """

    def __init__(self, url: str, days: int | None, log: Log) -> None:
        self._url = url
        self._days = days
        self._log = log
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do it until the block ends; what is under way then has five seconds, and is a transaction."""
        if self._days is not None:
            self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            if self._thread.ident is not None:
                await asyncio.to_thread(self._thread.join, _JOIN_S)

    def look(self) -> None:
        """Let go of what is too old at this moment."""
        assert self._days is not None, "looked after only where days are given"
        try:
            with contextlib.closing(Changes(self._url, "service")) as changes:
                done = retain(changes, cutoff(self._days, today()))
        except Exception as error:  # noqa: BLE001 (nothing that a database does may end this thread)
            self._log.warning("records_not_retained", error=error_name(error))
            return
        if done.exchanges or done.feedback or done.inserted_logs:
            self._log.info("records_retained", **msgspec.structs.asdict(done))

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopping.wait(_EVERY_S):
                return

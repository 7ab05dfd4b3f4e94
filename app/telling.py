"""What is said of an exchange that has ended: in its trace, in metrics, in the log.

The content of a trace, where somebody asked for it, takes its time to be made fit to be seen. Nobody waits
for that: the trace is handed over when it is done, everything else at once. It is done one by one, in one
thread at a time, for the threads are also those that fetch credentials and metrics; and where exchanges end
faster than that goes, their traces go without, for what waits holds whole documents.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.domain.exchange import ExchangeRecord
from app.later import RunLater
from app.measuring import Measure, unmeasured
from app.tracing import failures, finish, log_fields
from telemetry import Log, Trace

MOST_WAITING = 128
"""Traces that wait for their content; a service that is told to stop waits for them."""


class Contents(Protocol):
    """Shows content on spans: `app/contents.py`."""

    def shows(self, record: ExchangeRecord) -> bool:
        """Return whether anything of an exchange is shown."""

    def show(self, trace: Trace, record: ExchangeRecord) -> None:
        """Put content on the spans of a trace that has not been handed over yet."""


class Telling:
    """Says of all exchanges what there is to say.

    Args:
        log: for a line of each.
        measure: counts them.
        contents: what of them is shown on spans; None: nothing.
        scrub: takes secrets and personal data out of the path, which a caller chose if it is passed on.
    """

    def __init__(
        self,
        log: Log,
        measure: Measure = unmeasured,
        contents: Contents | None = None,
        scrub: Callable[[str], str] = str,
    ) -> None:
        self._log = log
        self._scrub = scrub
        self._measure = measure
        self._contents = contents
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._goes_without = False
        """Whether a trace has gone without since all last had theirs."""

    def tell(
        self,
        trace: Trace,
        record: ExchangeRecord,
        run_later: RunLater,
    ) -> None:
        """Say of an exchange that has ended what there is to say of it."""
        finish(trace, record)
        contents = self._contents
        if contents is not None and trace.sampled and contents.shows(record) and self._has_room():
            self._waiting += 1
            run_later(self._show(contents, trace, record))
        else:
            trace.end(record.ended_ns)
        self._measure(record)
        for fields in failures(record):
            self._log.warning("guardrail_failed", **fields)
        self._log.info("exchange", **log_fields(record) | {"path": self._scrub(record.path)})

    async def _show(self, contents: Contents, trace: Trace, record: ExchangeRecord) -> None:
        try:
            async with self._turn:
                await asyncio.to_thread(contents.show, trace, record)
        except Exception:  # noqa: BLE001 (a document that nobody foresaw must not lose the trace)
            self._log.error("content_not_shown", exchange_id=record.id, exc_info=True)
        finally:
            self._waiting -= 1
            self._goes_without &= self._waiting > 0
            trace.end(record.ended_ns)

    def _has_room(self) -> bool:
        """Return whether one more may wait; say once that traces go without, until all have had theirs."""
        if self._waiting < MOST_WAITING:
            return True
        if not self._goes_without:
            self._goes_without = True
            self._log.warning("content_left_out", reason="exchanges end faster than it can be shown")
        return False

"""The record for those who read it over the network: bounded, and with errors that a caller can be told.

So that nobody who reads keeps the gateway from its work: few questions at a time, each within seconds, and
one export; whoever comes on top is told to come again. A question runs in a thread of its caller's, on a
connection that cannot write.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.domain.errors import InvalidRequest, NotOnRecord, Overloaded, RecordsBusy
from app.records.export import Tell, csv_lines, json_lines
from app.records.filters import BadQuestion, Filter
from app.records.following import Tail
from app.records.queries import Page, WholeExchange, page, places_of, whole
from app.records.questions import asked as asked_sql
from app.records.questions import questions
from app.records.reading import Reading, TookTooLong, UnreadableRecord

_QUESTIONS = 4
_TAILS = 4
_QUESTION_S = 10.0
_EXPORT_S = 3600.0
_PIECE_BYTES = 64 * 1024
_MOST = 20
"""Exchanges with one name that are returned."""

_MOST_ROWS = 10_000
"""Of the answer to a question that has a name."""
_ON_COMMAND_LINE = "Ask it by `handrail records sql`."

_Lines = Callable[[sa.Connection, Filter, Tell], Iterator[bytes]]
FORMATS: dict[str, _Lines] = {"jsonl": json_lines, "csv": csv_lines}


class Answered(NamedTuple):
    """What a question that has a name is answered."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


class RecordDesk:
    """Answers questions. Its methods block; they may be called in any thread.

    Args:
        url: `records.url`.
        questions: at once.
    """

    def __init__(self, url: str, questions: int = _QUESTIONS) -> None:
        self._reading = Reading(url, timeout_s=_QUESTION_S, connections=questions)
        self._exporting = Reading(url, timeout_s=_EXPORT_S, connections=1)
        self._following = Reading(url, timeout_s=_QUESTION_S)
        self._questions = threading.BoundedSemaphore(questions)
        self._tails = threading.BoundedSemaphore(_TAILS)
        self._exports = threading.BoundedSemaphore(1)

    def page(self, asked: Filter, limit: int, cursor: str | None, *, newest_first: bool) -> Page:
        """Return a page of exchanges.

        Raises:
            InvalidRequest: the question cannot be asked, or takes too long.
            RecordsBusy: too many ask.
            Overloaded: the record cannot be read.
        """
        with _one_of(self._questions), told(), self._reading.connect() as connection:
            return page(connection, asked, limit=limit, cursor=cursor, newest_first=newest_first)

    def named(self, name: str) -> list[WholeExchange]:
        """Return the exchanges of this id, trace id or beginning of either, whole, the first ones of many.

        Raises:
            NotOnRecord: there is none.
            HandrailError: as `page`.
        """
        with _one_of(self._questions), told(), self._reading.connect() as connection:
            places = places_of(connection, name, most=_MOST)
            found = [one for place in places if (one := whole(connection, place)) is not None]
        if not found:
            raise NotOnRecord("No exchange has this id or trace id.")
        return found

    def export(self, asked: Filter, form: str) -> Iterator[bytes]:
        """Yield an export in pieces. It is to be closed, by whoever reads it, also before its end.

        Raises:
            HandrailError: as `page`; after the first piece it can only be broken off.
        """
        end = time.monotonic() + _EXPORT_S
        with _one_of(self._exports), told(), self._exporting.connect() as connection:
            piece = bytearray()
            for line in FORMATS[form](connection, asked, _nobody):
                piece += line
                if len(piece) >= _PIECE_BYTES:
                    yield bytes(piece)
                    piece.clear()
                    if time.monotonic() > end:
                        raise TookTooLong(f"took longer than {_EXPORT_S:g} s, and was ended")
            yield bytes(piece)

    def answer(self, name: str) -> Answered:
        """Answer the question of this name.

        Raises:
            NotOnRecord: no question has it.
            HandrailError: as `page`; or it has more rows than are sent at once.
        """
        sql = next((one.sql for one in questions() if one.name == name), None)
        if sql is None:
            raise NotOnRecord("No question has this name.", code="question_not_found")
        with _one_of(self._questions), told(_ON_COMMAND_LINE), asked_sql(self._reading, sql) as answer:
            rows = [*islice(answer.rows, _MOST_ROWS + 1)]
        if len(rows) > _MOST_ROWS:
            raise InvalidRequest(f"The answer has more than {_MOST_ROWS:,} rows. {_ON_COMMAND_LINE}")
        return Answered(answer.columns, rows)

    @contextlib.contextmanager
    def tailing(self, asked: Filter, cursor: str | None) -> Iterator[Tail]:
        """Give what follows exchanges as they end, to few at a time.

        Args:
            asked: which; with `since`, those that ended from then on.
            cursor: of the last one that was seen; None: begin at this moment.

        Raises:
            HandrailError: as `page`.
        """
        with _one_of(self._tails):
            with told():
                tail = Tail(self._following, asked, cursor)
            yield tail

    def close(self) -> None:
        """Close all connections."""
        self._reading.close()
        self._following.close()
        self._exporting.close()


def _nobody(_done: int) -> None:
    """Tell nobody how far an export is."""


@contextlib.contextmanager
def _one_of(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise RecordsBusy("Others read the record at this moment. Try again.")
    try:
        yield
    finally:
        places.release()


@contextlib.contextmanager
def told(way_out: str = "Ask for less, by `since` and `until`.") -> Iterator[None]:
    """Turn what reading raises into what a caller is told. What the database says may name more than that."""
    try:
        yield
    except BadQuestion as error:
        raise InvalidRequest(f"This cannot be asked: {error}.", param=error.name) from None
    except TookTooLong as error:
        message = f"The answer {error}. {way_out}"
        raise InvalidRequest(message, code="took_too_long") from None
    except UnreadableRecord:
        message = "The record cannot be read at the moment. Try again."
        raise Overloaded(message, code="records_unavailable") from None

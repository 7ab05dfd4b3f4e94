"""What callers report: how good an answer was, and calls to models that did not pass through here.

Neither is part of an exchange: they come later, or are about something else, and are written at once, in a
thread of the loop's pool, since somebody waits for the word that they are kept. What is said of them stays on
record under the caller's name; only that caller changes it.
"""

import random
import re
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from app.domain.content import Content
from app.domain.errors import Overloaded
from app.domain.ids import uuid7
from app.records.engine import WRITES, open_engine
from app.records.rows import Capture
from app.records.scrubbing import scrubbed, scrubbed_text
from app.records.tables import feedback, inserted_logs
from app.records.values import fitted, json_text, moment

_MAX_METADATA = 16_384
_MAX_TRACE_ID = 256
_OURS = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A trace id of W3C's, and the id of an exchange."""


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody thought of an answer."""

    trace_id: str
    """Of the exchange: the caller's own, ours, or the exchange's id."""
    value: int
    weight: float = 1.0
    metadata: dict[str, Any] = {}


class FeedbackChange(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody thinks of it now; None: as before."""

    value: int | None = None
    weight: float | None = None
    metadata: dict[str, Any] | None = None


class InsertedLog(msgspec.Struct, frozen=True, kw_only=True):
    """A call that went elsewhere, as its caller tells it."""

    trace_id: str | None
    status_code: int | None
    metadata: dict[str, Any]
    body: dict[str, Any]
    """Its request and its response."""


class Reports:
    """Keeps them. Its methods block; they may be called in any thread.

    Args:
        url: of the records' database, which has been brought up to date.
        capture: how much of what is said is kept.
    """

    def __init__(self, url: str, capture: Capture) -> None:
        self._url = url
        self._engine: sa.Engine | None = None
        self._capture = capture
        self._random_bits = random.Random().getrandbits  # noqa: S311 (unique, not secret)

    def add_feedback(self, caller: str, given: Sequence[Feedback], content: Content = "full") -> list[str]:
        """Keep feedback, all of it or none, and return the ids.

        Args:
            caller: who gives it.
            given: it.
            content: at most so much of it is kept.

        Raises:
            Overloaded: the database cannot be written.
        """
        now, capture = moment(time.time_ns()), self._capture.at_most(content)
        rows: list[dict[str, Any]] = [
            {
                "id": uuid7(self._random_bits),
                "created_at": now,
                "updated_at": now,
                "caller": fitted(caller, 64),
                "trace_id": _trace_id(one.trace_id, capture),
                "value": one.value,
                "weight": one.weight,
                "metadata": _metadata(one.metadata, capture),
            }
            for one in given
        ]
        self._run(sa.insert(feedback), rows)
        return [row["id"] for row in rows]

    def change_feedback(
        self, caller: str, id_: str, change: FeedbackChange, content: Content = "full"
    ) -> bool:
        """Change feedback; return whether this caller gave any of that id.

        Raises:
            Overloaded: as `add_feedback`.
        """
        values: dict[str, Any] = {"updated_at": moment(time.time_ns())}
        if change.value is not None:
            values["value"] = change.value
        if change.weight is not None:
            values["weight"] = change.weight
        if change.metadata is not None:
            values["metadata"] = _metadata(change.metadata, self._capture.at_most(content))
        mine = (feedback.c.id == id_) & (feedback.c.caller == fitted(caller, 64))
        return self._run(sa.update(feedback).where(mine).values(values)) > 0

    def add_log(self, caller: str, log: InsertedLog, content: Content = "full") -> str:
        """Keep a call that went elsewhere, and return its id.

        Raises:
            Overloaded: as `add_feedback`.
        """
        capture = self._capture.at_most(content)
        kept = capture.content in {"full", "redacted"}
        row = {
            "id": uuid7(self._random_bits),
            "created_at": moment(time.time_ns()),
            "caller": fitted(caller, 64),
            "trace_id": None if log.trace_id is None else _trace_id(log.trace_id, capture),
            "status_code": log.status_code,
            "metadata": _metadata(log.metadata, capture),
            "content": capture.content,
            "body": json_text(_redacted(log.body, capture)) if kept else None,
        }
        self._run(sa.insert(inserted_logs), [row])
        return str(row["id"])

    def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            self._engine.dispose()

    def _run(self, statement: sa.Executable, rows: list[dict[str, Any]] | None = None) -> int:
        if self._engine is None:
            self._engine = open_engine(self._url)
        try:
            with self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
                return connection.execute(statement, rows).rowcount
        except (sa.exc.SQLAlchemyError, OSError):
            message = "The records' database cannot be written at the moment. Try again."
            raise Overloaded(message, code="records_unavailable") from None


def _metadata(metadata: dict[str, Any], capture: Capture) -> str:
    text = json_text(_redacted(metadata, capture))
    return text if len(text) <= _MAX_METADATA else "{}"


def _trace_id(trace_id: str, capture: Capture) -> str:
    """Return a trace id as it is kept. One of our own shape names an exchange, whatever its digits look like.

    A caller's own with something to hide names no exchange: it was not taken over (`app/api/identity.py`).
    """
    if capture.content == "full" or _OURS.fullmatch(trace_id):
        return fitted(trace_id, _MAX_TRACE_ID)
    return fitted(scrubbed_text(trace_id, capture.redact), _MAX_TRACE_ID)


def _redacted(value: Any, capture: Capture) -> Any:  # noqa: ANN401 (JSON)
    return value if capture.content == "full" else scrubbed(value, capture.redact)

"""`/v1/records`: the record over the network, for keys that say `admin: true` and no others.

Every route here is guarded by `AdminGuard`, and what is read, and by whom, is a log line. Routes that change
the record are in `record_changes.py`, behind the same guard.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.record_replies import json_reply
from app.domain.errors import InvalidRequest
from app.records.asked_times import asked_time
from app.records.desk import RecordDesk
from app.records.filters import BadQuestion, Filter
from app.records.subjects import subjects_of
from app.secret import Secret
from telemetry import Log

_TAGS = ["records"]
_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}
_PAGES = frozenset(("limit", "cursor", "order"))
_FILTERS = frozenset(field.name for field in msgspec.structs.fields(Filter))

_Values = list[str] | None
_Any = "May be given again: any of them."


def record_routes(desk: RecordDesk, keyring: Keyring, key: Secret | None, log: Log) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        desk: reads the record.
        keyring: says who asks.
        key: `fingerprint_key`, under which persons may stand on record.
        log: for who read what.
    """

    def filter_of(  # noqa: PLR0913 (each is a parameter of the query)
        since: Annotated[str | None, Parameter(description="2026-11-22T20:51:00Z, today, 90m, 7d")] = None,
        until: Annotated[str | None, Parameter(description="Before this moment.")] = None,
        caller: Annotated[_Values, Parameter(description=f"Name of the gateway key. {_Any}")] = None,
        outcome: Annotated[_Values, Parameter(description=f"ok, blocked_input, ..., begun. {_Any}")] = None,
        provider: Annotated[_Values, Parameter(description=_Any)] = None,
        model: Annotated[_Values, Parameter(description=_Any)] = None,
        guardrail: Annotated[_Values, Parameter(description=f"It gave a verdict. {_Any}")] = None,
        decision: Annotated[_Values, Parameter(description=f"Of it, or of any. {_Any}")] = None,
        subject: Annotated[_Values, Parameter(description=f"_user of the metadata. {_Any}")] = None,
        trace: Annotated[str | None, Parameter(description="Trace id, ours or the caller's own.")] = None,
        error: Annotated[str | None, Parameter(description="Stands in the error.")] = None,
    ) -> Filter:
        now = datetime.now(UTC)
        try:
            return Filter(
                since=None if since is None else asked_time(since, now, "since"),
                until=None if until is None else asked_time(until, now, "until"),
                caller=tuple(caller or ()),
                outcome=tuple(outcome or ()),
                provider=tuple(provider or ()),
                model=tuple(model or ()),
                guardrail=tuple(guardrail or ()),
                decision=tuple(decision or ()),
                subject=tuple(one for name in subject or () for one in subjects_of(name, key)),
                trace=trace,
                error=error,
            )
        except BadQuestion as bad:
            raise InvalidRequest(f"This cannot be asked: {bad}.", param=bad.name) from None

    asking = {"asked": Provide(filter_of, sync_to_thread=False)}
    guards = [AdminGuard(keyring)]

    def note(request: Request[Any, Any, Any], **what: object) -> None:
        log.info("records_read", caller=keyring.caller(request.scope["headers"]).name, **what)

    @get("/v1/records", summary="List exchanges", tags=_TAGS, guards=guards, dependencies=asking)
    async def list_records(
        request: Request[Any, Any, Any],
        asked: NamedDependency[Filter],
        limit: Annotated[int, Parameter(description="Exchanges on a page, 1 to 1000.")] = 100,
        cursor: Annotated[str | None, Parameter(description="`next_cursor` of the page before.")] = None,
        order: Annotated[Literal["newest", "oldest"], Parameter(description="Which come first.")] = "newest",
    ) -> Response[bytes]:
        """List exchanges page by page: rows, each with its verdicts other than pass and its feedback."""
        _require_known(request, _FILTERS | _PAGES)
        note(request, what="list")
        found = await asyncio.to_thread(desk.page, asked, limit, cursor, newest_first=order == "newest")
        return json_reply({"object": "list", "data": found.exchanges, "next_cursor": found.next_cursor})

    @get("/v1/records/export", summary="Export exchanges", tags=_TAGS, guards=guards, dependencies=asking)
    async def export_records(
        request: Request[Any, Any, Any],
        asked: NamedDependency[Filter],
        form: Annotated[
            Literal["jsonl", "csv"], QueryParameter(name="format", description="Of the file.")
        ] = "jsonl",
    ) -> Stream:
        """Stream exchanges whole: each row of each table as a line of JSON, or CSV, a row an exchange."""
        _require_known(request, _FILTERS | {"format"})
        note(request, what="export")
        export = _Export(desk.export(asked, form))
        first = await asyncio.to_thread(export.piece)  # whatever is wrong has its status
        headers = {
            "content-disposition": f'attachment; filename="records.{form}"',
            "cache-control": "no-store",
        }
        return Stream(export.all_from(first), media_type=_TYPES[form], headers=headers)

    @get("/v1/records/{name:str}", summary="Show an exchange", tags=_TAGS, guards=guards)
    async def show_record(
        request: Request[Any, Any, Any],
        name: Annotated[
            str, Parameter(description="An exchange's id, a trace id, or 4 or more first digits.")
        ],
    ) -> Response[bytes]:
        """Return exchanges whole: row, bodies as recorded, attempts, verdicts, findings, reports."""
        _require_known(request, frozenset())
        note(request, what="show", name=name[:64])
        found = await asyncio.to_thread(desk.named, name)
        return json_reply({"object": "list", "data": [msgspec.structs.asdict(one) for one in found]})

    return [list_records, export_records, show_record]


class _Export:
    """An export that is read in threads, one piece at a time, and closed although its reader has left."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._lock = threading.Lock()

    def piece(self) -> bytes | None:
        """Return the next piece, None behind the last."""
        with self._lock:
            return next(self._pieces, None)

    async def all_from(self, first: bytes | None) -> AsyncIterator[bytes]:
        """Yield the first piece and all others."""
        try:
            piece = first
            while piece is not None:
                yield piece
                piece = await asyncio.to_thread(self.piece)
        finally:
            # Not awaited: a reader who has left cancels whatever would be.
            asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        with self._lock:
            self._pieces.close()  # type: ignore[attr-defined]  # a generator


def _require_known(request: Request[Any, Any, Any], known: frozenset[str]) -> None:
    """Make sure that no filter is misspelt: it would let pass what it was to keep out."""
    for name in request.query_params:
        if name not in known:
            raise InvalidRequest(f"There is no parameter {name[:64]!r}; see /docs.", param=name[:64])

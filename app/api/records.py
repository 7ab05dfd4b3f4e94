"""`/v1/records`: the record over the network, for keys that say `admin: true` and no others.

Every route here is guarded by `AdminGuard`, and what is read, and by whom, is a log line. Routes that change
the record are in `record_changes.py`, behind the same guard.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.record_filters import FILTERS, asking_filters, require_known
from app.api.record_replies import json_reply
from app.records.desk import RecordDesk
from app.records.filters import Filter
from app.secret import Secret
from telemetry import Log

_TAGS = ["records"]
_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}
_PAGES = frozenset(("limit", "cursor", "order"))


def record_routes(desk: RecordDesk, keyring: Keyring, key: Secret | None, log: Log) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        desk: reads the record.
        keyring: says who asks.
        key: `fingerprint_key`, under which persons may stand on record.
        log: for who read what.
    """
    asking = asking_filters(key)
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
        require_known(request, FILTERS | _PAGES)
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
        require_known(request, FILTERS | {"format"})
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
        require_known(request, frozenset())
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

"""`/v1/records/erase`: the record changed over the network, for keys that say `admin: true` and no others."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.headers import require_json
from app.domain.errors import InvalidRequest
from app.records.change_desk import ChangeDesk
from app.wire.strict_json import decode_object
from telemetry import Log

_MAX_BYTES = 16 * 1024


class _Whose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str | None = None
    exchange: str | None = None
    dry_run: bool = False


def change_routes(
    desk: ChangeDesk, keyring: Keyring, log: Log, forget: Callable[[], Awaitable[None]]
) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        desk: changes the record.
        keyring: says who asks.
        log: for who changed what.
        forget: lets go of what this process keeps of exchanges, once something was erased.
    """

    @post(
        "/v1/records/erase",
        summary="Erase a person or an exchange",
        tags=["records"],
        guards=[AdminGuard(keyring)],
        status_code=200,
    )
    async def erase_records(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Erase bodies, words and reports of `subject` or `exchange`; with `dry_run` only count."""
        whose = await _read(request)
        caller = keyring.caller(request.scope["headers"]).name
        erased = await asyncio.to_thread(
            desk.erase, f"key {caller}", whose.subject, whose.exchange, dry_run=whose.dry_run
        )
        if not whose.dry_run:
            await forget()
        told = msgspec.structs.asdict(erased)
        log.info("records_erased", caller=caller, dry_run=whose.dry_run, **told)
        return {"object": "erasure", "dry_run": whose.dry_run, **told}

    return [erase_records]


async def _read(request: Request[Any, Any, Any]) -> _Whose:
    require_json(request.scope)
    body = await request.body()
    if len(body) > _MAX_BYTES:
        raise InvalidRequest(f"The body is larger than {_MAX_BYTES} bytes.")
    try:
        return msgspec.convert(decode_object(body, max_depth=4), _Whose)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"The body is not as expected: {error}") from None

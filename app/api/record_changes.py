"""The record changed over the network, for keys that say `admin: true` and no others.

Erased, let go of for its age, held and released: each leaves an event that names the key, and a log line.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.record_bodies import body_of
from app.api.record_replies import json_reply
from app.records.change_desk import ChangeDesk
from app.records.holds import Named
from telemetry import Log


class _Whose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str | None = None
    exchange: str | None = None
    dry_run: bool = False


class _Age(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: int | None = None
    dry_run: bool = False


class _Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
    exchange: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None


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
    about: dict[str, Any] = {"tags": ["records"], "guards": [AdminGuard(keyring)], "status_code": 200}

    def caller_of(request: Request[Any, Any, Any]) -> str:
        return keyring.caller(request.scope["headers"]).name

    @post("/v1/records/erase", summary="Erase a person or an exchange", **about)
    async def erase_records(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Erase bodies, words and reports of `subject` or `exchange`; with `dry_run` only count."""
        whose = await body_of(request, _Whose)
        caller = caller_of(request)
        erased = await asyncio.to_thread(
            desk.erase, f"key {caller}", whose.subject, whose.exchange, dry_run=whose.dry_run
        )
        if not whose.dry_run:
            await forget()
        told = msgspec.structs.asdict(erased)
        log.info("records_erased", caller=caller, dry_run=whose.dry_run, **told)
        return {"object": "erasure", "dry_run": whose.dry_run, **told}

    @post("/v1/records/retain", summary="Let go of what is too old", **about)
    async def retain_records(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Let go of what is older than `days` (records.retention_days); with `dry_run` only count."""
        age = await body_of(request, _Age)
        caller = caller_of(request)
        done = await asyncio.to_thread(desk.retain, f"key {caller}", age.days, dry_run=age.dry_run)
        told = msgspec.structs.asdict(done)
        log.info("records_retained", caller=caller, dry_run=age.dry_run, **told)
        return {"object": "retention", "dry_run": age.dry_run, **told}

    @get("/v1/records/holds", summary="List holds", **about)
    async def list_holds(request: Request[Any, Any, Any]) -> Response[bytes]:
        """List holds, also those that were released, the oldest first."""
        log.info("records_read", caller=caller_of(request), what="holds")
        return json_reply({"object": "list", "data": await asyncio.to_thread(desk.holds)})

    @post("/v1/records/holds", summary="Hold something", **about)
    async def hold_records(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """Keep an `exchange`, a `subject`, or what began `since` and `until` from erasure and age."""
        held = await body_of(request, _Held)
        caller = caller_of(request)
        named = Named(held.exchange, held.subject, held.since, held.until)
        ids = await asyncio.to_thread(desk.hold, f"key {caller}", named, held.reason)
        log.info("records_held", caller=caller, holds=ids)
        return {"object": "hold", "ids": ids}

    @delete("/v1/records/holds/{hold_id:str}", summary="Release a hold", **about)
    async def release_hold(
        request: Request[Any, Any, Any],
        hold_id: Annotated[str, Parameter(description="As it was given or is listed.")],
    ) -> dict[str, Any]:
        """Release a hold; what it was about may be erased again."""
        caller = caller_of(request)
        await asyncio.to_thread(desk.release, f"key {caller}", hold_id)
        log.info("records_released", caller=caller, hold=hold_id)
        return {"object": "hold", "id": hold_id, "released": True}

    return [erase_records, retain_records, list_holds, hold_records, release_hold]

"""`/v1/records/verify`: whether the record is what was written, over the network."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.connection import Drain
from app.api.record_bodies import body_of
from app.api.record_replies import json_reply
from app.api.wanted_work import while_wanted
from app.domain.errors import InvalidRequest
from app.records.asked_times import asked_time
from app.records.filters import BadQuestion
from app.records.signing_key import UnusableKey, public_key_in
from app.records.verify_desk import VerifyDesk
from telemetry import Log

_MAX_BYTES = 1024 * 1024
_LEFT = 499
"""nginx's word for a caller who left; nobody sees it."""


class _Checkpoint(msgspec.Struct, frozen=True):
    writer: str
    sequence: int
    hash: str
    previous_sequence: int
    signed_at: str
    key_id: str
    signature: str


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    public_keys: Annotated[list[str], msgspec.Meta(max_length=100)] = []
    since: str | None = None
    checkpoints: Annotated[list[_Checkpoint], msgspec.Meta(max_length=4000)] = []


def verification_route(desk: VerifyDesk, keyring: Keyring, drain: Drain, log: Log) -> HTTPRouteHandler:
    """Return the route.

    Args:
        desk: verifies the record.
        keyring: says who asks.
        drain: begun when the service is asked to stop, which ends the work.
        log: for who asked, and what came of it.
    """

    @post(
        "/v1/records/verify",
        summary="Verify the record",
        tags=["records"],
        guards=[AdminGuard(keyring)],
        status_code=200,
    )
    async def verify_records(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Prove that nothing was changed, deleted, inserted, reordered or cut off, and name what was.

        `public_keys` that signed (PEM or base64; without, those that the record states are believed), `since`
        when, and `checkpoints` as `record_checkpoint` lines of the log hold them; all may be left out.
        """
        asked = await body_of(request, _Asked, max_bytes=_MAX_BYTES)
        caller = keyring.caller(request.scope["headers"]).name
        log.info("records_read", caller=caller, what="verify")
        verify = partial(
            desk.verify,
            public_keys=tuple(_public_key(text, i) for i, text in enumerate(asked.public_keys)),
            since=_moment(asked.since),
            logged=tuple(map(msgspec.structs.asdict, asked.checkpoints)),
        )
        done = await while_wanted(request, drain, verify)
        if done is None:
            return Response(b"", status_code=_LEFT)
        log.info("records_verified", caller=caller, sound=done["sound"], flaws=done["flaws_total"])
        return json_reply({"object": "verification", **done})

    return verify_records


def _public_key(text: str, number: int) -> str:
    try:
        return public_key_in(text)
    except UnusableKey:
        message = "A public key is no Ed25519 key in PEM or base64."
        raise InvalidRequest(message, param=f"public_keys[{number}]") from None


def _moment(text: str | None) -> str | None:
    try:
        return None if text is None else asked_time(text, datetime.now(UTC), "since")
    except BadQuestion as error:
        raise InvalidRequest(f"This cannot be asked: {error}.", param=error.name) from None

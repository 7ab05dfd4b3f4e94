"""`/v1/records/replay`: what other guardrails would have done to what happened, over the network."""

from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.connection import Drain
from app.api.record_bodies import body_of
from app.api.record_filters import AskedFilter
from app.api.record_replies import json_reply
from app.api.wanted_work import while_wanted
from app.replaying.replay_desk import ReplayDesk
from app.replaying.sent_candidate import sent_candidate
from app.secret import Secret
from app.settings import Name
from telemetry import Log

_MAX_BYTES = 1024 * 1024
_MAX_DEPTH = 32
_LEFT = 499
"""nginx's word for a caller who left; nobody sees it."""


class _Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guardrails: tuple[str, ...] = ()


class _Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guardrails: dict[Name, dict[str, Any]] = {}
    keys: dict[Name, _Key] = {}


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    candidate: _Candidate
    filters: AskedFilter = AskedFilter()
    limit: Annotated[int, msgspec.Meta(ge=0)] = 0
    samples: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 3


def replay_route(
    desk: ReplayDesk, keyring: Keyring, key: Secret | None, drain: Drain, log: Log
) -> HTTPRouteHandler:
    """Return the route.

    Args:
        desk: replays.
        keyring: says who asks.
        key: `fingerprint_key`, under which persons may stand on record.
        drain: begun when the service is asked to stop, which ends the work.
        log: for who asked.
    """

    @post(
        "/v1/records/replay",
        summary="Try guardrails on what happened",
        tags=["records"],
        guards=[AdminGuard(keyring)],
        status_code=200,
    )
    async def replay_records(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Let the guardrails of a `candidate` hear recorded exchanges, and say what they would have done.

        The candidate has `guardrails` as a configuration has them, and `keys` with the `guardrails` each
        binds; which exchanges, say `filters` and `limit` (the newest; 0: all). No text of one is shown.
        """
        asked = await body_of(request, _Asked, max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH)
        caller = keyring.caller(request.scope["headers"]).name
        log.info("records_read", caller=caller, what="replay")
        bound = {name: one.guardrails for name, one in asked.candidate.keys.items()}
        replay = partial(
            desk.replay,
            candidate=sent_candidate(asked.candidate.guardrails, bound, "candidate"),
            asked=asked.filters.filter(key, "filters."),
            most=asked.limit or None,
            samples=asked.samples,
        )
        done = await while_wanted(request, drain, replay)
        return Response(b"", status_code=_LEFT) if done is None else json_reply({"object": "replay", **done})

    return replay_records

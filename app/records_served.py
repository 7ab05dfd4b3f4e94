"""The record over the network, made of the settings: all routes of `/v1/records`, and what answers them."""

from collections.abc import Awaitable, Callable

from litestar.handlers import HTTPRouteHandler

from app.access.keys import Keyring
from app.api.connection import Drain
from app.api.record_changes import change_routes
from app.api.record_questions import question_routes
from app.api.record_replay import replay_route
from app.api.record_tail import tail_route
from app.api.record_verification import verification_route
from app.api.records import record_routes
from app.recording import body_keys_of, change_desk_for, protection_for, record_redactor
from app.records.desk import RecordDesk
from app.records.verify_desk import VerifyDesk
from app.records.writer import Writer
from app.replaying.replay_desk import ReplayDesk
from app.settings import Settings
from telemetry import Log


class RecordsServed:
    """What serves the record. Connects to nothing before it is asked.

    Args:
        settings: of the record and its keys.
        writer: knows where this machine's journals are.
        keyring: says who asks.
        drain: begun when the service is asked to stop.
        forget: lets go of what this process keeps of exchanges, once something was erased.
        log: for who read or changed what.
    """

    def __init__(  # noqa: PLR0913 (what it is made of)
        self,
        settings: Settings,
        writer: Writer,
        keyring: Keyring,
        drain: Drain,
        forget: Callable[[], Awaitable[None]],
        log: Log,
    ) -> None:
        url, key = settings.records.url.reveal(), settings.fingerprint_key
        self._desk = RecordDesk(url)
        self._replaying = ReplayDesk(url, protection_for(settings), record_redactor)
        verifying = VerifyDesk(url, body_keys_of(settings))
        self.routes: tuple[HTTPRouteHandler, ...] = (
            *record_routes(self._desk, keyring, key, log),
            *question_routes(self._desk, keyring, log),
            tail_route(self._desk, keyring, key, drain, log),
            verification_route(verifying, keyring, drain, log),
            replay_route(self._replaying, keyring, key, drain, log),
            *change_routes(change_desk_for(settings, writer), keyring, log, forget),
        )

    def close(self) -> None:
        """Close all connections."""
        self._desk.close()
        self._replaying.close()

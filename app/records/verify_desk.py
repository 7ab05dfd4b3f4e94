"""Verifying for those who ask over the network: one at a time, in its caller's thread, and while wanted.

No further processes are started: they would take the cores from those who are answered.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from app.domain.errors import Overloaded, RecordsBusy
from app.records.engine import UnusableUrl
from app.records.verification import Asked, verify

_LONGEST_S = 3600.0


class VerifyDesk:
    """Verifies the record. Its method blocks; it may be called in any thread.

    Args:
        url: `records.url`.
        body_keys: decrypt bodies, by id.
    """

    def __init__(self, url: str, body_keys: Mapping[str, bytes]) -> None:
        self._asked = Asked(url, body_keys=dict(body_keys))
        self._place = threading.Lock()

    def verify(
        self,
        is_wanted: Callable[[], bool],
        *,
        public_keys: tuple[str, ...] = (),
        since: str | None = None,
        logged: tuple[dict[str, Any], ...] = (),
    ) -> dict[str, Any]:
        """Return what came of it, as `Verification.document` does.

        Args:
            is_wanted: asked now and then; if not, all is left as it is.
            public_keys: as `Asked` takes them, and all others.
            since: moment from which.
            logged: fields of `record_checkpoint` lines.

        Raises:
            RecordsBusy: somebody else verifies.
            Overloaded: the record cannot be read, or it took longer than an hour, or nobody wants to know.
        """
        if not self._place.acquire(blocking=False):
            raise RecordsBusy("Others verify the record at this moment. Try again.")
        end = time.monotonic() + _LONGEST_S

        def tell(_done: int) -> None:
            if not is_wanted() or time.monotonic() > end:
                raise Overloaded("Verifying was ended. Try again.", code="records_unavailable")

        asked = msgspec.structs.replace(self._asked, public_keys=public_keys, since=since, logged=logged)
        try:
            return verify(asked, tell, processes=1).document()
        except (sa.exc.SQLAlchemyError, UnusableUrl, OSError):
            message = "The record cannot be read at the moment. Try again."
            raise Overloaded(message, code="records_unavailable") from None
        finally:
            self._place.release()

"""The services of remote checks, before there are any.

Guardrails are built while the configuration is read, and what their remote checks ask by (the transport, the
providers) is built from what was read. So they get services that are connected later, by the composition
root. Until then, as for `handrail check`, whoever asks is told that nobody can be asked; that is an error,
and no check takes an error for an answer.
"""

import os
from collections.abc import Mapping
from typing import Any

from guardrails.remote.service import Complete, Reach, Reply, Request, Send, ServiceError, Services

_KEY_BYTES = 32


class LateServices:
    """Services to be connected. What is remembered of texts is remembered under a key of this process."""

    def __init__(self) -> None:
        self._send_by: Send | None = None
        self._complete_by: Complete | None = None
        self._reach_by: Reach | None = None
        self.services = Services(self._send, self._complete, os.urandom(_KEY_BYTES), self._reach)
        """What checks are built with."""

    def connect(self, send: Send, complete: Complete, reach: Reach) -> None:
        """Let everything that is asked from now on be asked by these."""
        self._send_by = send
        self._complete_by = complete
        self._reach_by = reach

    async def _send(self, request: Request) -> Reply:
        if self._send_by is None:
            raise ServiceError("nobody can be asked here")
        return await self._send_by(request)

    async def _complete(self, model: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._complete_by is None:
            raise ServiceError("nobody can be asked here")
        return await self._complete_by(model, body)

    async def _reach(self, url: str, *, resolve_only: bool) -> bool:
        if self._reach_by is None:
            raise ServiceError("nobody can be asked here")
        return await self._reach_by(url, resolve_only=resolve_only)

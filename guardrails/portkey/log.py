"""Portkey's `log`: a service of the operator's own is told of the exchange.

It gets, by POST, what `webhook` would get, of all texts together. Portkey sends it the headers of the request
as well, credentials included; here it gets none.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from guardrails.check import Reads, Remark, Subject
from guardrails.decoding import decode
from guardrails.portkey.texts import all_texts
from guardrails.portkey.webhook import headers_of
from guardrails.remote.endpoint import Endpoint, encoded
from guardrails.remote.laid_out import laid_out
from guardrails.remote.service import Services
from guardrails.remote.settings import ServiceSettings
from guardrails.verdict import Side

_EVENTS = {Side.INPUT: "beforeRequestHook", Side.OUTPUT: "afterRequestHook"}


class LogConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is told."""

    url: str = msgspec.field(name="logURL")
    headers: dict[str, str] | str = msgspec.field(default_factory=dict)
    """An object, or the JSON of one."""
    timeout: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 3_000
    """In milliseconds; the guardrail's own bounds it."""
    timeout_ms: int = 3_000
    """Filled in by configuration: the guardrail's."""


class Log:
    """Tells the service; finds nothing. That it could not be told is an error.

    Args:
        config: who is told.
        path: of the configuration, for errors.
        services: how.
    """

    kind = "default.log"
    reads: frozenset[Reads] = frozenset({"texts"})

    def __init__(self, config: LogConfig, path: str, services: Services) -> None:
        there = ServiceSettings(url=config.url, headers=headers_of(config.headers, f"{path}.headers"))
        self._timeout_s = config.timeout / 1_000
        self._endpoint = Endpoint(there, path, services.send)

    async def consider(self, subject: Subject) -> Sequence[Remark]:
        """Return nothing, once the service has been told.

        Raises:
            ServiceError: it could not be.
            TimeoutError: it took too long.
        """
        async with asyncio.timeout(self._timeout_s):
            await self._endpoint.tell(encoded(_context(subject)))
        return ()


def log(config: object, path: str, services: Services) -> Log:
    """Build `default.log`."""
    return Log(decode(LogConfig, config, path), path, services)


def _context(subject: Subject) -> dict[str, Any]:
    conversation = subject.conversation
    is_answer = subject.side is Side.OUTPUT
    said = "\n".join(text for _, text in all_texts(subject))
    return {
        "request": {"json": {"model": conversation.model, **laid_out(conversation.parts)}},
        "response": {"json": laid_out(subject.parts)} if is_answer else {},
        "text": said,
        "requestType": conversation.request_type,
        "metadata": conversation.metadata,
        "eventType": _EVENTS[subject.side],
    }

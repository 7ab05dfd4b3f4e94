"""The ports through which remote checks reach the world. The library itself opens no connection.

Whoever uses it brings `Services`: Handrail's are in `app/providers`, over its own transport and with its own
rules about which addresses may be reached.

    ServiceError
    ├── ServiceUnreachable    no connection, or it broke, or the reply never ended
    ├── ServiceRefused        a status other than 2xx
    ├── UnsoundAnswer         it answered, and that is no answer
    └── CircuitOpen           it was not asked: it has failed too often just now

Their names are what a verdict says (`Verdict.error`), so each is one word for what happened.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500


class Request(msgspec.Struct, frozen=True):
    """A request to another service."""

    url: str
    body: bytes
    headers: Mapping[str, str] = {}
    method: str = "POST"
    aws: tuple[str, str] | None = None
    """Name of the service and region, where AWS's signature is wanted (SigV4, by AWS's own chain of
    credentials)."""


class Reply(msgspec.Struct, frozen=True):
    """What it answered."""

    status: int
    body: bytes


class ServiceError(Exception):
    """A service could not be asked, or what it answered is no answer. The message quotes nothing it said."""

    is_outage = False
    """Whether it says that the service is away, whatever it was asked; what `guardrails/remote/breaker.py`
    counts. An error that a text can cause must not count: who writes it would switch the check off for all
    others."""


class ServiceUnreachable(ServiceError):
    """There is no connection, or it broke, or the reply is too large to be one."""

    is_outage = True


class ServiceRefused(ServiceError):
    """It answered with a status that is no success.

    Args:
        status: of HTTP. 429 and 5xx say that the service is in trouble, the others that the question is.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"answered with status {status}")
        self.status = status
        self.is_outage = status == _TOO_MANY_REQUESTS or status >= _SERVER_ERRORS


class UnsoundAnswer(ServiceError):
    """It answered something else than what was asked for."""


class CircuitOpen(ServiceError):
    """It was not asked, since it has failed too often just now."""


class Send(Protocol):
    """Sends a request to another service."""

    async def __call__(self, request: Request) -> Reply:
        """Return the reply, whatever its status; redirects are not followed.

        Raises:
            ServiceError: it cannot be reached, the connection broke, or its reply is too large.
        """


class Complete(Protocol):
    """Asks a model, by the host's own providers and past all guardrails."""

    async def __call__(self, model: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a chat completion in OpenAI's shape.

        Args:
            model: as callers name it: `@openai/gpt-4.1-mini`.
            body: a chat completion request in OpenAI's shape, without `model` and `stream`.

        Raises:
            ServiceError: the model is not known, or did not answer.
        """


class Reach(Protocol):
    """Tries an address that somebody else wrote: only public ones may be, and nothing of them is read."""

    async def __call__(self, url: str, *, resolve_only: bool) -> bool:
        """Return whether somebody is there: a HEAD is answered with success, or the name has an address."""


class Services(msgspec.Struct, frozen=True):
    """What remote checks need of whoever uses the library."""

    send: Send
    complete: Complete
    key: bytes
    """Secret; what is remembered of texts that were judged is remembered by hashes under it."""
    reach: Reach | None = None
    """None: checks that want to know whether somebody is at an address cannot be had."""

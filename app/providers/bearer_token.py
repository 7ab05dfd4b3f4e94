"""Access tokens that must be fetched and expire: one fetch for all who wait, and no request the wiser.

    BearerToken(fetch)        an `Authorization` that keeps the token
    token_document(...)       asks a token endpoint
    token_of(document, ...)   reads what OAuth's endpoints answer

Who is asked and with what is the affair of `fetch`: the files of each cloud's identities. Nothing is fetched
before the first request, and nothing in the background: there is no task to own.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec

from app.domain.errors import UpstreamError, UpstreamTimeout, UpstreamUnauthorized
from app.providers.upstream import ask
from app.wire.openai.body import decode_json

_REFRESH_BEFORE_S = 60.0
"""How long before its end a token is replaced: longer than clocks differ and a request is on its way."""
_REFRESH_WITHIN_S = 5.0
"""How long a request waits for a new token while the old one is good."""
_RETRY_AFTER_S = 5.0
"""How long after a failed refresh the next is tried, while the old token is good."""
_ASSUMED_LIFE_S = 300.0
"""Of a token whose endpoint does not say (RFC 6749, 5.1 leaves it open): no identity's lives shorter."""
_MAX_BYTES = 256 * 1024
_VALUE = re.compile(r"[\x21-\x7e]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}")
"""Error codes of RFC 6749, 5.2 and those of the clouds' own; longer texts may quote what they were sent."""


class Token(msgspec.Struct, frozen=True):
    """A token as it was given."""

    value: str
    expires_at_s: float
    """On the clock of the `BearerToken`."""
    headers: Mapping[str, str] = {}
    """That go with it, beside `authorization`."""

    def __repr__(self) -> str:
        return f"Token(expires_at_s={self.expires_at_s})"


class BearerToken:
    """A token that is fetched when it is first needed, and again a minute before it expires.

    While one request fetches, the others wait, or go with the old token as long as it is good. If a refresh
    fails, the old token is used to its end. If the first fetch fails, those who waited for it share the
    error, so that an endpoint that is down is asked once, not once a request.

    Args:
        fetch: gets a token before a deadline on the loop's clock; raises `UpstreamError`.
        keys: what `fetch` knows itself by, which must never be shown.
        clock: in seconds; what `Token.expires_at_s` is measured by.
    """

    def __init__(
        self,
        fetch: Callable[[float], Awaitable[Token]],
        *,
        keys: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetch = fetch
        self._keys = keys
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._headers: dict[str, str] = {}
        self._former: str | None = None
        self._refresh_at_s = 0.0
        self._failures = 0
        self._failure: UpstreamError | None = None

    async def headers(self, request: httpx.Request, deadline_s: float) -> Mapping[str, str]:  # noqa: ARG002 (as the port says)
        """Return the `authorization` header, and what goes with the token.

        Raises:
            UpstreamUnauthorized: no token can be had.
            UpstreamTimeout: it did not come in time.
        """
        if self._token is not None:
            now_s = self._clock()
            if now_s < self._refresh_at_s:
                return self._headers
            if now_s < self._token.expires_at_s:
                return await self._refreshed(deadline_s)
        await self._first(deadline_s)
        return self._headers

    def secrets(self) -> tuple[str, ...]:
        """Return the keys, the token, and the one before it, which an answer on its way may still quote."""
        values = (self._former, self._token.value if self._token is not None else None)
        return (*self._keys, *(value for value in values if value is not None))

    async def _refreshed(self, deadline_s: float) -> Mapping[str, str]:
        """Try for a new token while the old one is good."""
        if self._lock.locked():
            return self._headers
        async with self._lock:
            soon_s = asyncio.get_running_loop().time() + _REFRESH_WITHIN_S
            try:
                await self._renew(min(deadline_s, soon_s))
            except UpstreamError:
                self._refresh_at_s = self._clock() + _RETRY_AFTER_S
        return self._headers

    async def _first(self, deadline_s: float) -> None:
        """Wait for a token, whoever fetches it."""
        failures = self._failures
        try:
            async with asyncio.timeout_at(deadline_s):
                await self._lock.acquire()
        except TimeoutError as error:
            raise UpstreamTimeout("An access token for the provider did not come in time.") from error
        try:
            if self._token is not None and self._clock() < self._token.expires_at_s:
                return
            if self._failures != failures and self._failure is not None:
                raise UpstreamUnauthorized(self._failure.message) from self._failure
            await self._renew(deadline_s)
        except UpstreamTimeout:
            raise  # whoever has more time may try himself
        except UpstreamError as error:
            self._failures += 1
            self._failure = error
            raise
        finally:
            self._lock.release()

    async def _renew(self, deadline_s: float) -> None:
        token = await self._fetch(deadline_s)
        if not _VALUE.fullmatch(token.value):
            raise UpstreamUnauthorized("An access token for the provider holds what no header can.")
        self._former = self._token.value if self._token is not None else None
        self._token = token
        self._headers = {**token.headers, "authorization": f"Bearer {token.value}"}
        self._refresh_at_s = token.expires_at_s - _REFRESH_BEFORE_S


async def token_document(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, *, slug: str, deadline_s: float
) -> dict[str, Any]:
    """Ask a token endpoint and return the object it answers.

    Args:
        transport: to send it over.
        request: complete: `httpx.Request("POST", url, data={...})` is one with a form.
        slug: of the provider the token is for, for messages.
        deadline_s: on the loop's clock.

    Raises:
        UpstreamUnauthorized: there is no token for us; the message says why, as far as that is no secret.
        UpstreamTimeout: no answer in time.
    """
    request.headers.setdefault("accept", "application/json")
    request.headers.setdefault("accept-encoding", "identity")
    request.headers.setdefault("user-agent", "handrail")
    host = request.url.host
    try:
        answer = await ask(transport, request, slug=slug, deadline_s=deadline_s)
        try:
            content = await answer.read(deadline_s, _MAX_BYTES)
        finally:
            await answer.close()
    except UpstreamTimeout as error:
        raise UpstreamTimeout(f"No access token for @{slug}: {host} did not answer in time.") from error
    except UpstreamError as error:
        raise no_token(slug, f"{host} could not be reached, or did not answer to the end.") from error
    try:
        document = decode_json(content)
    except UpstreamError:
        document = None
    if not 200 <= answer.status <= 299:  # noqa: PLR2004 (HTTP)
        raise no_token(slug, f"{host} answered with status {answer.status}{_reason(document)}.")
    if not isinstance(document, dict):
        raise no_token(slug, f"{host} answered with something that is no JSON object.")
    return document


def token_of(document: dict[str, Any], *, now_s: float, slug: str) -> Token:
    """Read the answer of an OAuth token endpoint (RFC 6749, 5.1), or of a metadata service of the same shape.

    Args:
        document: with `access_token`, and `expires_in` (seconds) or `expires_on` (of the Unix epoch), as
            number or text.
        now_s: since the epoch.
        slug: of the provider the token is for, for messages.

    Raises:
        UpstreamUnauthorized: there is no token in it.
    """
    value = document.get("access_token")
    if not isinstance(value, str) or not value:
        raise no_token(slug, "the endpoint's answer holds none.")
    lives_s = _seconds(document.get("expires_in"))
    ends_s = _seconds(document.get("expires_on"))
    if lives_s is not None:
        return Token(value, now_s + lives_s)
    return Token(value, ends_s if ends_s is not None else now_s + _ASSUMED_LIFE_S)


def no_token(slug: str, reason: str) -> UpstreamUnauthorized:
    """Return the error for a token that cannot be had; `reason` is a clause and ends the sentence."""
    return UpstreamUnauthorized(f"No access token for @{slug}: {reason}")


def _reason(document: object) -> str:
    """Return the endpoint's word for what is wrong, and Entra's numbers for it, in brackets."""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    word = error.get("status") if isinstance(error, dict) else error
    words = [word] if isinstance(word, str) and _WORD.fullmatch(word) else []
    numbers = document.get("error_codes")
    if isinstance(numbers, list):
        words += [f"AADSTS{number}" for number in numbers[:3] if isinstance(number, int)]
    return f" ({', '.join(words)})" if words else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 2**40 else None

"""Who we are to AWS: a signature over every request, with credentials found and renewed off the loop.

    AwsSignature(region)                    AWS's own chain
    AwsSignature(region, profile="x")       the same for one profile, which may name a role to assume
    AwsSignature(region, access_key_id=..., secret_access_key=..., session_token=...)
    bedrock_key(key)                        an API key of Bedrock's, without a signature

Finding credentials means files, processes and HTTP, all of it blocking. It runs in a thread, once for all who
wait; whoever waits no longer gives up alone. Credentials are renewed a quarter of an hour before their end,
while requests go on with the old ones.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import httpx

from app.domain.errors import UpstreamError, UpstreamTimeout
from app.providers.authorization import HeaderKey

if TYPE_CHECKING:
    from app.providers.aws_chain import AwsChain

_AGAIN_AFTER_S = 5.0
"""How long what a search found stands, so that a machine without credentials does not search all the time."""
_SIGNED = ("host", "content-type")
"""What proxies leave alone; AWS wants the host, and signs what it is sent of the rest."""


def bedrock_key(key: str) -> HeaderKey:
    """Return the authorization by an API key of Bedrock's."""
    return HeaderKey(key)


class AwsSignature:
    """Signature Version 4 for Bedrock; an `Authorization`.

    Args:
        region: of the host that is asked.
        access_key_id: with `secret_access_key`, the credentials; None: AWS's own chain finds them.
        secret_access_key: see there.
        session_token: of credentials that expire.
        profile: of AWS's shared files; None: as the environment says.

    Raises:
        ValueError: there is only half of the keys.
    """

    def __init__(
        self,
        region: str,
        *,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
        profile: str | None = None,
    ) -> None:
        if (access_key_id is None) != (secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key of AWS are only of use together")
        self._region = region
        self._given = {
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "session_token": session_token,
            "profile": profile,
        }
        self._chain: AwsChain | None = None
        self._flight: asyncio.Future[AwsChain] | None = None
        self._again_at_s = 0.0

    async def headers(self, request: httpx.Request, deadline_s: float) -> Mapping[str, str]:
        """Return the signature over this request, which must be sent exactly so.

        Raises:
            UpstreamUnauthorized: there are no credentials; the message names where they were looked for.
            UpstreamTimeout: they did not come in time.
        """
        chain = self._chain
        due = "now" if chain is None else chain.due()
        if due == "soon":
            self._fly()
        elif due == "now":
            chain = await self._landed(deadline_s)
        assert chain is not None
        signed = {name: request.headers[name] for name in _SIGNED if name in request.headers}
        return chain.headers(request.method, str(request.url), signed, request.content, self._region)

    def secrets(self) -> tuple[str, ...]:
        """Return the keys that were given, and what the chain found."""
        given = (self._given["secret_access_key"], self._given["session_token"])
        found = self._chain.secrets() if self._chain is not None else ()
        return tuple(dict.fromkeys((*(value for value in given if value), *found)))

    async def _landed(self, deadline_s: float) -> "AwsChain":
        """Wait for credentials, whoever asked for them first."""
        try:
            async with asyncio.timeout_at(deadline_s):
                return await asyncio.shield(self._fly())
        except TimeoutError as error:
            raise UpstreamTimeout("AWS credentials did not come in time.") from error
        except UpstreamError as error:
            raise type(error)(error.message) from error  # of many waiters, each gets its own

    def _fly(self) -> "asyncio.Future[AwsChain]":
        """Return the search that is under way or has just ended, or begin one."""
        loop = asyncio.get_running_loop()
        if self._flight is None or (self._flight.done() and loop.time() >= self._again_at_s):
            self._flight = loop.run_in_executor(None, self._resolved)
            self._flight.add_done_callback(self._note)
        return self._flight

    def _note(self, flight: "asyncio.Future[AwsChain]") -> None:
        if not flight.cancelled():
            flight.exception()  # it may be that nobody waits for it any more
        self._again_at_s = flight.get_loop().time() + _AGAIN_AFTER_S

    def _resolved(self) -> "AwsChain":
        """Return the chain with credentials that can be used; in a thread."""
        from app.providers.aws_chain import AwsChain  # noqa: PLC0415 (0.3 s and 8 MB that only AWS needs)

        if self._chain is None:
            self._chain = AwsChain(**self._given)
        self._chain.resolve()
        return self._chain

"""The services that guardrails ask, over a transport like that of the providers: what sends their questions.

Addresses are the operator's, so they may be private: a guard model often runs next door. Nothing a caller
sends is part of one. Names are not ours, though: whatever one resolves to, no connection is made to where a
cloud tells a machine's credentials (`is_no_metadata`, which the transport asks as it connects). Redirects are
not followed, answers are bounded, and what goes wrong is told by one word (`guardrails/remote/service.py`),
for the words of a service may quote what it was asked.
"""

import asyncio
from collections.abc import Callable

import httpx

from app.domain.errors import UpstreamError
from app.providers.authorization import Authorization
from app.providers.aws_auth import AwsSignature
from app.providers.upstream import UpstreamAnswer, ask
from guardrails.remote.service import Reply, Request, ServiceUnreachable

_CONNECT_TIMEOUT_S = 5.0
_TOTAL_TIMEOUT_S = 600.0
"""Whoever asks is less patient; this ends what nobody would."""
_MAX_REPLY_BYTES = 4 * 1024 * 1024
"""An answer is some numbers, or findings in one text."""
_OURS = {"user-agent": "handrail", "accept-encoding": "identity"}
_AWS_SERVICE = "bedrock"
_NOBODY = "-"


class ServiceSender:
    """Sends requests to services; a `guardrails.remote.service.Send`.

    Args:
        transport: shared with others, not closed here.
        aws: makes the signature of a region.
        max_reply_bytes: what a reply may have.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        aws: Callable[[str], Authorization] = AwsSignature,
        max_reply_bytes: int = _MAX_REPLY_BYTES,
    ) -> None:
        self._transport = transport
        self._aws = aws
        self._max_reply_bytes = max_reply_bytes
        self._signatures: dict[str, Authorization] = {}

    async def __call__(self, request: Request) -> Reply:
        """Return the reply; see `guardrails.remote.service.Send`."""
        deadline_s = asyncio.get_running_loop().time() + _TOTAL_TIMEOUT_S
        sent = httpx.Request(
            request.method,
            request.url,
            headers={**_OURS, **request.headers},
            content=request.body,
            extensions={"timeout": {"connect": _CONNECT_TIMEOUT_S}},
        )
        try:
            if request.aws is not None:
                sent.headers.update(await self._signature(*request.aws).headers(sent, deadline_s))
            answer = await ask(self._transport, sent, slug=_NOBODY, deadline_s=deadline_s)
            return await self._reply(answer, deadline_s)
        except UpstreamError as error:
            raise ServiceUnreachable(type(error).__name__) from None

    async def _reply(self, answer: UpstreamAnswer, deadline_s: float) -> Reply:
        try:
            if answer.header("content-encoding") not in {"", "identity"}:
                raise ServiceUnreachable("it compressed its answer, though asked not to")
            return Reply(answer.status, await answer.read(deadline_s, self._max_reply_bytes))
        finally:
            await answer.close()

    def _signature(self, service: str, region: str) -> Authorization:
        """Return who we are to AWS; its regions are those of the configuration."""
        if service != _AWS_SERVICE:
            raise ServiceUnreachable("no signature is known for that service of AWS")
        if region not in self._signatures:
            self._signatures[region] = self._aws(region)
        return self._signatures[region]

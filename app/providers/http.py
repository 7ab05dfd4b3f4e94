"""The adapter for every upstream: one call over HTTP, whatever its format.

What is said, and how the answer reads, is the affair of a `Format` (`app/wire/format.py`); who asks, of an
`Authorization`. Here is what they have in common: patience, bounds, what comes back if it is no answer, and
that no credential is in what a provider says. An answer is read by what it is, a stream or a document,
whatever was asked for; of a caller's headers only those are sent on that it named for that.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Protocol

import httpx
import msgspec

from app.domain.abilities import Abilities
from app.domain.errors import (
    HandrailError,
    InvalidRequest,
    UpstreamBroken,
    UpstreamError,
    UpstreamRefused,
    UpstreamUnauthorized,
)
from app.domain.events import ProviderEvent
from app.domain.exchange import Attempt
from app.domain.limit_headers import limit_headers
from app.domain.model_request import ModelRequest
from app.domain.operation import Operation
from app.domain.proxying import Passed, PassedHead
from app.providers.authorization import Authorization
from app.providers.credentials import is_sendable, scrub
from app.providers.endpoint import Endpoint
from app.providers.upstream import UpstreamAnswer, ask, too_long
from app.wire.format import AnswerHead, Asked, Format, Question, Unsupported
from app.wire.joining import joined
from app.wire.openai.body import decode_json

_REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id")
"""Where vendors put the id of a request: OpenAI and most, Anthropic, AWS, Azure."""
_MAX_ERROR_BYTES = 64 * 1024
_MAX_LIST_BYTES = 8 * 1024 * 1024
_LIST_TIMEOUT_S = 10.0
_DRAIN_S = 0.02
"""How long to wait for the end of a stream behind its last word, so that the connection can be used again."""
_MAX_URLS = 1000
"""Kept by path; paths hold models' names, which callers choose."""
_NO_MEDIA_TYPES = frozenset({"text/html", "text/plain", "application/xml", "text/xml"})
"""What a proxy or a login page in between answers with 200, and no format has."""


class Media(Protocol):
    """Brings what a request refers to by URL into the request."""

    async def inlined(self, document: dict[str, Any], *, deadline_s: float) -> dict[str, Any]:
        """Return the document with `data:` URLs in place of others; the same one if there are none.

        Raises:
            CallerError: something cannot be fetched, or must not be.
        """


class HttpProvider:
    """One upstream; an `app.domain.ports.Provider`.

    Args:
        endpoint: where it is.
        wire: what it speaks.
        authorization: who we are to it.
        abilities: of its models, by name.
        unsupported: what becomes of parameters it does not know.
        media: fetches images for a provider that takes none by URL; None: it takes URLs.
        transport: shared with others, not closed here.
    """

    def __init__(  # noqa: PLR0913 (what a call to an upstream needs)
        self,
        endpoint: Endpoint,
        wire: Format,
        authorization: Authorization,
        abilities: Callable[[str], Abilities],
        unsupported: Unsupported,
        media: Media | None,
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        self.slug = endpoint.slug
        self.kind = endpoint.kind
        self.telemetry_name = endpoint.telemetry_name
        self.server_address = endpoint.base.host
        self.server_port = endpoint.port
        self.account = endpoint.account
        self._endpoint = endpoint
        self._wire = wire
        self._authorization = authorization
        self.abilities = abilities
        self._unsupported: Unsupported = unsupported
        self._media = media
        self._transport = transport
        self._extensions = {"timeout": {"connect": endpoint.connect_timeout_s}}
        self._urls: dict[str, httpx.URL] = {}

    async def ask(self, request: ModelRequest, model: str, attempt: Attempt) -> AsyncGenerator[ProviderEvent]:
        """Ask for what a request wants; see `app.domain.ports.Provider.ask`."""
        clock = asyncio.get_running_loop().time
        patience_s = min(self._endpoint.first_byte_timeout_s, request.timeout_s or math.inf)
        question = await self._question(request, model, clock() + patience_s)
        first = self._wire.ask(question)
        attempt.dropped_params = first.dropped
        for one in (first, *first.then):
            asked = _with_headers(one, request.headers)
            async with aclosing(self._answer(asked, attempt, clock() + patience_s)) as events:
                async for event in events:
                    yield event

    async def _answer(
        self, asked: Asked, attempt: Attempt, deadline_s: float
    ) -> AsyncGenerator[ProviderEvent]:
        clock = asyncio.get_running_loop().time
        idle_s = self._endpoint.idle_timeout_s
        left = self._endpoint.max_answer_bytes
        headers = self._traced(asked.headers, attempt)
        answer = await self._send("POST", asked.path, asked.content, headers, deadline_s)
        try:
            attempt.status_code = answer.status
            attempt.limit_headers = limit_headers(answer.raw_headers)
            await self._check(answer, clock() + idle_s)
            body = asked.read(self._head(answer))
            while not body.done and (piece := await answer.next(deadline_s)):
                left -= len(piece)
                if left < 0:
                    raise too_long(self.slug, self._endpoint.max_answer_bytes)
                for event in joined(body.feed(piece)):
                    yield event
                deadline_s = clock() + idle_s
            for event in joined(body.close()):
                yield event
            if body.done:
                await self._drain(answer, clock() + _DRAIN_S)
        except UpstreamRefused as error:
            raise self._scrubbed(error) from None
        finally:
            await answer.close()

    async def pass_on(self, passed: Passed, attempt: Attempt) -> AsyncGenerator[PassedHead | bytes]:
        """Pass a request on as it is; see `app.domain.ports.Provider.pass_on`."""
        clock = asyncio.get_running_loop().time
        deadline_s, left = clock() + self._endpoint.first_byte_timeout_s, self._endpoint.max_answer_bytes
        body = passed.body or None
        headers = self._traced(passed.headers, attempt)
        answer = await self._send(passed.method, passed.path, body, headers, deadline_s)
        try:
            attempt.status_code = answer.status
            await self._check_head(answer, clock() + self._endpoint.idle_timeout_s)
            yield PassedHead(answer.status, tuple(answer.headers.items()))
            while piece := await answer.next(clock() + self._endpoint.idle_timeout_s):
                left -= len(piece)
                if left < 0:
                    raise too_long(self.slug, self._endpoint.max_answer_bytes)
                yield piece
        except UpstreamRefused as error:
            raise self._scrubbed(error) from None
        finally:
            await answer.close()

    async def list_models(self) -> tuple[dict[str, Any], ...]:
        """Return what the upstream lists: objects with at least a text `id`; none if it has no list.

        Raises:
            UpstreamError: it does not, or not in time.
        """
        path = self._wire.models_path
        if path is None:
            return ()
        deadline_s = asyncio.get_running_loop().time() + _LIST_TIMEOUT_S
        answer = await self._send("GET", path, None, {}, deadline_s)
        try:
            await self._check(answer, deadline_s)
            return self._wire.models(decode_json(await answer.read(deadline_s, _MAX_LIST_BYTES)))
        except UpstreamRefused as error:
            raise self._scrubbed(error) from None
        finally:
            await answer.close()

    async def _question(self, request: ModelRequest, model: str, deadline_s: float) -> Question:
        document = request.document
        if self._media is not None and request.operation is Operation.CHAT:
            document = await self._media.inlined(document, deadline_s=deadline_s)
        return Question(
            document=document,
            model=model,
            stream=request.stream,
            strict=request.strict,
            operation=request.operation,
            abilities=self.abilities(model),
            unsupported=self._unsupported,
        )

    async def _send(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str], deadline_s: float
    ) -> UpstreamAnswer:
        request = httpx.Request(
            method,
            self._url(path),
            headers=self._endpoint.headers,
            content=content,
            extensions=self._extensions,
        )
        self._add(request, headers, InvalidRequest)
        who = await self._authorization.headers(request, deadline_s)
        self._add(request, who, UpstreamUnauthorized)
        return await ask(self._transport, request, slug=self.slug, deadline_s=deadline_s)

    def _traced(self, headers: Mapping[str, str], attempt: Attempt) -> Mapping[str, str]:
        told = self._endpoint.propagate_trace and attempt.traceparent
        return {**headers, "traceparent": told} if told else headers

    def _url(self, path: str) -> httpx.URL:
        url = self._urls.get(path)
        if url is None:
            if len(self._urls) >= _MAX_URLS:
                self._urls.clear()
            url = self._urls[path] = self._endpoint.url(path)
        return url

    def _add(self, request: httpx.Request, headers: Mapping[str, str], fault: type[HandrailError]) -> None:
        for name, value in headers.items():
            if not is_sendable(name, value):
                raise fault(f"The header {name!r} for the provider @{self.slug} cannot be sent over HTTP.")
            if name.lower() not in self._endpoint.configured:
                request.headers[name] = value

    async def _check(self, answer: UpstreamAnswer, deadline_s: float) -> None:
        """Raise an `UpstreamError` unless the head is that of an answer we can read."""
        await self._check_head(answer, deadline_s)
        if answer.content_type in _NO_MEDIA_TYPES:
            raise UpstreamBroken(
                f"The provider @{self.slug} answered with {answer.content_type}, which is no completion; "
                "check its base_url."
            )

    async def _check_head(self, answer: UpstreamAnswer, deadline_s: float) -> None:
        """Raise an `UpstreamError` unless the head is that of an answer, whatever it holds."""
        if 400 <= answer.status <= 599:  # noqa: PLR2004 (HTTP)
            raise await self._refusal(answer, deadline_s)
        if not 200 <= answer.status <= 299:  # noqa: PLR2004
            raise UpstreamBroken(
                f"The provider @{self.slug} answered with status {answer.status}, which is not followed; "
                "check its base_url."
            )
        if answer.header("content-encoding") not in {"", "identity"}:
            raise UpstreamBroken(f"The provider @{self.slug} compressed its answer, though asked not to.")

    def _head(self, answer: UpstreamAnswer) -> AnswerHead:
        ids = (answer.header(name) for name in _REQUEST_IDS)
        return AnswerHead(
            media_type=answer.content_type,
            request_id=next((one for one in ids if one), None),
            max_bytes=self._endpoint.max_answer_bytes,
            headers=answer.headers,
        )

    async def _refusal(self, answer: UpstreamAnswer, deadline_s: float) -> UpstreamRefused:
        """Read the body of an error; one that cannot be read says nothing beyond its status."""
        document: Any = None
        try:
            content = await answer.read(deadline_s, _MAX_ERROR_BYTES)
            document = (
                content.decode("utf-8", "replace")
                if answer.content_type == "text/plain"
                else decode_json(content)
            )
        except UpstreamError:
            pass
        error = self._wire.refusal(document, answer.status, answer.headers)
        if answer.status == 404 and not isinstance(document, dict):  # noqa: PLR2004 (HTTP)
            # No API says it like that: it is a web server, or a path that the API does not have.
            error.message = f"The provider @{self.slug} has nothing at {answer.path}; check its base_url."
        return error

    async def _drain(self, answer: UpstreamAnswer, deadline_s: float) -> None:
        try:
            await answer.read(deadline_s, _MAX_ERROR_BYTES)
        except UpstreamError:
            return  # the answer is complete; the connection is closed instead of kept

    def _scrubbed(self, error: UpstreamRefused) -> UpstreamRefused:
        error.provider = self.slug
        secrets = (*self._endpoint.secrets, *self._authorization.secrets())
        error.message = scrub(error.message, secrets)
        error.upstream_type = scrub(error.upstream_type, secrets)
        error.param = scrub(error.param, secrets) if error.param is not None else None
        error.code = scrub(error.code, secrets) if error.code is not None else None
        return error


def _with_headers(asked: Asked, headers: tuple[tuple[str, str], ...]) -> Asked:
    """Return what is to be sent with a caller's headers behind the format's own."""
    return msgspec.structs.replace(asked, headers={**dict(headers), **asked.headers}) if headers else asked

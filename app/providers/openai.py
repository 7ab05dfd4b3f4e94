"""The adapter for every upstream that speaks OpenAI's Chat Completions API.

The caller's document goes on as it is, under the provider's model; the caller's headers never do. What comes
back is read by what it is, a stream or a document, whatever was asked for.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx

from app.domain.chat import ChatRequest
from app.domain.errors import UpstreamBroken, UpstreamError, UpstreamRefused
from app.domain.events import ProviderEvent
from app.domain.exchange import Attempt
from app.providers.credentials import request_headers, scrub
from app.providers.upstream import UpstreamAnswer, ask, too_long
from app.settings import ProviderSettings
from app.wire.joining import joined
from app.wire.openai_body import Body, StreamBody, WholeBody, decode_json
from app.wire.openai_errors import refusal
from app.wire.openai_request import encode

_PORTS = {"http": 80, "https": 443}
_RETRY_HEADERS = ("retry-after", "retry-after-ms")
"""What the SDKs wait by."""
_MAX_ERROR_BYTES = 64 * 1024
_MAX_LIST_BYTES = 8 * 1024 * 1024
_LIST_TIMEOUT_S = 10.0
_DRAIN_S = 0.02
"""How long to wait for the end of a stream behind `[DONE]`, so that the connection can be used again."""


class OpenAIProvider:
    """One such upstream; an `app.domain.ports.Provider`.

    Args:
        slug: its name in the configuration.
        settings: where and how.
        transport: shared with others, not closed here.

    Raises:
        ValueError: `base_url` or a header is impossible.
    """

    kind = "openai"
    telemetry_name = "openai"

    def __init__(self, slug: str, settings: ProviderSettings, transport: httpx.AsyncBaseTransport) -> None:
        url = httpx.URL("https://api.openai.com/v1" if settings.base_url is None else settings.base_url)
        if url.scheme not in _PORTS or not url.host:
            raise ValueError(
                f"base_url of provider {slug!r} must begin with http:// or https:// and name a host"
            )
        if url.userinfo:
            raise ValueError(
                f"base_url of provider {slug!r} must not hold credentials; use api_key or headers"
            )
        self.slug = slug
        self.server_address = url.host
        self.server_port = url.port or _PORTS[url.scheme]
        self._chat_url = _joined(url, "chat/completions")
        self._models_url = _joined(url, "models")
        self._settings = settings
        self._transport = transport
        key = settings.api_key.reveal() if settings.api_key is not None else None
        headers = {name: value.reveal() for name, value in settings.headers.items()}
        self._secrets = (*([key] if key is not None else []), *headers.values())
        bearer = {"authorization": f"Bearer {key}"} if key is not None else {}
        self._headers = request_headers(bearer | {name.lower(): value for name, value in headers.items()})
        self._extensions = {"timeout": {"connect": settings.connect_timeout_ms / 1000}}

    async def chat(self, request: ChatRequest, model: str, attempt: Attempt) -> AsyncGenerator[ProviderEvent]:
        """Ask for a completion; see `app.domain.ports.Provider.chat`."""
        clock = asyncio.get_running_loop().time
        deadline_s = clock() + self._settings.first_byte_timeout_ms / 1000
        idle_s = self._settings.idle_timeout_ms / 1000
        left = self._settings.max_answer_bytes
        content = encode(request, model, stream_usage=self._settings.stream_usage is not False)
        answer = await self._ask("POST", self._chat_url, content, deadline_s)
        try:
            attempt.status_code = answer.status
            await self._check(answer, clock() + idle_s)
            body = self._body(answer, asked_for_stream=request.stream)
            while not body.done and (piece := await answer.next(deadline_s)):
                left -= len(piece)
                if left < 0:
                    raise too_long(self.slug, self._settings.max_answer_bytes)
                for event in joined(body.feed(piece)):
                    yield event
                deadline_s = clock() + idle_s
            for event in body.close():
                yield event
            if body.done:
                await self._drain(answer, clock() + _DRAIN_S)
        except UpstreamRefused as error:
            raise self._scrubbed(error) from None
        finally:
            await answer.close()

    async def list_models(self) -> tuple[dict[str, Any], ...]:
        """Return what the upstream lists at `/models`: objects with at least a text `id`.

        Raises:
            UpstreamError: it does not, or not in time.
        """
        deadline_s = asyncio.get_running_loop().time() + _LIST_TIMEOUT_S
        answer = await self._ask("GET", self._models_url, None, deadline_s)
        try:
            await self._check(answer, deadline_s)
            document = decode_json(await answer.read(deadline_s, _MAX_LIST_BYTES))
        except UpstreamRefused as error:
            raise self._scrubbed(error) from None
        finally:
            await answer.close()
        models = document.get("data") if isinstance(document, dict) else document
        if not isinstance(models, list):
            raise UpstreamBroken(f"The provider @{self.slug} sent a list of models that is none.")
        return tuple(
            model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)
        )

    async def _ask(
        self, method: str, url: httpx.URL, content: bytes | None, deadline_s: float
    ) -> UpstreamAnswer:
        request = httpx.Request(
            method, url, headers=self._headers, content=content, extensions=self._extensions
        )
        return await ask(self._transport, request, slug=self.slug, deadline_s=deadline_s)

    async def _check(self, answer: UpstreamAnswer, deadline_s: float) -> None:
        """Raise an `UpstreamError` unless the head is that of an answer we can read."""
        if 400 <= answer.status <= 599:  # noqa: PLR2004 (HTTP)
            raise await _refusal(answer, deadline_s)
        if not 200 <= answer.status <= 299:  # noqa: PLR2004
            raise UpstreamBroken(
                f"The provider @{self.slug} answered with status {answer.status}, which is not followed; "
                "check its base_url."
            )
        if answer.header("content-encoding") not in {"", "identity"}:
            raise UpstreamBroken(f"The provider @{self.slug} compressed its answer, though asked not to.")

    def _body(self, answer: UpstreamAnswer, *, asked_for_stream: bool) -> Body:
        """Return the reader for what this answer is."""
        content_type = answer.content_type
        if content_type == "text/event-stream" or (not content_type and asked_for_stream):
            return StreamBody(self._settings.max_answer_bytes)
        if content_type.endswith("json") or not content_type:
            return WholeBody()
        raise UpstreamBroken(f"The provider @{self.slug} answered with neither JSON nor an event stream.")

    async def _drain(self, answer: UpstreamAnswer, deadline_s: float) -> None:
        try:
            await answer.read(deadline_s, _MAX_ERROR_BYTES)
        except UpstreamError:
            return  # the answer is complete; the connection is closed instead of kept

    def _scrub(self, text: str) -> str:
        return scrub(text, self._secrets)

    def _scrubbed(self, error: UpstreamRefused) -> UpstreamRefused:
        error.message = self._scrub(error.message)
        error.upstream_type = self._scrub(error.upstream_type)
        error.param = self._scrub(error.param) if error.param is not None else None
        error.code = self._scrub(error.code) if error.code is not None else None
        return error


def _joined(base: httpx.URL, path: str) -> httpx.URL:
    """Return the base URL with the path behind its own; a query stays."""
    return base.copy_with(path=f"{base.path.rstrip('/')}/{path}")


async def _refusal(answer: UpstreamAnswer, deadline_s: float) -> UpstreamRefused:
    """Read the body of an error; one that cannot be read says nothing beyond its status."""
    headers = tuple((name, value) for name in _RETRY_HEADERS if (value := answer.header(name)))
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
    return refusal(document, answer.status, headers)

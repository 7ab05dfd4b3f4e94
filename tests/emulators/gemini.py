"""The Gemini API and Vertex AI on a real socket, as far as a gateway can tell.

    emulator = GeminiEmulator([response, ...])
    async with Upstream(emulator, path="") as upstream: ...

It knows a key, or a bearer token on Vertex AI's paths; gives out such tokens to service accounts and as a
metadata server; refuses what `tests/emulators/gemini_rules.py` says, in Google's words; answers whole (the
last response), as an event stream, or as the list that a stream without `alt=sse` is. google-genai's client
takes it for Google.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from tests.emulators.gemini_rules import broken_rule
from tests.google_identity import TokenServer
from tests.upstreams import Answer, Connection, Received, stream, whole

KEY = "AIzaSyEmulatorEmulatorEmulatorEmulator1"
PROJECT, LOCATION = "my-project", "us-central1"
_API = re.compile(r"/(?:v1|v1beta)/models/([^/:]+):(generateContent|streamGenerateContent)")
_VERTEX = re.compile(
    rf"/v1beta1/projects/{PROJECT}/locations/{LOCATION}/publishers/google/models/([^/:]+):"
    r"(generateContent|streamGenerateContent)"
)
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_KEY_INFO = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}
Fault = tuple[int, str, list[dict[str, Any]]]


class GeminiEmulator:
    """Answers requests.

    Args:
        responses: of the answer, in the order of its stream.
        document: the whole answer; None: the last of the responses.
        now_s: the time, for grants.
    """

    def __init__(
        self, responses: Iterable[dict[str, Any]], document: dict[str, Any] | None = None, now_s: float = 0.0
    ) -> None:
        self._responses = list(responses)
        self._document = document if document is not None else self._responses[-1]
        self.tokens = TokenServer(now_s)

    async def __call__(self, connection: Connection, request: Received) -> None:
        """Answer one request."""
        url = urlsplit(request.target)
        if url.path == "/token" or url.path.startswith("/computeMetadata/"):
            await self._identity(connection, request)
            return
        if url.path == "/v1beta/models" and request.method == "GET":
            models = [{"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent"]}]
            await whole({"models": models})(connection, request)
            return
        refusal = self.refusal(request)
        if refusal is not None:
            await refusal(connection, request)
            return
        is_stream = ":stream" in unquote(url.path)
        await self._answer(connection, request, is_stream=is_stream, query=url.query)

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a question that breaks a rule; None if it breaks none."""
        url = urlsplit(request.target)
        route = _API.fullmatch(unquote(url.path)) or _VERTEX.fullmatch(unquote(url.path))
        fault = self._fault(request, route)
        if fault is None:
            return None
        status, message, details = fault
        error = {"code": status, "message": message, "status": _STATUS[status]}
        document: Any = {"error": {**error, "details": details} if details else error}
        is_list = route is not None and route[2].startswith("stream") and "alt=sse" not in url.query
        return whole([document] if is_list else document, status=status)

    async def _answer(
        self, connection: Connection, request: Received, *, is_stream: bool, query: str
    ) -> None:
        if not is_stream:
            await whole(self._document)(connection, request)
        elif dict(parse_qsl(query)).get("alt") != "sse":
            await whole(self._responses)(connection, request)
        else:
            pieces = [b"data: %b\r\n\r\n" % json.dumps(said).encode() for said in self._responses]
            await stream(pieces)(connection, request)

    def _fault(self, request: Received, route: re.Match[str] | None) -> Fault | None:
        if route is None:
            return 404, "Not found.", []
        is_vertex = route.re is _VERTEX
        unknown = self._unknown_token(request) if is_vertex else _unknown_key(request)
        if unknown is not None:
            return unknown
        if not route[1].startswith("gemini-"):
            return 404, f"models/{route[1]} is not found for API version v1beta.", []
        try:
            body = request.json()
        except ValueError:
            body = None
        message = broken_rule(body, route[1], vertex=is_vertex)
        return (400, message, []) if message is not None else None

    def _unknown_token(self, request: Received) -> Fault | None:
        given = {f"Bearer ya29.token-{number + 1}" for number in range(self.tokens.given)}
        if request.headers.get("authorization") in given:
            return None
        return 401, "Request had invalid authentication credentials.", []

    async def _identity(self, connection: Connection, request: Received) -> None:
        asked = httpx.Request(
            request.method,
            f"http://{request.headers['host']}{request.target}",
            headers=request.headers,
            content=request.body,
        )
        answer = await self.tokens(asked)
        await whole(answer.content, status=answer.status_code, headers={"metadata-flavor": "Google"})(
            connection, request
        )


def _unknown_key(request: Received) -> Fault | None:
    key = request.headers.get("x-goog-api-key")
    if key is None:
        return 403, "Method doesn't allow unregistered callers (callers without established identity).", []
    return None if key == KEY else (400, "API key not valid. Please pass a valid API key.", [_KEY_INFO])

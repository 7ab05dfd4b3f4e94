"""Azure OpenAI on a socket, with Entra and the metadata service beside it.

    async with Upstream(AzureEmulator(), path="") as azure:
        openai.AsyncAzureOpenAI(azure_endpoint=azure.base_url, api_key=KEY, api_version="2024-10-21")

Both forms of its paths; a key or a token must be right; deployments exist or not; bodies are held against the
openai SDK's types. Its errors are in Azure's words (learn.microsoft.com, and what its users report, 2026-11),
its answers have the deviations that `app/wire/openai/azure_format.py` tells of.
"""

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)

from tests.oracles import checker, violations
from tests.upstreams import Answer, Connection, Received, stream, whole

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "entra-token-of-the-machine"
DEPLOYMENT = "my gpt"
TENANT = "contoso.example"
CLIENT = "11111111-2222-3333-4444-555555555555"
SECRET = "s3cr3t~of.the-client"
_SCOPE = "https://cognitiveservices.azure.com/.default"
_DATED = re.compile(r"/openai/deployments/([^/]+)/chat/completions")
_VERSION = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")
_SAFE = {
    name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")
}
_HEAD = {"id": "chatcmpl-az", "created": 1790000000, "model": "gpt-5.6-2026-09-01"}
_EMPTY = {"id": "", "object": "", "created": 0, "model": ""}
_USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
_PROMPT_RESULTS = [{"prompt_index": 0, "content_filter_results": _SAFE}]
_HEADERS = {"apim-request-id": "apim-1", "x-ms-region": "West Europe"}


class AzureEmulator:
    """Answers whatever comes; `tokens` counts the tokens that were given out."""

    def __init__(self) -> None:
        self.tokens = 0

    async def __call__(self, connection: Connection, request: Received) -> None:
        """Answer one request."""
        await self._answer(request)(connection, request)

    def _answer(self, request: Received) -> Answer:
        url = urlsplit(request.target)
        if url.path == f"/{TENANT}/oauth2/v2.0/token":
            return self._entra(request)
        if url.path == "/metadata/identity/oauth2/token":
            return self._metadata(request)
        return _completion(request)

    def _entra(self, request: Received) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        right = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "scope": _SCOPE,
            "client_secret": SECRET,
        }
        if form != right:
            error = {
                "error": "invalid_client",
                "error_codes": [7000215],
                "error_description": "AADSTS7000215",
            }
            return whole(error, status=401)
        return self._token({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599})

    def _metadata(self, request: Received) -> Answer:
        query = parse_qs(urlsplit(request.target).query)
        if request.headers.get("metadata") != "true" or "api-version" not in query:
            return whole(
                {"error": "invalid_request", "error_description": "Required metadata header"}, status=400
            )
        assert query["resource"] == [_SCOPE.removesuffix("/.default")]
        return self._token(
            {"expires_in": "3599", "expires_on": "9999999999", "resource": query["resource"][0]}
        )

    def _token(self, fields: dict[str, Any]) -> Answer:
        self.tokens += 1
        return whole({**fields, "access_token": TOKEN})


def _completion(request: Received) -> Answer:
    """Answer as the gateway in front of the models does, or let the model answer."""
    url = urlsplit(request.target)
    version = parse_qs(url.query).get("api-version", [""])[0]
    dated = _DATED.fullmatch(url.path)
    if request.headers.get("api-key") != KEY and request.headers.get("authorization") != f"Bearer {TOKEN}":
        return _refuse(401, "401", "Access denied due to invalid subscription key or wrong API endpoint.")
    if request.method != "POST" or not (dated or url.path == "/openai/v1/chat/completions"):
        return whole({"statusCode": 404, "message": "Resource not found"}, status=404)
    if dated and not _VERSION.fullmatch(version):
        return _refuse(404, "404", "Resource not found")
    if not dated and version not in {"", "v1", "preview"}:
        return _refuse(400, "BadRequest", "API version not supported")
    body = request.json()
    if (unquote(dated[1]) if dated else body.get("model")) != DEPLOYMENT:
        return _refuse(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")
    return _model(body, version if dated else "")


def _model(body: dict[str, Any], version: str) -> Answer:
    streams = body.get("stream") is True
    wrong = violations(
        checker(CompletionCreateParamsStreaming if streams else CompletionCreateParamsNonStreaming), body
    )
    if version and version < "2024-09-01" and "stream_options" in body:
        wrong.append("Unrecognized request argument supplied: stream_options")
    if wrong:
        return _refuse(400, None, wrong[0])
    if "violence" in str(body["messages"]):
        return whole(_FILTERED, status=400, headers=_HEADERS)
    return _stream(body) if streams else whole(_document(), headers=_HEADERS)


_FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {**_SAFE, "violence": {"filtered": True, "severity": "medium"}},
        },
    }
}


def _document() -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "Hi there", "refusal": None},
        "finish_reason": "stop",
        "logprobs": None,
        "content_filter_results": _SAFE,
    }
    return {
        **_HEAD,
        "object": "chat.completion",
        "choices": [choice],
        "usage": _USAGE,
        "prompt_filter_results": _PROMPT_RESULTS,
    }


def _stream(body: dict[str, Any]) -> Answer:
    offsets = {"check_offset": 44, "start_offset": 44, "end_offset": 52}
    opinion = {
        "index": 0,
        "finish_reason": None,
        "content_filter_results": _SAFE,
        "content_filter_offsets": offsets,
    }
    chunks: list[Any] = [
        {**_EMPTY, "choices": [], "prompt_filter_results": _PROMPT_RESULTS},
        _chunk({"role": "assistant", "content": "", "refusal": None}),
        _chunk({"content": "Hi"}),
        {**_EMPTY, "choices": [opinion]},
        _chunk({"content": " there"}),
        _chunk({}, "stop"),
        {**_EMPTY, "choices": [opinion]},
    ]
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append({**_HEAD, "object": "chat.completion.chunk", "choices": [], "usage": _USAGE})
    return stream([*chunks, "[DONE]"], headers=_HEADERS)


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "content_filter_results": {}}
    return {**_HEAD, "object": "chat.completion.chunk", "choices": [choice]}


def _refuse(status: int, code: str | None, message: str) -> Answer:
    return whole({"error": {"code": code, "message": message}}, status=status, headers=_HEADERS)

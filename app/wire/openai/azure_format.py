"""Azure OpenAI, as a wire format: OpenAI's, under other paths and with errors of its own.

Two forms of one API (learn.microsoft.com, "Azure OpenAI API version lifecycle", 2026-11), both below
`https://{resource}.openai.azure.com/openai`:

    dated      deployments/{deployment}/chat/completions?api-version=2024-10-21    `model` is ignored
    versioned  v1/chat/completions                                                 `model` is the deployment

and `embeddings` or `completions` in place of `chat/completions`.

A deployment's name says nothing about its model; what it can do is configured. How Azure's answers differ
(chunks of filter results without choices, before and behind the answer) is read where all compatible answers
are, `app/wire/openai/chunks.py`.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from app.catalogue.dialect import Dialect
from app.domain.errors import UpstreamRefused
from app.wire.format import Asked, Question
from app.wire.openai.format import OpenAIFormat

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(?:-[a-z]+)?")
_NAMED = re.compile(r"[A-Za-z0-9.-]{1,40}")
_DEFAULT = "v1"
"""The version that the versioned form has unasked."""
_STREAM_USAGE_SINCE = "2024-09-01"
"""The first dated version that takes `stream_options` (Azure/azure-rest-api-specs, inference.yaml of
2024-09-01-preview and of 2024-10-21); those before answer 400."""
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    408: "timeout_error",
    429: "rate_limit_error",
}
_CODES = {"DeploymentNotFound": "model_not_found", "429": "rate_limit_exceeded", "401": "invalid_api_key"}
"""Azure's words, and its statuses where it says no word, in OpenAI's."""


class AzureFormat:
    """An `app.wire.format.Format`.

    Args:
        api_version: a date, as `2024-10-21` or `2025-04-01-preview`: the dated form; None, `v1` or `preview`:
            the versioned one.
        dialect: how its models differ from OpenAI's, if they do.

    Raises:
        ValueError: `api_version` is none.
    """

    models_path: str | None = None
    """None: it lists the models of its region, not what is deployed."""

    def __init__(self, api_version: str | None = None, dialect: Dialect | None = None) -> None:
        if api_version is not None and not _NAMED.fullmatch(api_version):
            raise ValueError("api_version of Azure must be a date, as 2024-10-21, or v1, or preview")
        dialect = dialect or Dialect()
        self._dated = api_version is not None and _DATED.fullmatch(api_version) is not None
        self._query = "" if api_version in {None, _DEFAULT} else f"?api-version={api_version}"
        if self._dated and api_version is not None and api_version < _STREAM_USAGE_SINCE:
            dialect = msgspec.structs.replace(dialect, stream_usage="absent")
        self._wire = OpenAIFormat(dialect)

    def ask(self, question: Question) -> Asked:
        """Say the question; see `app.wire.format.Format.ask`."""
        form = f"deployments/{quote(question.model, safe='')}" if self._dated else "v1"
        asked = self._wire.ask(question)
        return msgspec.structs.replace(asked, path=f"{form}/{asked.path}{self._query}")

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error; see `app.wire.format.Format.refusal`.

        A content filter's is a 400 with the code `content_filter`; the gateway before the models says
        `{"statusCode", "message"}`.
        """
        error = self._wire.refusal(document, status, headers)
        if error.code is not None:
            error.code = _CODES.get(error.code, error.code)
        if error.upstream_type == UpstreamRefused.type:
            error.upstream_type = _TYPES.get(error.status, "server_error" if status >= 500 else error.type)  # noqa: PLR2004 (HTTP)
        return error

    def models(self, document: object) -> tuple[dict[str, Any], ...]:  # noqa: ARG002 (as the port says)
        """Return nothing; see `models_path`."""
        return ()

"""Error bodies of OpenAI's format: what we say when a guardrail blocked, and what providers say.

What providers say differs more than their answers do (collected from their documentation and from issues of
other gateways, 2026-11): `error` may be an object, a string (xAI) or stand in an array (Gemini); its fields
may lie flat (Mistral, older vLLM) or be called `detail` (FastAPI), `errors` (Cloudflare), `error_code`
(Databricks) or `base_resp` (MiniMax); `code` may be a number (OpenRouter, llama.cpp). That a conversation is
too long has one code, whatever words a provider has for it: routing and clients act on it.
"""

import re
from collections.abc import Sequence
from typing import Any

from app.domain.errors import UpstreamRefused
from guardrails.verdict import Decision, Finding, Verdict

_MAX_MESSAGE = 2000
"""Characters of a provider's message that are passed on: enough for any sentence, too few for a document."""
_MAX_WORD = 200
_NO_MONEY = "insufficient_quota"
"""OpenAI's word, with status 429, for what no waiting mends (platform.openai.com, "Error codes", 2026-11)."""
_MAX_FINDINGS = 5
"""How many findings a message names; the record has all."""
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "server_error": 500,
    "overloaded_error": 503,
}
"""What OpenAI (and, for the last, Anthropic) would have answered, for errors that come inside a 200."""
_KNOWN_NAMES = frozenset(
    "messages prompt suffix choices message content text tool_calls function arguments custom input name "
    "refusal reasoning reasoning_content function_call tools parameters description metadata user stop "
    "prediction logprobs annotations audio transcript citations response_format json_schema schema "
    "error".split()
)
"""Names in a path that are the protocol's. All others a caller or a model made up, so they are content."""
_TOO_LONG = re.compile(
    r"maximum context length|maximum prompt length|context[_ ]length[_ ]exceeded|exceed_context_size"
    r"|exceeds? the (?:available |model'?s )?context (?:size|window|length)|prompt is too long"
    r"|input is too long|exceeds the maximum number of tokens|tokens \+ `?max_new_tokens`? must be",
    re.IGNORECASE,
)
"""How OpenAI and vLLM, xAI, llama.cpp, Anthropic, Google and Together say it (2026-11)."""
_SAYS_LITTLE = re.compile(r"[0-9]*|invalid_request(?:_error)?|bad_request(?:_error)?|invalid_prompt|error")
"""Codes that a more exact one may replace."""
_CALLERS_FAULT = frozenset({400, 413, 422, 500})
"""Statuses that come with it; 500 is llama-cpp-python's."""
_HTTP_ERROR = re.compile(r"[45][0-9]{2}")
_STEP = re.compile(r"([^.\[\]#]+)|(\[\d+\])")


def blocked_body(verdict: Verdict) -> dict[str, Any]:
    """Return the body of the answer that a guardrail blocked, for status 446 and for an error event alike.

    It names the guardrail, what was found and where, and nothing of the content.
    """
    is_error = verdict.decision is Decision.ERROR
    place = f"Blocked by guardrail '{verdict.guardrail}' ({verdict.side}): "
    error = {
        "message": place + (_undecided(verdict) if is_error else found_in_words(verdict.findings)),
        "type": "hooks_failed",
        "param": protocol_path(verdict.findings[0].part) if verdict.findings else None,
        "code": "guardrail_error" if is_error else "guardrail_blocked",
    }
    return {"error": error}


def found_in_words(findings: Sequence[Finding]) -> str:
    """Return what was found and where, and nothing of what stands there."""
    named = dict.fromkeys(
        f"{finding.check}/{finding.rule} at {protocol_path(finding.part)}" for finding in findings
    )
    more = len(named) - _MAX_FINDINGS
    listed = ", ".join(list(named)[:_MAX_FINDINGS]) or "its policy"
    return f"{listed} and {more} more." if more > 0 else f"{listed}."


def protocol_path(path: str) -> str:
    """Return a part's path with every name that is not the protocol's own replaced by `*`."""
    named = path.partition("#")[0]
    return _STEP.sub(lambda step: step[0] if step[2] or step[1] in _KNOWN_NAMES else "*", named)


def refusal(document: object, status: int, headers: tuple[tuple[str, str], ...] = ()) -> UpstreamRefused:
    """Read a provider's error body, in whatever shape.

    Args:
        document: decoded JSON, or text where the body was none.
        status: of the response; 400 to 599.
        headers: those to pass on.
    """
    fields = _error_fields(document)
    message = _text(fields.get("message"), _MAX_MESSAGE) or f"The provider answered with status {status}."
    type_ = _text(fields.get("type"), _MAX_WORD)
    code = _text(fields.get("code"), _MAX_WORD)
    says_little = _SAYS_LITTLE.fullmatch(code or "") is not None
    if status in _CALLERS_FAULT and says_little and _TOO_LONG.search(f"{type_} {message}"):
        code = "context_length_exceeded"
    return UpstreamRefused(
        message,
        status=status,
        type_=type_,
        param=_text(fields.get("param"), _MAX_WORD),
        code=code,
        headers=headers,
        retryable=False if _NO_MONEY in {code, type_} or is_final(headers) else None,
    )


def is_final(headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether the provider itself says that another try makes no sense: OpenAI and Anthropic do by header."""
    return any(name == "x-should-retry" and value.lower() == "false" for name, value in headers)


def refusal_within(document: dict[str, Any]) -> UpstreamRefused | None:
    """Return the error that stands in what should have been an answer (status 200), if there is one."""
    if not document.get("error"):
        return None
    fields = _error_fields(document)
    return refusal(document, _status_of(fields))


def _undecided(verdict: Verdict) -> str:
    return f"it could not decide ({verdict.error or 'error'}), and errors block."


def _error_fields(document: object) -> dict[str, Any]:
    """Return `message`, `type`, `param`, `code` from wherever they are."""
    if isinstance(document, list) and document:
        return _error_fields(document[0])
    if not isinstance(document, dict):
        return {"message": document}
    error = document.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {**document, "message": error}
    return _flat_fields(document)


def _flat_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Return the same of a document that has no `error`."""
    message, errors, base = (document.get(key) for key in ("message", "errors", "base_resp"))
    if isinstance(message, dict):  # Mistral, for a request that does not fit its types
        return {**document, "message": message.get("detail") or message.get("message")}
    if message is None and isinstance(errors, list) and errors:
        return _error_fields(errors)
    if message is None and isinstance(base, dict):
        return {"message": base.get("status_msg"), "code": base.get("status_code")}
    if message is None:
        message = next((document[key] for key in ("detail", "msg", "error_msg") if key in document), None)
    return {"code": document.get("error_code"), **document, "message": message}


def _text(value: object, max_length: int) -> str | None:
    """Return text or a number as text, and FastAPI's list of `msg`; anything else is left out."""
    if isinstance(value, list):
        messages = (item.get("msg") for item in value if isinstance(item, dict))
        value = "; ".join(message for message in messages if isinstance(message, str))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:max_length] or None


def _status_of(fields: dict[str, Any]) -> int:
    for word in (fields.get("status"), fields.get("code"), fields.get("type")):
        text = _text(word, _MAX_WORD) or ""
        if text in _STATUS_OF_TYPE:
            return _STATUS_OF_TYPE[text]
        if _HTTP_ERROR.fullmatch(text):
            return int(text)
    return 502

"""Anthropic's errors become those that a client of OpenAI's understands."""

from typing import Any

import pytest
from anthropic.types import ErrorResponse

from app.wire.anthropic.errors import read_refusal, refusal_within

CASES = [
    ("invalid_request_error", "bad", 400, 400, "invalid_request_error", "invalid_request_error", False),
    (
        "invalid_request_error",
        "prompt is too long: 9 tokens",
        400,
        400,
        "invalid_request_error",
        "context_length_exceeded",
        False,
    ),
    (
        "invalid_request_error",
        "Your credit balance is too low to access",
        400,
        429,
        "insufficient_quota",
        "insufficient_quota",
        False,
    ),
    ("authentication_error", "x", 401, 401, "authentication_error", "invalid_api_key", False),
    ("billing_error", "x", 402, 429, "insufficient_quota", "insufficient_quota", False),
    ("permission_error", "x", 403, 403, "permission_error", "permission_error", False),
    ("not_found_error", "model: claude-0", 404, 404, "invalid_request_error", "model_not_found", False),
    ("not_found_error", "Not found", 404, 404, "invalid_request_error", "not_found_error", False),
    ("request_too_large", "x", 413, 413, "invalid_request_error", "request_too_large", False),
    ("rate_limit_error", "x", 429, 429, "rate_limit_error", "rate_limit_exceeded", True),
    ("api_error", "x", 500, 500, "server_error", "api_error", True),
    ("timeout_error", "x", 504, 504, "server_error", "timeout_error", True),
    ("overloaded_error", "x", 529, 503, "server_error", "overloaded", True),
]


def test_the_vendor_may_say_that_another_try_makes_no_sense() -> None:
    document = {"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}
    assert read_refusal(document, 429, {"x-should-retry": "false"}).retryable is False


@pytest.mark.parametrize(("kind", "message", "came", "status", "type_", "code", "retryable"), CASES)
def test_a_type_of_error_becomes_openai_s(
    kind: str, message: str, came: int, status: int, type_: str, code: str, retryable: bool
) -> None:
    body: dict[str, Any] = {
        "type": "error",
        "error": {"type": kind, "message": message},
        "request_id": "req_1",
    }
    if kind != "request_too_large":
        ErrorResponse.model_validate(body)
    error = read_refusal(body, came, {})
    assert (error.status, error.upstream_type, error.code) == (status, type_, code)
    assert error.retryable is retryable
    assert error.message == message
    assert refusal_within(body, None) is not None


def test_what_a_retry_and_a_support_case_need_is_kept() -> None:
    headers = {"retry-after": "7", "request-id": "req_9", "x-should-retry": "true", "set-cookie": "a"}
    error = read_refusal({"error": {"type": "rate_limit_error", "message": "Slow"}}, 429, headers)
    assert dict(error.headers) == {"retry-after": "7", "x-should-retry": "true", "request-id": "req_9"}


@pytest.mark.parametrize(
    "document", [None, "Bad gateway", [], {"error": "odd"}, {"error": {"type": "novel"}}]
)
@pytest.mark.parametrize(("came", "status"), [(502, 502), (529, 503), (418, 418)])
def test_an_error_of_any_other_form_keeps_its_status(document: Any, came: int, status: int) -> None:
    assert read_refusal(document, came, {}).status == status


def test_google_s_form_is_read() -> None:
    body = [{"error": {"code": 403, "message": "No access", "status": "PERMISSION_DENIED"}}]
    error = read_refusal(body, 403, {})
    assert (error.message, error.status) == ("No access", 403)


def test_a_message_is_no_error() -> None:
    assert refusal_within({"type": "message", "content": []}, None) is None
    assert refusal_within([], None) is None


def test_an_error_in_an_answer_names_its_request() -> None:
    error = refusal_within({"type": "error", "error": {"type": "odd", "message": "x"}}, "req_2")
    assert error is not None
    assert (error.status, error.headers) == (502, (("request-id", "req_2"),))

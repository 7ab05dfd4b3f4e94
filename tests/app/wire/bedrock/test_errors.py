"""Bedrock's errors, by the names of AWS's exceptions."""

from typing import Any

import pytest

from app.wire.bedrock.errors import refusal, refusal_in_stream


@pytest.mark.parametrize(
    ("name", "came", "status", "type_", "code"),
    [
        ("ValidationException", 400, 400, "invalid_request_error", None),
        ("AccessDeniedException", 403, 403, "permission_error", "access_denied"),
        ("ResourceNotFoundException", 404, 404, "invalid_request_error", "model_not_found"),
        ("ModelTimeoutException", 408, 504, "server_error", "model_timeout"),
        ("ModelErrorException", 424, 502, "server_error", "model_error"),
        ("ThrottlingException", 429, 429, "rate_limit_error", "rate_limit_exceeded"),
        ("ModelNotReadyException", 429, 503, "server_error", "model_not_ready"),
        ("ServiceQuotaExceededException", 400, 429, "insufficient_quota", "insufficient_quota"),
        ("InternalServerException", 500, 500, "server_error", None),
        ("ServiceUnavailableException", 503, 503, "server_error", "overloaded"),
        ("UnrecognizedClientException", 403, 401, "authentication_error", "invalid_api_key"),
        ("InvalidSignatureException", 403, 401, "authentication_error", "invalid_api_key"),
        ("ExpiredTokenException", 403, 401, "authentication_error", "invalid_api_key"),
        ("SomethingNewException", 418, 418, "upstream_error", "SomethingNewException"),
    ],
)
def test_an_exception_has_the_status_a_client_does_right_by(
    name: str, came: int, status: int, type_: str, code: str | None
) -> None:
    error = refusal({"message": "Oh."}, came, {"x-amzn-errortype": f"{name}:http://internal.amazon.com/"})
    assert (error.status, error.upstream_type, error.code, error.message) == (status, type_, code, "Oh.")


def test_the_name_of_an_exception_is_cut() -> None:
    error = refusal({"__type": "x#" + "A" * 60_000}, 400, {})
    assert error.code == "A" * 200
    assert error.message == f"The provider answered with {error.code}."
    assert refusal_in_stream("A" * 60_000, {}).code == "A" * 200


@pytest.mark.parametrize(
    ("document", "headers"),
    [
        ({"__type": "com.amazon.coral.service#ThrottlingException", "Message": "Slow."}, {}),
        ({"code": "ThrottlingException", "message": "Slow."}, {}),
        ({"__type": "X", "message": "Slow."}, {"x-amzn-errortype": "ThrottlingException"}),
    ],
)
def test_the_name_stands_in_the_header_or_in_the_body(
    document: dict[str, Any], headers: dict[str, str]
) -> None:
    error = refusal(document, 400, headers)
    assert (error.status, error.message) == (429, "Slow.")


@pytest.mark.parametrize("document", [None, "", {}, [], {"message": {"a": 1}}])
def test_an_error_that_says_nothing_has_its_status(document: Any) -> None:
    error = refusal(document, 503, {})
    assert (error.status, error.message) == (503, "The provider answered with status 503.")


def test_text_in_place_of_a_body_is_the_message() -> None:
    assert refusal("Bad gateway", 502, {}).message == "Bad gateway"


def test_too_long_a_question_has_openais_code() -> None:
    name = {"x-amzn-errortype": "ValidationException"}
    for text in ("Input is too long for requested model.", "prompt is too long: 9 tokens > 8 maximum"):
        assert refusal({"message": text}, 400, name).code == "context_length_exceeded"
    assert refusal({"message": "temperature is wrong"}, 400, name).code is None


def test_a_client_is_told_how_long_to_wait() -> None:
    headers = {"x-amzn-errortype": "ThrottlingException", "retry-after": "3", "date": "now"}
    assert refusal({"message": "Slow."}, 429, headers).headers == (("retry-after", "3"),)


def test_names_in_a_stream_begin_with_a_small_letter() -> None:
    assert refusal_in_stream("throttlingException", {"message": "Slow."}).status == 429
    assert refusal_in_stream("novelException", {}).status == 502


def test_a_message_has_an_end() -> None:
    assert len(refusal({"message": "x" * 9_000}, 400, {}).message) == 2000

"""Google's errors, in whatever they are wrapped."""

from typing import Any

import pytest

from app.wire.gemini.errors import refusal, refusal_within


def error(code: int, status: str, message: str = "m", *details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


QUOTA = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.4s"}
DAILY = {"@type": QUOTA, "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
BY_MINUTE = {"@type": QUOTA, "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
TOO_LONG = "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576)."
BAD_KEY = "API key not valid. Please pass a valid API key."


@pytest.mark.parametrize(
    ("document", "status", "type_", "code"),
    [
        (error(400, "INVALID_ARGUMENT"), 400, "invalid_request_error", "INVALID_ARGUMENT"),
        (error(400, "INVALID_ARGUMENT", BAD_KEY), 401, "authentication_error", "invalid_api_key"),
        (
            error(400, "INVALID_ARGUMENT", "m", {"reason": "API_KEY_INVALID"}),
            401,
            "authentication_error",
            "invalid_api_key",
        ),
        (error(400, "INVALID_ARGUMENT", TOO_LONG), 400, "invalid_request_error", "context_length_exceeded"),
        (error(401, "UNAUTHENTICATED"), 401, "authentication_error", "UNAUTHENTICATED"),
        (error(403, "PERMISSION_DENIED"), 403, "permission_error", "PERMISSION_DENIED"),
        (error(404, "NOT_FOUND"), 404, "invalid_request_error", "model_not_found"),
        (error(429, "RESOURCE_EXHAUSTED", "m", BY_MINUTE), 429, "rate_limit_error", "rate_limit_exceeded"),
        (error(429, "RESOURCE_EXHAUSTED", "m", DAILY), 429, "insufficient_quota", "insufficient_quota"),
        (error(499, "CANCELLED"), 499, "invalid_request_error", "CANCELLED"),
        (error(500, "INTERNAL"), 500, "server_error", "INTERNAL"),
        (error(503, "UNAVAILABLE"), 503, "server_error", "UNAVAILABLE"),
        (error(504, "DEADLINE_EXCEEDED"), 504, "server_error", "DEADLINE_EXCEEDED"),
    ],
)
def test_a_status_means_what_openai_means_by_it(
    document: dict[str, Any], status: int, type_: str, code: str
) -> None:
    given = document["error"]["code"]
    for wrapped in (document, [document]):
        found = refusal(wrapped, given, {})
        assert (found.status, found.upstream_type, found.code) == (status, type_, code)
        assert found.message == document["error"]["message"]
        within = refusal_within(wrapped)
        assert within is not None
        assert (within.status, within.code) == (status, code)


def test_a_quota_of_the_day_is_not_tried_again() -> None:
    assert refusal(error(429, "RESOURCE_EXHAUSTED", "m", DAILY), 429, {}).retryable is False
    assert refusal(error(429, "RESOURCE_EXHAUSTED", "m", BY_MINUTE), 429, {}).retryable is True
    assert refusal(error(400, "INVALID_ARGUMENT"), 400, {}).retryable is False


def test_when_to_try_again_is_said_in_a_header() -> None:
    exhausted = error(429, "RESOURCE_EXHAUSTED", "m", BY_MINUTE, RETRY)
    assert refusal(exhausted, 429, {}).headers == (("retry-after", "13"),)
    assert refusal(exhausted, 429, {"retry-after": "2", "server": "x"}).headers == (("retry-after", "2"),)
    odd = error(429, "RESOURCE_EXHAUSTED", "m", {"retryDelay": "soon"}, {"retryDelay": 3}, "junk")
    assert refusal(odd, 429, {}).headers == ()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("<html>Bad Gateway</html>", "<html>Bad Gateway</html>"),
        ("x" * 5000, "x" * 2000),
        ({"error": "flat"}, "flat"),
        ({"error": "invalid_grant", "error_description": "said"}, "said"),
        ({"message": "bare"}, "bare"),
        (None, "The provider answered with status 502."),
        ([], "The provider answered with status 502."),
        (
            {"error": {"message": 7, "status": 7, "details": {"a": 1}}},
            "The provider answered with status 502.",
        ),
    ],
)
def test_what_is_no_status_object_still_says_something(document: Any, message: str) -> None:
    found = refusal(document, 502, {})
    assert (found.status, found.message) == (502, message)


@pytest.mark.parametrize("document", [{}, {"candidates": []}, {"error": None}, [], ["error"], "error", None])
def test_an_answer_is_no_error(document: Any) -> None:
    assert refusal_within(document) is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"code": 503}, 503),
        ({"status": "RESOURCE_EXHAUSTED"}, 429),
        ({"code": 200, "status": "UNAVAILABLE"}, 503),
        ({"code": "x", "status": "NEW_ONE"}, 502),
        ({"message": "m", "status": ["x"]}, 502),
    ],
)
def test_an_error_in_a_200_has_the_status_it_names(fields: dict[str, Any], status: int) -> None:
    found = refusal_within({"error": fields})
    assert found is not None
    assert found.status == status

import pytest

from app.wire.cohere.errors import refusal

TRIAL_MINUTE = "You are using a Trial key, which is limited to 40 API calls / minute."
TRIAL_MONTH = "You are using a Trial key, which is limited to 1000 API calls / month."
TOO_LONG = "too many tokens: total number of tokens in the prompt cannot exceed 4081"
NO_MODEL = "model 'x' not found, make sure the correct model ID was used"


@pytest.mark.parametrize(
    ("status", "message", "seen"),
    [
        (400, "invalid request: bad", (400, "invalid_request_error", None, False)),
        (400, TOO_LONG, (400, "invalid_request_error", "context_length_exceeded", False)),
        (401, "invalid api token", (401, "authentication_error", "invalid_api_key", False)),
        (402, "Please add a payment method", (429, "insufficient_quota", "insufficient_quota", False)),
        (403, "no", (403, "permission_error", None, False)),
        (404, NO_MODEL, (404, "invalid_request_error", "model_not_found", False)),
        (404, "not found", (404, "invalid_request_error", None, False)),
        (
            422,
            "unknown field: parameter 'x' is not a valid field",
            (422, "invalid_request_error", None, False),
        ),
        (429, TRIAL_MINUTE, (429, "rate_limit_error", "rate_limit_exceeded", True)),
        (429, TRIAL_MONTH, (429, "insufficient_quota", "insufficient_quota", False)),
        (429, "You are past the per month request limit", (429, *("insufficient_quota",) * 2, False)),
        (498, "invalid token", (401, "authentication_error", "invalid_api_key", False)),
        (498, "", (401, "authentication_error", "invalid_api_key", False)),
        (498, "The request was blocked", (400, "invalid_request_error", "content_filter", False)),
        (499, "request cancelled", (502, "server_error", None, True)),
        (500, "internal server error", (500, "server_error", None, True)),
        (501, "not implemented", (501, "server_error", None, False)),
        (503, "overloaded", (503, "server_error", None, True)),
        (504, "timeout", (504, "server_error", None, True)),
        (418, "teapot", (418, "invalid_request_error", None, False)),
    ],
)
def test_a_status_and_a_message_are_openais_words(
    status: int, message: str, seen: tuple[int, str, str | None, bool]
) -> None:
    error = refusal({"id": "i", "message": message} if message else None, status, {})
    assert (error.status, error.upstream_type, error.code, error.retryable) == seen
    assert error.upstream_status == status
    assert error.message == (message or f"The provider answered with status {status}.")


def test_what_a_retry_depends_on_is_kept() -> None:
    headers = {"retry-after": "7", "x-api-key": "secret", "retry-after-ms": ""}
    assert refusal({"message": "slow down"}, 429, headers).headers == (("retry-after", "7"),)


def test_text_is_a_message_too() -> None:
    assert refusal("upstream connect error", 503, {}).message == "upstream connect error"

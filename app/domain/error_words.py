"""Few words for what went wrong, fit for spans, metrics and log lines.

A provider may write anything for the code of an error; those that are documented are known here.
"""

from app.domain.errors import HandrailError, UpstreamRefused

_KNOWN_CODES = frozenset(
    """
    invalid_api_key insufficient_quota rate_limit_exceeded context_length_exceeded model_not_found
    content_filter content_policy_violation invalid_request_error server_error billing_hard_limit_reached
    account_deactivated unsupported_parameter unsupported_value unsupported_model unknown_parameter
    missing_required_parameter invalid_value invalid_type invalid_json invalid_image invalid_prompt
    string_above_max_length array_above_max_length integer_above_max_value integer_below_min_value
    decimal_above_max_value decimal_below_min_value invalid_function_parameters unsupported_country
    unsupported_country_region_territory access_terminated model_overloaded overloaded_error api_error
    authentication_error permission_error permission_denied not_found_error not_found request_too_large
    request_timeout timeout timeout_error rate_limit_error billing_error internal_error internal_server_error
    service_unavailable bad_gateway gateway_timeout not_allowed DeploymentNotFound RequestTooLarge
    ThrottlingException ValidationException AccessDeniedException ResourceNotFoundException
    ModelErrorException ModelNotReadyException ModelTimeoutException ModelStreamErrorException
    ServiceQuotaExceededException ServiceUnavailableException InternalServerException
    INVALID_ARGUMENT FAILED_PRECONDITION OUT_OF_RANGE UNAUTHENTICATED PERMISSION_DENIED NOT_FOUND ABORTED
    ALREADY_EXISTS RESOURCE_EXHAUSTED CANCELLED UNKNOWN INTERNAL UNAVAILABLE DEADLINE_EXCEEDED
    """.split()
)
"""Codes by which OpenAI, Azure, Anthropic, Bedrock and Google name what went wrong (their pages, 2026-11)."""


def error_word(error: HandrailError) -> str:
    """Return the word by which an attempt's error goes into traces: a code that is known, else the status.

    A provider may write anything for a code, and nobody has screened it when the attempt ends.
    """
    is_ours = not isinstance(error, UpstreamRefused)
    return error.code if error.code and (is_ours or error.code in _KNOWN_CODES) else str(error.status)

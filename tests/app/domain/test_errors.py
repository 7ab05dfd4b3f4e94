"""Errors know what a caller is told."""

import pytest

from app.domain import errors
from app.domain.errors import (
    AttemptTimeout,
    CallerError,
    GatewayError,
    HandrailError,
    InvalidRequest,
    UpstreamError,
    UpstreamRefused,
)
from app.domain.exchange import Outcome


def leaves(cls: type[HandrailError]) -> list[type[HandrailError]]:
    below = cls.__subclasses__()
    return [cls] if not below else [leaf for one in below for leaf in leaves(one)]


ALL = [leaf for leaf in leaves(HandrailError) if leaf is not UpstreamRefused]


@pytest.mark.parametrize("cls", ALL)
def test_every_error_has_an_openai_body_and_a_status_of_its_kind(cls: type[HandrailError]) -> None:
    error = cls("What to do.")
    error.param = "messages[0].role"
    body = error.body()["error"]
    assert set(body) == {"message", "type", "param", "code"}
    assert body["message"] == "What to do."
    assert body["param"] == "messages[0].role"
    assert (400 <= error.status < 500) == isinstance(error, CallerError | AttemptTimeout)


@pytest.mark.parametrize("cls", ALL)
def test_who_was_wrong_decides_how_the_exchange_ended(cls: type[HandrailError]) -> None:
    expected = {
        CallerError: Outcome.REJECTED,
        UpstreamError: Outcome.UPSTREAM_ERROR,
        GatewayError: Outcome.FAILED,
    }
    assert [outcome for base, outcome in expected.items() if issubclass(cls, base)] == [cls("x").outcome]


def test_a_provider_s_error_keeps_its_own_words() -> None:
    error = UpstreamRefused(
        "slow down", status=429, type_="rate_limit", param="model", code="rate_limit_exceeded"
    )
    assert error.status == 429
    assert error.body() == {
        "error": {
            "message": "slow down",
            "type": "rate_limit",
            "param": "model",
            "code": "rate_limit_exceeded",
        }
    }


def test_a_more_exact_code_is_the_instance_s_alone() -> None:
    assert InvalidRequest("x", code="unknown_guardrail").code == "unknown_guardrail"
    assert InvalidRequest("x").code is None


def test_the_tree_at_the_top_of_the_file_names_every_class() -> None:
    assert errors.__doc__ is not None
    for cls in [*ALL, UpstreamRefused]:
        assert cls.__name__ in errors.__doc__


def test_credentials_that_cannot_be_had_are_no_fault_of_the_caller() -> None:
    error = errors.UpstreamUnauthorized("No token.")
    assert (error.status, error.code, error.retryable) == (502, "upstream_unauthorized", True)


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        (400, False),
        (401, False),
        (404, False),
        (408, True),
        (409, True),
        (425, True),
        (429, True),
        (500, True),
        (529, True),
    ],
)
def test_a_refusal_may_pass_as_its_status_says(status: int, retryable: bool) -> None:
    assert UpstreamRefused("no", status=status).retryable is retryable


@pytest.mark.parametrize("retryable", [True, False])
def test_a_provider_may_know_better_than_its_status(retryable: bool) -> None:
    assert UpstreamRefused("no", status=429, retryable=retryable).retryable is retryable
    assert UpstreamRefused("no", status=400, retryable=retryable).retryable is retryable


def test_a_spent_budget_does_not_come_back_by_waiting() -> None:
    assert UpstreamRefused("x", status=429, code="rate_limit_exceeded").retryable
    assert not UpstreamRefused("x", status=429, code="insufficient_quota").retryable

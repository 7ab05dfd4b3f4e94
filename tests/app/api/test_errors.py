from collections.abc import Mapping
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.testing import TestClient

from app.api.errors import ErrorHandler
from app.api.identity import Identities
from app.domain.errors import MethodNotAllowed, Overloaded
from telemetry import build_tracer
from tests.fakes import FakeLog


def reply_to(error: Exception, path: str = "/") -> tuple[int, dict[str, Any], Mapping[str, str], FakeLog]:
    """Return what a caller gets from a route that raises this, and the log."""

    @get(path, sync_to_thread=False)
    def failing() -> None:
        raise error

    log = FakeLog()
    scrub = lambda text: text.replace("hunter2", "[SECRET]")  # noqa: E731 (it is short)
    handler = ErrorHandler(Identities(build_tracer({}, "0"), scrub), log)
    app = Litestar([failing], exception_handlers={Exception: handler}, logging_config=None)
    with TestClient(app, raise_server_exceptions=False) as client:
        reply = client.get(path)
    return reply.status_code, reply.json()["error"], reply.headers, log


def test_an_error_of_ours_answers_as_it_says() -> None:
    status, error, headers, log = reply_to(Overloaded("Try again."))
    assert (status, error["code"], error["message"]) == (503, "records_backlog_full", "Try again.")
    assert headers["retry-after"] == "1"
    assert log.lines == []


def test_a_method_that_is_not_served_names_those_that_are() -> None:
    status, _, headers, _ = reply_to(MethodNotAllowed("No.", allowed=("GET", "OPTIONS")))
    assert (status, headers["allow"]) == (405, "GET, OPTIONS")


@pytest.mark.parametrize(
    ("error", "status"), [(ClientException("Odd."), 400), (PermissionDeniedException("No."), 403)]
)
def test_litestars_own_refusals_keep_their_status(error: Exception, status: int) -> None:
    answered, body, _, log = reply_to(error)
    assert (answered, body["type"]) == (status, "invalid_request_error")
    assert log.lines == []


def test_a_bug_is_told_to_the_log_and_not_to_the_caller() -> None:
    bug = RuntimeError("password=hunter2")
    status, error, headers, log = reply_to(bug, "/of/hunter2")
    assert (status, error["code"], headers["x-should-retry"]) == (500, "internal_error", "false")
    assert "hunter2" not in str(error)
    ((level, event, fields),) = log.lines
    assert (level, event, fields["exc_info"]) == ("error", "request_crashed", bug)
    assert fields["path"] == "/of/[SECRET]"
    assert fields["exchange_id"]

"""A record with two exchanges, of both kinds of databases in turn, and the commands that read it."""

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.cli import main
from app.domain.exchange import Outcome
from app.domain.ids import uuid7
from app.records.reports import Feedback, Reports
from app.records.rows import Capture
from guardrails import Side
from tests.databases import _server, database_url, engine, postgresql_url, sqlite_url
from tests.exchanges import MS, STARTED_NS, exchange, finding, request, verdict
from tests.recorded import put, reading

__all__ = ["_server", "database_url", "engine", "postgresql_url", "reading", "sqlite_url"]

OK = exchange(
    id=uuid7(random.Random(1).getrandbits),
    cost_usd=Decimal("0.0000125"),
    verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 4)), verdict(Side.OUTPUT)),
    metadata={"_user": "anna"},
)
FAILED = exchange(
    id=uuid7(random.Random(2).getrandbits),
    started_ns=STARTED_NS + 60_000 * MS,
    caller="team-b",
    trace_id="1" * 32,
    outcome=Outcome.UPSTREAM_ERROR,
    status_code=502,
    error_type="upstream_error",
    error_code="upstream_broken",
    error_message="Half an answer.",
    request=request("Red\n\x1b[31m\u202e, no?", temperature=1),
    response=None,
    attempts=(),
    verdicts=(),
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def records(database_url: str, engine: sa.Engine, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `handrail records`; gives its exit status, what it printed, and what it said of trouble."""
    put(engine, OK, FAILED)
    reports = Reports(database_url, Capture("full", str))
    reports.add_feedback("team-a", [Feedback(trace_id=OK.id, value=4)])
    reports.close()

    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        status = main(["records", command, "--database", database_url, *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run

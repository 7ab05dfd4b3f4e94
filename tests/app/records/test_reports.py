import json
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.domain.errors import Overloaded
from app.records import migrate
from app.records.reports import Feedback, FeedbackChange, InsertedLog, Reports
from app.records.rows import Capture
from tests.databases import select

NOBODYS = "01a22e75-b2b2-7225-88fd-8755ae5578ee"
LOG = InsertedLog(
    trace_id="t", status_code=200, metadata={"k": "secret"}, body={"request": ["secret", {"secret": 1}]}
)


def capture(content: str) -> Capture:
    return Capture(content, lambda text: text.replace("secret", "[S]"))  # type: ignore[arg-type]  # one of its words


@pytest.fixture
def reports(database_url: str) -> Iterator[Reports]:
    migrate.upgrade(database_url)
    reports = Reports(database_url, capture("redacted"))
    yield reports
    reports.close()


def test_feedback_is_kept_and_only_its_giver_changes_it(reports: Reports, engine: sa.Engine) -> None:
    given = Feedback(trace_id="t-1", value=-10, weight=0.5, metadata={"by": "secret"})
    first, second = reports.add_feedback("team", [given, Feedback(trace_id="t-2", value=1)])
    assert reports.change_feedback("team", first, FeedbackChange(value=3))
    assert not reports.change_feedback("other", second, FeedbackChange(value=10))
    assert not reports.change_feedback("team", NOBODYS, FeedbackChange(value=10))
    assert reports.change_feedback("team", second, FeedbackChange(weight=0.0, metadata={"a": 1}))
    found = select(engine, "SELECT trace_id, value, weight, metadata, caller FROM feedback ORDER BY trace_id")
    assert [tuple(row.values()) for row in found] == [
        ("t-1", 3, 0.5, '{"by":"[S]"}', "team"),
        ("t-2", 1, 0.0, '{"a":1}', "team"),
    ]


@pytest.mark.parametrize(
    ("trace_id", "kept"),
    [("a secret", "a [S]"), (NOBODYS, NOBODYS), ("5ec7e7" + "0" * 26, "5ec7e7" + "0" * 26)],
)
def test_a_trace_id_is_kept_without_what_there_is_in_it_to_hide_unless_it_is_one_of_ours(
    database_url: str, engine: sa.Engine, trace_id: str, kept: str
) -> None:
    hiding = Capture("redacted", lambda text: re.sub("secret|0{4,}|8755", "[S]", text))
    reports = Reports(database_url, hiding)
    reports.add_feedback("team", [Feedback(trace_id=trace_id, value=1)])
    reports.add_log("team", InsertedLog(trace_id=trace_id, status_code=None, metadata={}, body={}))
    reports.close()
    for table in ("feedback", "inserted_logs"):
        assert select(engine, f"SELECT trace_id FROM {table}") == [{"trace_id": kept}]


def test_what_is_hidden_in_a_log_is_hidden_in_numbers_and_in_json_within_it_too(
    database_url: str, engine: sa.Engine
) -> None:
    hiding = Capture("redacted", lambda text: re.sub("secret|4111111111111111", "[S]", text))
    reports = Reports(database_url, hiding)
    body = {"card": 4111111111111111, "arguments": '{"to": "s\\u0065cret"}'}
    reports.add_log("team", InsertedLog(trace_id=None, status_code=None, metadata=body, body=body))
    reports.close()
    (row,) = select(engine, "SELECT body, metadata FROM inserted_logs")
    for text in row.values():
        kept = json.loads(str(text))
        assert (kept["card"], json.loads(kept["arguments"])) == ("[S]", {"to": "[S]"})


def test_texts_that_no_database_takes_are_kept_as_far_as_they_can_be(
    reports: Reports, engine: sa.Engine
) -> None:
    long = Feedback(trace_id="\0" + "t" * 300, value=1, metadata={"\0": "x" * 20_000})
    reports.add_feedback("c" * 100, [long])
    (row,) = select(engine, "SELECT trace_id, metadata, caller FROM feedback")
    assert (len(str(row["trace_id"])), row["metadata"], len(str(row["caller"]))) == (256, "{}", 64)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("full", {"request": ["secret", {"secret": 1}]}),
        ("redacted", {"request": ["[S]", {"[S]": 1}]}),
        ("hashes", None),
        ("none", None),
    ],
)
def test_of_a_log_is_kept_what_may_be(
    content: str, body: object, reports: Reports, database_url: str, engine: sa.Engine
) -> None:
    own, full = (Reports(database_url, capture(level)) for level in (content, "full"))
    own.add_log("team", LOG)
    full.add_log("team", LOG, content)  # type: ignore[arg-type]  # one of its words
    full.add_feedback("team", [Feedback(trace_id="t", value=1, metadata={"k": "secret"})], content)  # type: ignore[arg-type]
    own.close()
    full.close()
    for row in select(engine, "SELECT trace_id, status_code, content, body FROM inserted_logs"):
        assert row["body"] is None if body is None else json.loads(str(row["body"])) == body
        assert (row["trace_id"], row["status_code"], row["content"]) == ("t", 200, content)
    (given,) = select(engine, "SELECT metadata FROM feedback")
    assert ("secret" in str(given["metadata"])) == (content == "full")


def test_a_database_that_is_away_is_said_to_be(tmp_path_factory: pytest.TempPathFactory) -> None:
    reports = Reports(f"sqlite:///{tmp_path_factory.mktemp('empty')}/none.db", capture("full"))
    with pytest.raises(Overloaded) as caught:
        reports.add_log("team", LOG)
    reports.close()
    assert (caught.value.code, caught.value.retryable) == ("records_unavailable", True)

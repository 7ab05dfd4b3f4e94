import sqlalchemy as sa

from app.records.queries import places_of, whole
from app.records.reading import Reading
from app.records_cli.story import story
from tests.app.records_cli.conftest import FAILED, OK, Run


def lines_of(reading: Reading, name: str) -> list[str]:
    with reading.connect() as connection:
        (place,) = places_of(connection, name)
        found = whole(connection, place)
        assert found is not None
        return "\n".join(story(found)).splitlines()


def test_a_story_is_told_in_order(records: Run, reading: Reading) -> None:
    lines = lines_of(reading, OK.id)
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles == [
        f"Exchange {OK.id}",
        "What came (full)",
        "Before the provider: guardrails",
        "Attempts",
        "Behind the provider: guardrails",
        "What went out (full)",
        "In the end",
    ]
    for line in (
        "  user          What is a handrail?",
        "  privacy       redact, 0.25 ms",
        "                pii.email in messages[0].content, 0 to 4",
        "  1             @openai/gpt-4o at api.openai.example:443, status 200, 100.0 ms, stop, 3 + 5 tokens",
        "  assistant     Something to hold on to.",
        "  used          3 + 5 tokens, 0.0000125 USD",
        "  characters    24 received, 24 screened, 24 released",
        "  subject       anna",
        "  feedback      +4 by team-a {}",
    ):
        assert line in lines


def test_a_trace_that_was_not_exported_is_said_to_be_none(records: Run, reading: Reading) -> None:
    assert f"  trace         {OK.trace_id}" in lines_of(reading, OK.id)
    with reading.connect() as connection:
        (place,) = places_of(connection, OK.id)
        found = whole(connection, place)
    assert found is not None
    found.exchange["trace_sampled"] = False
    assert f"  trace         {OK.trace_id} (not exported)" in "\n".join(story(found)).splitlines()


def test_what_is_missing_is_said_and_nothing_moves_the_terminal(records: Run, reading: Reading) -> None:
    lines = lines_of(reading, FAILED.id)
    assert "Before the provider: no guardrail" in lines
    assert "Attempts: none, nothing was sent to a provider" in lines
    assert "What went out: nothing on record" in lines
    assert "  error         upstream_error upstream_broken: Half an answer." in lines
    at = lines.index("  user          Red")
    assert lines[at + 1] == "                \\x1b[31m\\u202e, no?"
    assert lines[at + 2] == '  beside it     {"temperature": 1}'


def test_what_asked_nobody_used_nothing(records: Run, reading: Reading, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        nothing = "prompt_tokens = NULL, completion_tokens = NULL, cost_usd = NULL"
        connection.execute(sa.text(f"UPDATE exchanges SET {nothing}"))
        connection.execute(sa.text("UPDATE attempts SET prompt_tokens = NULL, completion_tokens = NULL"))
    assert "  used          nothing" in lines_of(reading, FAILED.id)
    assert "  used          unknown" in lines_of(reading, OK.id)


def test_bodies_that_cannot_be_shown_are_named(records: Run, reading: Reading, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE payloads SET key_id = 'k1' WHERE kind = 'request'"))
        connection.execute(sa.text("UPDATE payloads SET body = NULL WHERE kind = 'response'"))
    lines = lines_of(reading, OK.id)
    assert "  body          encrypted with key k1" in lines
    assert any(
        line.startswith("  body          only its hash is kept; sha256 with its salt: ") for line in lines
    )

"""The questions that have names: the same SQL and the same, known answer on both databases."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.records.questions import FOLDER, Question, questions
from tests.dashboards.asked import NAMES, fill
from tests.databases import select

ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "blocks-by-guardrail": [
        ("no-secrets", "output", "block", "team-b", 1),
        ("privacy", "input", "error", "team-b", 1),
    ],
    "cache-use": [
        ("gpt-4o", "hit", 1, 125.0),
        ("gpt-4o", "miss", 1, 125.0),
    ],
    "callers-who-left": [
        ("team-a", "gpt-4o", 1, 125.0),
    ],
    "calls-without-price": [
        ("openai", "gpt-4o", 1, 3),
    ],
    "coverage-gaps": [
        (8, 114, 104, 93, 0),
    ],
    "holds": [
        ("2026-11-25T00:00:00.000000Z", "anna", "case 7", None, "kim", None, None),
    ],
    "kept-bodies": [
        ("request", "full", 7, 7, 0, 0),
        ("response", "full", 5, 5, 0, 0),
    ],
    "dearest-exchanges": [
        ("fallback", "2026-11-23T20:51:52.123456Z", "team-a", "openai", "gpt-4o", 3, 5, 0.5),
        ("paid", "2026-11-22T20:51:52.123456Z", "team-a", "openai", "gpt-4o", 30, 50, 0.25),
        ("blocked", "2026-11-22T20:51:52.123456Z", "team-b", "openai", "gpt-4o", 3, 5, 0.125),
    ],
    "done-to-the-record": [
        ("erased", "anna", 1, 3, "2026-11-25T00:00:00.000000Z", "2026-11-25T00:00:00.000000Z"),
    ],
    "dropped-parameters": [
        ("claude", "sonnet", "seed", 1),
    ],
    "findings-by-rule": [
        ("pii", "email", "input", 2, 2),
        ("secrets", "api_key", "output", 1, 1),
    ],
    "first-words": [
        ("openai", "gpt-4o", 4, 175.75, 400.0),
    ],
    "incomplete-rows": [
        ("begun", "2026-11-24T20:51:52.123456Z", "team-c", None, None),
    ],
    "own-time": [
        ("ok", 3, 150.0, 300.0),
        ("blocked_input", 1, 125.0, 125.0),
        ("blocked_output", 1, 25.0, 25.0),
        ("cancelled", 1, 25.0, 25.0),
        ("rejected", 1, 125.0, 125.0),
    ],
    "policy-versions": [
        ("5f2c", 7, "2026-11-22T20:51:52.123456Z", "2026-11-24T20:51:52.123456Z"),
        ("6a3d", 1, "2026-11-23T20:51:52.123456Z", "2026-11-23T20:51:52.123456Z"),
    ],
    "provider-errors": [
        ("claude", "sonnet", 529, "529", 1),
    ],
    "rejected-requests": [
        ("team-b", 400, "invalid_value", "messages", 1),
    ],
    "repeated-values": [
        (
            "abababababababababababababababab",
            "pii",
            "email",
            2,
            "2026-11-22T20:51:52.123456Z",
            "2026-11-23T20:51:52.123456Z",
        ),
    ],
    "second-attempts": [
        ("claude", "openai", 1, 1),
    ],
    "slow-guardrails": [
        ("no-secrets", "output", 1, 2.0, 2.0, 2.0),
        ("privacy", "input", 5, 0.25, 0.25, 1.25),
        ("privacy", "output", 3, 0.25, 0.25, 0.75),
    ],
    "slowest-exchanges": [
        (
            "fallback",
            "0af7651916cd43dd8448eb211c80319c",
            "team-a",
            "openai",
            "gpt-4o",
            "ok",
            500.0,
            200.0,
            300.0,
        ),
        (
            "undecided",
            "0af7651916cd43dd8448eb211c80319c",
            "team-b",
            None,
            None,
            "blocked_input",
            125.0,
            0.0,
            125.0,
        ),
        (
            "blocked",
            "0af7651916cd43dd8448eb211c80319c",
            "team-b",
            "openai",
            "gpt-4o",
            "blocked_output",
            125.0,
            100.0,
            25.0,
        ),
        (
            "given again",
            "0af7651916cd43dd8448eb211c80319c",
            "team-a",
            "openai",
            "gpt-4o",
            "ok",
            125.0,
            0.0,
            125.0,
        ),
        ("rejected", "0af7651916cd43dd8448eb211c80319c", "team-b", None, None, "rejected", 125.0, 0.0, 125.0),
        ("paid", "0af7651916cd43dd8448eb211c80319c", "team-a", "openai", "gpt-4o", "ok", 125.0, 100.0, 25.0),
        (
            "left",
            "0af7651916cd43dd8448eb211c80319c",
            "team-a",
            "openai",
            "gpt-4o",
            "cancelled",
            125.0,
            100.0,
            25.0,
        ),
    ],
    "spend-by-caller": [
        ("team-a", 4, 36, 60, 0.75, 1),
        ("team-b", 3, 3, 5, 0.125, 2),
        ("team-c", 1, None, None, None, 1),
    ],
    "spend-by-day": [
        ("2026-11-24", 1, None, 0),
        ("2026-11-23", 1, 0.5, 0),
        ("2026-11-22", 6, 0.375, 1),
    ],
    "spend-by-model": [
        ("claude", "sonnet", 1, None, None, None),
        ("openai", "gpt-4o", 4, 39, 65, 0.875),
    ],
    "spent-for-nothing": [
        ("blocked_output", "team-b", 1, 0.125),
    ],
    "undecided-guardrails": [
        ("privacy", "input", "timeout", "enforce", 1, 1),
    ],
    "unguarded-callers": [
        ("team-a", 1, "2026-11-22T20:51:52.123456Z", "2026-11-22T20:51:52.123456Z"),
    ],
    "withheld-characters": [
        ("blocked_input", 1, 0, 0, 0),
        ("blocked_output", 1, 30, 20, 9),
        ("cancelled", 1, 12, 12, 12),
        ("ok", 3, 72, 72, 72),
        ("rejected", 1, 0, 0, 0),
    ],
    "would-have-blocked": [
        ("privacy", "input", "redact", "redact", 1),
    ],
}
"""Read by hand against `asked.py`; ids of exchanges by their names there."""
_ASKERS = {"auditor", "engineer", "finance"}
NAMED = {question.name: question for question in questions()}


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    fill(engine)
    return engine


def test_every_question_has_the_known_answer(filled: sa.Engine) -> None:
    answers = {name: _answer(filled, question) for name, question in NAMED.items()}
    assert {name: sorted(rows, key=str) for name, rows in answers.items()} == {
        name: sorted(rows, key=str) for name, rows in ANSWERS.items()
    }


def test_the_slowest_and_the_dearest_come_first(filled: sa.Engine) -> None:
    for name in ("slowest-exchanges", "dearest-exchanges"):
        assert _answer(filled, NAMED[name])[0] == ANSWERS[name][0]


def test_each_says_what_it_answers_and_who_asks() -> None:
    assert len(NAMED) >= 20
    for name, question in NAMED.items():
        assert question.says.endswith((".", "?")), name
        asked_by = re.search(r"^-- Asked by: (\w+)\.$", question.sql, flags=re.MULTILINE)
        assert asked_by is not None, name
        assert asked_by[1] in _ASKERS, name
    assert {path.stem for path in FOLDER.iterdir()} == set(NAMED)


def _answer(engine: sa.Engine, question: Question) -> list[tuple[Any, ...]]:
    rows = select(engine, question.sql)
    return [tuple(NAMES.get(str(value), value) for value in row.values()) for row in rows]

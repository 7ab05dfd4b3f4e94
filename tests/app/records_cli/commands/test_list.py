import json

import pytest

from tests.app.records_cli.conftest import FAILED, OK, Run


def test_exchanges_are_listed_newest_first(records: Run) -> None:
    status, said, _ = records("list")
    head, first, second = said.splitlines()
    assert (status, head.split()[:2]) == (0, ["started", "(UTC)"])
    assert FAILED.id in first
    assert "upstream_error" in first
    assert second.split()[2:4] == [OK.id, "team-a"]
    assert second.endswith("0.000012  input:privacy=redact feedback +4")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--oldest-first"], [OK, FAILED]),
        (["--limit", "1"], [FAILED]),
        (["--limit", "0"], [FAILED, OK]),
        (["--caller", "team-b"], [FAILED]),
        (["--caller", "team-b", "--caller", "team-a", "--outcome", "ok"], [OK]),
        (["--since", "2026-11-22T20:52Z"], [FAILED]),
        (["--until", "2026-11-22T20:52Z", "--guardrail", "privacy", "--decision", "redact"], [OK]),
        (["--subject", "anna"], [OK]),
        (["--trace", "1" * 32], [FAILED]),
        (["--error", "half"], [FAILED]),
        (["--provider", "openai", "--model", "gpt-4o", "--since", "2026-11-22"], [FAILED, OK]),
    ],
)
def test_filters_and_json(records: Run, arguments: list[str], found: list[object]) -> None:
    status, said, _ = records("list", "--json", *arguments)
    rows = [json.loads(line) for line in said.splitlines()]
    assert (status, [row["id"] for row in rows]) == (0, [one.id for one in found])  # type: ignore[attr-defined]  # exchanges


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--since", "soon"], "'soon' is no moment"), (["--outcome", "fine"], "outcome 'fine' is none of ok")],
)
def test_what_cannot_be_asked_is_said(records: Run, arguments: list[str], said: str) -> None:
    status, out, err = records("list", *arguments)
    assert (status, out) == (1, "")
    assert err.startswith(f"handrail: {said}")

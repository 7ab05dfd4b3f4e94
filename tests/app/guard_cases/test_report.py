"""The report says what came out otherwise than labelled, and never a text."""

from typing import Any

import pytest

from app.guard_cases.cases import Case, Cases
from app.guard_cases.report import Round, document, is_otherwise, table
from app.guard_cases.trial import Result

CASES = Cases(
    "cases.yaml",
    (
        Case(text="planted 4111", expect=("pii.card",)),
        Case(text="planted", expect=("pii",)),
        Case(text="clean"),
        Case(text="broken"),
    ),
    (2, 4, 5, 6),
)


def result(*found: str, failed: tuple[str, ...] = ()) -> Result:
    return Result(frozenset(found), failed, ())


RIGHT = (
    (0, result("pii", "pii.card")),
    (1, result("pii", "pii.email", "pii.phone")),
    (2, result()),
)
WRONG = (
    (0, result("pii", "pii.phone")),
    (1, result()),
    (2, result("secrets", "secrets.jwt")),
    (3, result(failed=("privacy (timeout)",))),
)


def test_a_way_that_no_case_can_be_put_is_said_in_one_line() -> None:
    assert list(table(CASES, [Round("split", ())]))[:2] == [
        "split: none of the cases can be put this way",
        "",
    ]


def test_all_is_as_labelled() -> None:
    lines = list(table(CASES, [Round("as written", RIGHT)]))
    assert lines[-1] == "All as labelled."
    assert lines[0] == "as written: 3 cases"
    assert lines[2].split() == ["pii", "2", "1.00", "(0.34", "to", "1.00)", "1.00", "(0.34", "to", "1.00)"]


def test_any_rule_of_a_check_that_is_expected_as_a_whole_will_do() -> None:
    assert not is_otherwise(CASES.cases[1], result("pii", "pii.email"))
    assert not any("email" in line for line in table(CASES, [Round("as written", RIGHT)]))


def test_what_came_out_otherwise_is_named_by_line_and_never_quoted() -> None:
    lines = list(table(CASES, [Round("as written", WRONG)]))
    assert lines[-5:] == [
        "Not as labelled:",
        "  cases.yaml:2 (as written): missed pii.card; found pii.phone",
        "  cases.yaml:4 (as written): missed pii",
        "  cases.yaml:5 (as written): found secrets.jwt",
        "  cases.yaml:6 (as written): failed privacy (timeout)",
    ]
    assert "planted" not in "\n".join(lines)


def test_a_document_says_the_same() -> None:
    said: Any = document(CASES, [Round("as written", WRONG)])
    (one,) = said["rounds"]
    assert one["checks"]["pii"]["right"] == 1
    assert one["checks"]["pii"]["missed"] == 1
    assert one["checks"]["secrets"]["precision"]["value"] == 0
    assert one["checks"]["secrets"]["recall"] is None
    assert one["otherwise"][0] == {"line": 2, "missed": ["pii.card"], "false": ["pii.phone"], "failed": []}


@pytest.mark.parametrize(("place", "otherwise"), [(0, False), (1, False), (2, False)])
def test_a_case_as_labelled_is_not_otherwise(place: int, otherwise: bool) -> None:
    assert is_otherwise(CASES.cases[place], RIGHT[place][1]) is otherwise

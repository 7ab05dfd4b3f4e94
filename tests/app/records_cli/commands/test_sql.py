import json

import pytest

from app.records.questions import questions
from tests.app.records_cli.conftest import Run

SQL = "SELECT caller, status_code FROM exchanges ORDER BY caller"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ([], "caller  status_code\nteam-a  200\nteam-b  502\n"),
        (["--csv"], "caller,status_code\r\nteam-a,200\r\nteam-b,502\r\n"),
        (["--json"], '{"caller":"team-a","status_code":200}\n{"caller":"team-b","status_code":502}\n'),
    ],
)
def test_sql_is_answered(records: Run, arguments: list[str], shown: str) -> None:
    assert records("sql", SQL, *arguments) == (0, shown, "")


def test_what_cannot_be_asked_is_said(records: Run) -> None:
    assert records("sql", "DELETE FROM exchanges") == (1, "", "handrail: only a SELECT can be asked\n")
    assert records("sql", "no-such-question")[2].startswith("handrail: no question is named no-such-question")
    assert records("list", "--json")[1].count("\n") == 2


def test_no_cell_of_csv_is_a_formula(records: Run) -> None:
    said = "SELECT '=1+1' AS \"=name\", 'a' AS b, NULL AS c, -2 AS d"
    assert records("sql", said, "--csv") == (0, "'=name,b,c,d\r\n'=1+1,a,,-2\r\n", "")


def test_questions_are_listed_as_json_too(records: Run) -> None:
    lines = [json.loads(line) for line in records("sql", "--json")[1].splitlines()]
    assert {
        "name": "spend-by-day",
        "answers": next(q.says for q in questions() if q.name == "spend-by-day"),
    } in lines
    assert len(lines) == len(questions())
    assert records("sql", "--csv")[1].startswith("name,answers\r\n")


def test_without_a_question_those_with_names_are_listed(records: Run) -> None:
    status, said, _ = records("sql")
    assert (status, said.splitlines()[0].split()) == (0, ["name", "answers"])

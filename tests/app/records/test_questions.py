from pathlib import Path

import pytest
import sqlalchemy as sa

from app.records.questions import asked, questions, sql_of
from app.records.reading import Reading, UnreadableRecord
from tests.databases import ids
from tests.exchanges import exchange
from tests.recorded import put, reading

__all__ = ["reading"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM exchanges",
        "SELECT 1; DELETE FROM exchanges",
        "SELECT 1; COMMIT; SET default_transaction_read_only = off; DELETE FROM exchanges",
        "WITH gone AS (DELETE FROM exchanges RETURNING id) SELECT * FROM gone",
        "CREATE TABLE mine (id integer)",
        "SET default_transaction_read_only = off",
        "VACUUM INTO 'copy.db'",
        "ATTACH 'other.db' AS other",
        "PRAGMA writable_schema = ON",
        "SELEC 1",
        "",
    ],
)
def test_nothing_but_a_select_is_done(reading: Reading, engine: sa.Engine, sql: str) -> None:
    put(engine, exchange())
    with pytest.raises(UnreadableRecord), asked(reading, sql) as answer:
        assert ("never",) in [*answer.rows]
    assert len(ids(engine)) == 1
    with asked(reading, "SELECT count(*) AS n FROM exchanges WHERE path LIKE '%chat%';") as answer:
        assert (answer.columns, [*answer.rows]) == (("n",), [(1,)])


def test_more_rows_than_are_fetched_at_once_all_come(reading: Reading) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT i FROM n"
    with asked(reading, sql) as answer:
        assert [*answer.rows] == [(i,) for i in range(1, 1201)]


def test_questions_have_names_and_say_what_they_answer(tmp_path: Path) -> None:
    (tmp_path / "spend.sql").write_text("-- What was spent.\nSELECT 1;\n")
    (question,) = questions(tmp_path)
    assert (question.name, question.says) == ("spend", "What was spent.")
    assert sql_of("spend", tmp_path) == question.sql
    assert sql_of("SELECT 1", tmp_path) == "SELECT 1"
    with pytest.raises(UnreadableRecord, match="no question is named spent"):
        sql_of("spent", tmp_path)

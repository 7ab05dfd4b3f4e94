import contextlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.domain.errors import InvalidRequest, NotOnRecord, Overloaded, RecordsBusy
from app.records.desk import RecordDesk
from app.records.filters import Filter
from tests.exchanges import exchange
from tests.recorded import put


@pytest.fixture
def desk(database_url: str, engine: sa.Engine) -> Iterator[RecordDesk]:
    put(engine, *(exchange() for _ in range(3)))
    desk = RecordDesk(database_url, questions=1)
    yield desk
    desk.close()


def test_it_answers(desk: RecordDesk) -> None:
    page = desk.page(Filter(), 2, None, newest_first=True)
    assert (len(page.exchanges), page.next_cursor is not None) == (2, True)
    (one,) = desk.named(page.exchanges[0]["id"])
    assert one.exchange["id"] == page.exchanges[0]["id"]
    with pytest.raises(NotOnRecord):
        desk.named("f" * 32)
    with pytest.raises(InvalidRequest, match="limit must be"):
        desk.page(Filter(), 0, None, newest_first=True)


def test_one_export_at_a_time_and_its_place_is_given_back(desk: RecordDesk) -> None:
    first = desk.export(Filter(), "csv")
    assert next(first).startswith(b"id,")
    with pytest.raises(RecordsBusy, match="Others read") as caught:
        next(desk.export(Filter(), "jsonl"))
    assert caught.value.code == "records_busy"
    first.close()  # type: ignore[attr-defined]  # a generator
    assert b"".join(desk.export(Filter(), "jsonl")).count(b'"table":"exchanges"') == 3


def test_a_question_that_has_a_name_is_answered(desk: RecordDesk) -> None:
    answered = desk.answer("spend-by-caller")
    assert [row[answered.columns.index("exchanges")] for row in answered.rows] == [3]
    for no_name in ("spent", "SELECT 1", ""):
        with pytest.raises(NotOnRecord) as caught:
            desk.answer(no_name)
        assert caught.value.code == "question_not_found"


def test_few_follow_at_a_time_and_their_places_are_given_back(desk: RecordDesk) -> None:
    places = [desk.tailing(Filter(), None) for _ in range(5)]
    with contextlib.ExitStack() as stack:
        for place in places[:4]:
            stack.enter_context(place)
        with pytest.raises(RecordsBusy), places[4]:
            pass
    with desk.tailing(Filter(), None) as tail:
        assert tail.new() == []


def test_more_questions_than_there_are_places_are_told_to_come_again(desk: RecordDesk) -> None:
    assert desk._questions.acquire(blocking=False)
    with pytest.raises(RecordsBusy, match="Others read"):
        desk.named("ffff")
    desk._questions.release()
    with pytest.raises(NotOnRecord):
        desk.named("ffff")


def test_what_the_database_says_is_not_told(desk: RecordDesk, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE inserted_logs"))
        connection.execute(sa.text("ALTER TABLE verdicts RENAME TO hidden"))
    with pytest.raises(Overloaded) as caught:
        desk.page(Filter(), 1, None, newest_first=True)
    assert caught.value.code == "records_unavailable"
    assert "verdicts" not in str(caught.value)

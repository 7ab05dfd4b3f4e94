from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.records.cursors import Place, cursor_behind
from app.records.filters import BadQuestion, Filter
from app.records.following import Following, Tail
from app.records.reading import Reading
from app.records.values import moment
from tests.exchanges import MS, STARTED_NS, exchange
from tests.recorded import put, reading

__all__ = ["reading"]
NOW = datetime.fromtimestamp(STARTED_NS // 10**9, UTC)


def ended(second: int, *, began: int | None = None, **changes: object) -> object:
    end_ns = STARTED_NS + second * 1000 * MS
    began_ns = end_ns - 100 * MS if began is None else STARTED_NS + began * 1000 * MS
    return exchange(started_ns=began_ns, ended_ns=end_ns, attempts=(), verdicts=(), **changes)


def test_exchanges_are_shown_once_as_they_end_however_late_they_are_written(
    reading: Reading, engine: sa.Engine
) -> None:
    def put_all(*exchanges: object) -> list[str]:
        put(engine, *exchanges)  # type: ignore[arg-type]  # made by `ended`
        return [one.id for one in exchanges]  # type: ignore[attr-defined]  # as above

    def new(second: int) -> list[str]:
        return [row["id"] for row in following.new(NOW + timedelta(seconds=second))]

    put_all(ended(-5))
    following = Following(reading, Filter(), NOW)
    assert new(0) == []
    first = put_all(ended(2), ended(1))
    assert new(3) == first[::-1]
    assert new(4) == []
    late = put_all(ended(2), ended(40, began=-1800))
    assert new(41) == late
    assert new(99) == []
    assert new(200) == []
    assert following._shown == {}


def test_only_what_is_asked_for_is_shown(reading: Reading, engine: sa.Engine) -> None:
    put(engine, ended(1, caller="a"), ended(2, caller="b"))  # type: ignore[arg-type]  # made by `ended`
    following = Following(reading, Filter(caller=("b",)), NOW)
    assert [row["caller"] for row in following.new(NOW + timedelta(seconds=3))] == ["b"]


def test_what_was_missed_comes_first_and_each_once(
    reading: Reading, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.records.following._MOST", 2)
    ends = [ended(second) for second in (1, 2, 2, 3, 4, 5)]
    put(engine, *ends)  # type: ignore[arg-type]  # made by `ended`
    order = sorted((one.ended_ns, one.id) for one in ends)  # type: ignore[attr-defined]  # as above
    seen = Place(moment(order[1][0]), order[1][1])
    following = Following(reading, Filter(), datetime.fromisoformat(seen.started_at), seen)
    found = [[row["id"] for row in following.new(NOW + timedelta(seconds=6))] for _ in range(4)]
    assert [one for some in found for one in some] == [id_ for _, id_ in order[2:]]
    late = ended(4)
    put(engine, late)  # type: ignore[arg-type]  # as above
    assert [row["id"] for row in following.new(NOW + timedelta(seconds=7))] == [late.id]  # type: ignore[attr-defined]  # as above


def test_a_tail_goes_on_behind_its_cursor(reading: Reading, engine: sa.Engine) -> None:
    now_ns = int(datetime.now(UTC).timestamp()) * 10**9
    ids = []
    for i in range(3):
        one = exchange(started_ns=now_ns - 7200 * 10**9, ended_ns=now_ns - (7000 - i) * 10**9, verdicts=())
        put(engine, one)
        ids.append(one.id)
    asked = Filter(since=(datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    first = Tail(reading, asked, None).new()
    assert {row["id"] for _, row in first} == {*ids}
    again = Tail(reading, Filter(), first[0][0]).new()
    assert again == first[1:]
    assert Tail(reading, Filter(), first[2][0]).new() == []


def test_a_cursor_that_cannot_be_gone_on_from_is_said_to_be_so(reading: Reading) -> None:
    id_ = "01a22e75-b2b2-7225-88fd-8755ae5578e0"
    old = Place("2020-01-01T00:00:00.000000Z", id_)
    new = Place(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), id_)
    for cursor in ("x", cursor_behind(old, Filter(), newest_first=False)):
        with pytest.raises(BadQuestion, match=r"cursor is") as caught:
            Tail(reading, Filter(), cursor)
        assert caught.value.name == "cursor"
    with pytest.raises(BadQuestion, match="since is more than a day ago"):
        Tail(reading, Filter(since="2020-01-01T00:00:00.000000Z"), None)
    with pytest.raises(BadQuestion, match="belongs to another"):
        Tail(reading, Filter(caller=("a",)), cursor_behind(new, Filter(), newest_first=False))

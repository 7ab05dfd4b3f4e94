from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.records.filters import Filter
from app.records.following import Following
from app.records.reading import Reading
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

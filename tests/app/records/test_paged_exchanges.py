"""Pages give whole exchanges, each once, as one stream of them would."""

import pytest
import sqlalchemy as sa

from app.records.filters import Filter
from app.records.paged_exchanges import paged_exchanges
from app.records.reading import Reading
from app.records.whole_exchanges import whole_exchanges
from tests.app.records.test_whole_exchanges import any_exchange
from tests.recorded import put, reading

__all__ = ["reading"]


@pytest.mark.parametrize("asked", [Filter(), Filter(caller=("caller-1",))], ids=["all", "some"])
def test_pages_give_what_one_stream_does_newest_first(
    reading: Reading, engine: sa.Engine, asked: Filter
) -> None:
    put(engine, *map(any_exchange, range(23)))
    with reading.connect() as connection:
        streamed = {one.exchange["id"]: one for one in whole_exchanges(connection, asked)}
    pages = [*paged_exchanges(reading, asked, at_once=5)]
    assert {len(page) for page in pages[:-1]} == {5}
    paged = [one for page in pages for one in page]
    assert {one.exchange["id"]: one for one in paged} == streamed
    assert len(paged) == len(streamed)
    moments = [one.exchange["started_at"] for one in paged]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize(("most", "sizes"), [(7, [5, 2]), (5, [5]), (0, []), (99, [5, 5, 2])])
def test_no_more_than_so_many_are_read(
    reading: Reading, engine: sa.Engine, most: int, sizes: list[int]
) -> None:
    put(engine, *map(any_exchange, range(12)))
    assert [len(page) for page in paged_exchanges(reading, Filter(), most=most, at_once=5)] == sizes


def test_a_record_without_exchanges_has_no_page(reading: Reading) -> None:
    assert [*paged_exchanges(reading, Filter())] == []

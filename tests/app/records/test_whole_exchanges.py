import random
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.ids import uuid7
from app.records.filters import Filter
from app.records.queries import places_of, whole
from app.records.reading import Reading
from app.records.whole_exchanges import CHILDREN, whole_exchanges
from guardrails import Side
from tests.exchanges import MS, STARTED_NS, attempt, exchange, finding, verdict
from tests.recorded import put, reading

__all__ = ["reading"]
RANDOM = random.Random(7)


def any_exchange(number: int) -> Any:
    """Return one with some rows in each table, or with none."""
    verdicts = tuple(
        verdict(Side.INPUT, *(finding("messages[0].content", i, i + 1) for i in range(RANDOM.randrange(3))))
        for _ in range(RANDOM.randrange(3))
    )
    return exchange(
        id=uuid7(RANDOM.getrandbits),
        started_ns=STARTED_NS + number * 500 * MS,
        caller=f"caller-{number % 3}",
        attempts=tuple(attempt(i) for i in range(1, RANDOM.randrange(1, 4))),
        verdicts=verdicts,
        request=RANDOM.choice((None, {"model": "m"})),
        response=RANDOM.choice((None, {"id": "1"})),
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"caller": ("caller-1",)},
        {"since": "2026-11-22T20:51:57.000000Z"},
        {"until": "2026-11-22T20:52:00.000000Z", "decision": ("redact",)},
    ],
)
def test_streams_give_what_asking_one_by_one_does(
    reading: Reading, engine: sa.Engine, asked: dict[str, Any]
) -> None:
    put(engine, *map(any_exchange, range(40)))
    with reading.connect() as connection:
        streamed = [*whole_exchanges(connection, Filter(**asked))]
        assert 0 < len(streamed) <= 40
        assert [one.exchange["id"] for one in streamed] == sorted(one.exchange["id"] for one in streamed)
        for one in streamed:
            (place,) = places_of(connection, one.exchange["id"])
            alone = whole(connection, place)
            assert alone is not None
            assert one.exchange == alone.exchange
            for table in CHILDREN:
                assert one.children[table.name] == [*getattr(alone, table.name)]
    assert (asked == {}) == (len(streamed) == 40)

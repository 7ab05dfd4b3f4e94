import contextlib

import pytest

from app.records import migrate
from app.records.engine import open_engine
from app.records.filters import Filter
from app.records.protection import Protection
from app.records.reading import Reading
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison
from app.replaying.recorded import Recorded
from tests.databases import sqlite_url
from tests.exchanges import MS, STARTED_NS, exchange, request
from tests.guardrails.planted import Word, policy
from tests.recorded import put

__all__ = ["sqlite_url"]


class Enough(Exception):
    """The test has seen enough."""


@pytest.mark.parametrize("at_once", [1, 8])
async def test_exchanges_are_put_to_the_candidate_until_somebody_says_so(
    sqlite_url: str, at_once: int
) -> None:
    migrate.upgrade(sqlite_url)
    engine = open_engine(sqlite_url)
    put(engine, *(exchange(request=request("a@b"), started_ns=STARTED_NS + i * MS) for i in range(3)))
    engine.dispose()
    candidate, told = Candidate([policy(Word("email", r"[a-z]+@[a-z]+"), name="strict")], {}), []

    def stop(done: int) -> None:
        told.append(done)
        raise Enough

    with contextlib.closing(Reading(sqlite_url)) as reading:
        recorded, done = Recorded(reading, Filter(), Protection(), most=2), Comparison(0)
        assert recorded.total() == 2
        await recorded.compare(candidate, str, done, told.append, at_once=at_once)
        assert (done.exchanges, told[-1]) == (2, 2)
        told.clear()
        with pytest.raises(Enough):
            await recorded.compare(candidate, str, Comparison(0), stop)
        assert told == [1]

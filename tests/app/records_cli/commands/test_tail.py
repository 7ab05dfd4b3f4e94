from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.records.filters import Filter
from app.records.following import Following
from app.records.plain_rows import PlainRow
from app.records.reading import Reading
from app.records_cli.commands.tail import _Lines, follow
from tests.exchanges import MS, exchange
from tests.recorded import put


class Enough(Exception):
    """The test has seen enough."""


def just_now() -> int:
    return int(datetime.now(UTC).timestamp()) * 10**9


def test_new_exchanges_are_shown_once(
    reading: Reading, engine: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    following = Following(reading, Filter(), datetime.now(UTC) - timedelta(minutes=1))
    written: list[str] = []

    def sleep(_: float) -> None:
        if len(written) == 2:
            raise Enough
        one = exchange(started_ns=just_now() - 500 * MS, ended_ns=just_now(), verdicts=())
        put(engine, one)
        written.append(one.id)

    with pytest.raises(Enough):
        follow(following, _Lines().show, 0.0, sleep)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("started (UTC)")
    assert [line.split()[2] for line in lines] == written


def test_a_record_that_is_away_for_a_moment_is_said_once(
    reading: Reading, engine: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    following = Following(reading, Filter(), datetime.now(UTC) - timedelta(minutes=1))
    put(engine, exchange(started_ns=just_now() - 500 * MS, ended_ns=just_now(), verdicts=()))
    shown: list[PlainRow] = []
    steps = iter(("DROP TABLE feedback", None, None))

    def sleep(_: float) -> None:
        step = next(steps, "end")
        if step == "end":
            raise Enough
        if step:
            with engine.begin() as connection:
                connection.execute(sa.text("ALTER TABLE exchanges RENAME TO away"))

    with pytest.raises(Enough):
        follow(following, shown.extend, 0.0, sleep)
    assert len(shown) == 1
    assert capsys.readouterr().err.count("trying again") == 1

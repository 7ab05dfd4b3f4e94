import pytest
import sqlalchemy as sa

from app.records.chain import Head, head_of
from app.records.checkpoints import Checkpoints
from app.records.inserts import Inserts
from app.records.opening import open_chain
from app.records.protection import Protection
from app.records.rows import Capture, rows_of
from app.records.signing_key import is_signed, passing_signer
from tests.databases import select
from tests.exchanges import exchange
from tests.fakes import FakeLog

SIGNER = passing_signer()


class Chained:
    """A chain, what signs it, and a clock that a test sets."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.log = FakeLog()
        self.chain = open_chain(engine, "service")
        self.checkpoints = Checkpoints(engine, SIGNER, lambda: self.chain.head, self.log)
        self.begun_s = self.checkpoints._signed_at_s

    def write(self) -> None:
        rows = self.chain.seal([Protection().protect(rows_of(exchange(), Capture("none", str)))])
        Inserts(self.engine).write(rows)
        self.chain.advance(rows)

    def look(self, after_s: float) -> None:
        self.checkpoints.look(self.begun_s + after_s)

    def signed(self) -> list[object]:
        rows = select(self.engine, "SELECT * FROM checkpoints ORDER BY sequence")
        previous: object = 0
        for row in rows:
            assert is_signed(SIGNER.public_key, row)
            assert row["previous_sequence"] == previous
            previous = row["sequence"]
        return [row["sequence"] for row in rows]


@pytest.fixture
def chained(engine: sa.Engine) -> Chained:
    return Chained(engine)


def test_the_head_is_signed_after_ten_seconds_with_new_entries(chained: Chained) -> None:
    chained.write()
    chained.write()
    chained.look(9)
    assert chained.signed() == []
    chained.look(10)
    chained.look(100)
    assert chained.signed() == [3]
    (line,) = chained.log.lines
    assert line[:2] == ("info", "record_checkpoint")
    assert line[2] == select(chained.engine, "SELECT * FROM checkpoints")[0]


def test_the_opening_of_an_idle_writer_is_signed_once(chained: Chained) -> None:
    chained.look(9)
    assert chained.signed() == []
    chained.look(10)
    chained.look(100)
    assert chained.signed() == [1]


def test_many_entries_are_signed_at_once(chained: Chained) -> None:
    chained.write()
    chained.chain.head = Head(chained.chain.head.writer, 1001, "ab" * 32, "")
    chained.look(0.1)
    assert [fields["sequence"] for _, _, fields in chained.log.lines] == [1001]


def test_a_checkpoint_waits_for_its_entry_and_its_line_does_not(chained: Chained) -> None:
    rows = chained.chain.seal([Protection().protect(rows_of(exchange(), Capture("none", str)))])
    chained.chain.advance(rows)
    chained.look(10)
    assert (len(chained.log.lines), chained.signed()) == (1, [])
    Inserts(chained.engine).write(rows)
    chained.look(10.1)
    assert chained.signed() == [2]
    chained.write()
    chained.look(30)
    assert chained.signed() == [2, 3]


def test_the_end_is_signed(chained: Chained) -> None:
    chained.checkpoints.start()
    chained.write()
    chained.checkpoints.stop()
    assert chained.signed() == [2]
    chained.checkpoints.stop()
    assert len(chained.log.lines) == 1


def test_a_database_that_is_away_is_written_later(chained: Chained) -> None:
    chained.write()
    with chained.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE checkpoints RENAME TO mislaid"))
    chained.look(10)
    with chained.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE mislaid RENAME TO checkpoints"))
    chained.look(10.1)
    assert chained.signed() == [2]
    assert head_of(select(chained.engine, "SELECT * FROM chain WHERE sequence = 2")[0]).sequence == 2

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.records.delivery import Delivery
from app.records.entry import Entry
from app.records.form import Kept
from app.records.inserts import Inserts
from app.records.journal import Journal
from app.records.keeping import Keeping
from app.records.shipping import Shipping
from tests.app.records.test_form import form
from tests.databases import ids
from tests.exchanges import exchange
from tests.fakes import FakeLog


class Answering(Shipping):
    """Says that everything was written, or that the database is away."""

    answers = True

    @property
    def is_away(self) -> bool:
        return not self.answers

    def write(self, entries: Sequence[Entry], *, again: bool = False) -> bool:
        return self.answers and not again and bool(entries)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path, "one")
    yield journal
    journal.close()


def test_what_the_database_takes_is_not_in_the_journal(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    shipping = Shipping(Delivery(Inserts(engine), log), journal, (), log)
    shipping.start()
    keeping = Keeping(form(log), journal, shipping, log, lambda: False)
    assert keeping.keep([Kept(exchange()), Kept(exchange())])
    assert (len(ids(engine)), journal.entries, shipping.shipped) == (2, 0, 0)
    shipping.stop(1)


def test_while_something_waits_all_else_waits_behind_it(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    shipping = Shipping(Delivery(Inserts(engine), log), journal, (), log)  # not started yet
    keeping = Keeping(form(log), journal, shipping, log, lambda: False)
    records = [exchange() for _ in range(6)]
    for record in records:
        assert keeping.keep([Kept(record)])
    assert [entry.id for entry in journal.oldest(10, 2**30)[1]] == [record.id for record in records]
    shipping.start()
    assert shipping.stop(5)
    assert ids(engine) == sorted(record.id for record in records)


def test_what_waits_is_not_overtaken_when_the_database_answers_again(
    engine: sa.Engine, journal: Journal, log: FakeLog
) -> None:
    shipping = Answering(Delivery(Inserts(engine), log), journal, (), log)
    keeping = Keeping(form(log), journal, shipping, log, lambda: False)
    first, second = exchange(), exchange()
    shipping.answers = False
    assert keeping.keep([Kept(first)])
    shipping.answers = True
    assert keeping.keep([Kept(second)])
    assert [entry.id for entry in journal.oldest(10, 2**30)[1]] == [first.id, second.id]
    assert keeping.keep([]), "nothing waits for nothing"


def test_it_gives_up_only_when_there_is_no_time_left(engine: sa.Engine, tmp_path: Path, log: FakeLog) -> None:
    closed = Journal(tmp_path, "closed")
    closed.close()
    asked = iter([False, False, True])
    shipping = Shipping(Delivery(Inserts(engine), log), closed, (), log, patience_s=0.01)
    keeping = Keeping(form(log), closed, shipping, log, lambda: next(asked))
    assert not keeping.keep([Kept(exchange())])
    assert keeping.is_stuck
    assert next(asked, None) is None
    assert [event for _, event, _ in log.lines].count("records_journal_failed") == 1

import contextlib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec
import pytest
import sqlalchemy as sa

from app.domain.exchange import ExchangeRecord, Outcome
from app.records import migrate
from app.records.delivery import Delivery
from app.records.engine import open_engine
from app.records.entry import Entry, bare_end, begun, ended
from app.records.inserts import Inserts
from app.records.rows import Capture
from guardrails import Coverage
from tests.cable import Cable, cable, rerouted
from tests.databases import ids, select
from tests.exchanges import attempt, exchange, request, response
from tests.fakes import FakeLog

AS_IT_WAS = Capture("full", str)
POISON: dict[str, Callable[[], ExchangeRecord]] = {
    "a provider's name is missing": lambda: exchange(attempts=(attempt(provider=None),)),
    "more released than screened": lambda: exchange(coverage=Coverage(released=1)),
    "no outcome we know": lambda: exchange(outcome="unheard of"),
    "no time at all": lambda: exchange(started_ns=None),
    "a port that is no number": lambda: exchange(attempts=(attempt(server_port=object()),)),
    "a status of 80 bits": lambda: exchange(status_code=2**80),
}


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


def delivery(engine: sa.Engine, log: FakeLog) -> Delivery:
    return Delivery(Inserts(engine), log)


def of_the_database(log: FakeLog) -> list[str]:
    of_the_chain = {"record_checkpoint", "record_signing_key_passing"}
    return [event for _, event, _ in log.lines if event not in of_the_chain]


def entries(*records: ExchangeRecord) -> list[Entry]:
    return [_entry(record) for record in records]


def _entry(record: ExchangeRecord) -> Entry:
    try:
        return ended(record, AS_IT_WAS, follows=False)
    except Exception as error:  # noqa: BLE001 (as the writer does)
        return bare_end(record, type(error).__name__, follows=False)


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_one_that_is_refused_gets_a_bare_row_and_does_not_keep_the_others(
    engine: sa.Engine, log: FakeLog, poison: Callable[[], ExchangeRecord]
) -> None:
    good, bad = [exchange() for _ in range(20)], poison()
    delivery(engine, log).deliver(entries(*good[:13], bad, *good[13:]))
    assert ids(engine) == sorted([*(record.id for record in good), bad.id])
    assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 40}]
    alone = select(engine, "SELECT id, trace_id FROM exchanges WHERE record_error IS NOT NULL")
    assert alone == [{"id": bad.id, "trace_id": bad.trace_id}]


def test_a_batch_of_nothing_but_poison_is_written_bare(engine: sa.Engine, log: FakeLog) -> None:
    poison = [exchange(status_code=2**80) for _ in range(9)]
    delivery(engine, log).deliver(entries(*poison))
    assert ids(engine) == sorted(record.id for record in poison)


def test_the_log_does_not_say_what_a_refused_exchange_held(engine: sa.Engine, log: FakeLog) -> None:
    delivery(engine, log).deliver(entries(exchange(model="canary-model", attempts=(attempt(provider=None),))))
    assert [event for _, event, _ in log.lines] == ["record_refused"]
    assert "canary" not in repr(log.lines)


def test_the_same_exchange_twice_is_on_record_once_and_in_the_log(engine: sa.Engine, log: FakeLog) -> None:
    record = exchange()
    delivery(engine, log).deliver(entries(record, exchange(), record))
    assert len(ids(engine)) == 2
    assert select(engine, "SELECT record_error FROM exchanges WHERE id = :id", id=record.id) == [
        {"record_error": None}
    ]
    assert of_the_database(log) == ["record_refused"]


def test_a_missing_table_is_no_fault_of_the_rows(engine: sa.Engine, log: FakeLog) -> None:
    _rename(engine, "payloads", "mislaid")
    with pytest.raises(sa.exc.DBAPIError):
        delivery(engine, log).deliver(entries(exchange()))
    _rename(engine, "mislaid", "payloads")
    assert (ids(engine), log.lines) == ([], [])


def test_a_locked_file_is_no_fault_of_the_rows(sqlite_url: str, log: FakeLog) -> None:
    migrate.upgrade(sqlite_url)
    engine, other = open_engine(sqlite_url, lock_timeout_s=0.05), open_engine(sqlite_url)
    with other.connect().execution_options(writes=True) as blocker:
        blocker.begin()
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            delivery(engine, log).deliver(entries(exchange()))
    assert (ids(engine), log.lines) == ([], [])
    engine.dispose()
    other.dispose()


@pytest.mark.parametrize("answered", [False, True], ids=["lost on its way", "done, but nobody heard"])
def test_a_commit_of_unknown_fate_is_neither_lost_nor_done_twice(
    postgresql_url: str, log: FakeLog, answered: bool
) -> None:
    migrate.upgrade(postgresql_url)
    with _through_a_cable(postgresql_url) as (line, engine):
        made = entries(*(exchange() for _ in range(30)))
        one = delivery(engine, log)
        one.deliver(entries(exchange()))
        line.cut_at(b"COMMIT", reaches_the_server=answered)
        with pytest.raises(sa.exc.OperationalError):
            one.deliver(made)
        line.mend()
        one.deliver(made, again=True)
        assert len(ids(engine)) == 31
        assert select(engine, "SELECT count(*) AS n FROM payloads") == [{"n": 62}]
    assert of_the_database(log) == []


def test_a_large_batch_is_written_in_transactions_of_bounded_size(engine: sa.Engine, log: FakeLog) -> None:
    begun: list[object] = []
    sa.event.listen(engine, "commit", begun.append)
    delivery(engine, log).deliver(entries(*(exchange(request=request("x" * 7_000_000)) for _ in range(6))))
    assert len(begun) == 2
    assert len(ids(engine)) == 6


@pytest.mark.parametrize("together", [True, False])
def test_an_end_takes_the_place_of_its_beginning(engine: sa.Engine, log: FakeLog, together: bool) -> None:
    record = exchange(request=request("after"))
    first = begun(msgspec.structs.replace(record, request=request("before")), AS_IT_WAS)
    last = ended(record, AS_IT_WAS, follows=True)
    one = delivery(engine, log)
    for lot in [[first, last]] if together else [[first], [last]]:
        one.deliver(lot)
    one.deliver([first], again=True)
    (row,) = select(engine, "SELECT outcome, status_code FROM exchanges")
    assert row == {"outcome": "ok", "status_code": 200}
    bodies = select(engine, "SELECT body FROM payloads ORDER BY kind")
    assert [("after" in str(body["body"])) for body in bodies] == [True, False]
    assert select(engine, "SELECT count(*) AS n FROM attempts") == [{"n": 1}]
    assert of_the_database(log) == []


def test_a_beginning_holds_what_is_known_then(engine: sa.Engine, log: FakeLog) -> None:
    record = exchange(request=request("question"), response=response("answer"))
    delivery(engine, log).deliver([begun(record, AS_IT_WAS)])
    (row,) = select(engine, "SELECT * FROM exchanges")
    assert (row["id"], row["caller"], row["requested_model"]) == (record.id, "team-a", "@openai/gpt-4o")
    assert {row[name] for name in ("outcome", "ended_at", "status_code", "provider", "chars_released")} == {
        None
    }
    assert [row["kind"] for row in select(engine, "SELECT kind FROM payloads")] == ["request"]
    for table in ("attempts", "verdicts", "findings"):
        assert select(engine, f"SELECT count(*) AS n FROM {table}") == [{"n": 0}]


def test_an_end_overrides_that_it_was_taken_for_interrupted_and_nothing_overrides_an_end(
    engine: sa.Engine, log: FakeLog
) -> None:
    record = exchange()
    one = delivery(engine, log)
    one.deliver([begun(record, AS_IT_WAS)])
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE exchanges SET outcome = 'interrupted'"))
    one.deliver([ended(record, AS_IT_WAS, follows=True)])
    assert select(engine, "SELECT outcome FROM exchanges") == [{"outcome": "ok"}]
    other = msgspec.structs.replace(record, outcome=Outcome.FAILED)
    one.deliver([ended(other, AS_IT_WAS, follows=True)])
    assert select(engine, "SELECT outcome FROM exchanges") == [{"outcome": "ok"}]


def _rename(engine: sa.Engine, old: str, new: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))


@contextlib.contextmanager
def _through_a_cable(url: str) -> Iterator[tuple[Cable, sa.Engine]]:
    parts = urlsplit(url)
    with cable(parts.hostname or "", parts.port or 5432) as line:
        engine = open_engine(rerouted(url, line.port))
        yield line, engine
        engine.dispose()

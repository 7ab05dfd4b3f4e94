import contextlib
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.exchange import ExchangeRecord
from app.records.entry import Entry, ended
from app.records.journal import Journal, JournalFailed, JournalHeld
from app.records.rows import Capture
from tests.exchanges import attempt, exchange, request

AS_IT_WAS = Capture("full", str)
_ALL = (10_000, 2**40)


def entry(record: ExchangeRecord | None = None) -> Entry:
    return ended(record or exchange(), AS_IT_WAS, follows=False)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journals", "one")
    yield journal
    if not journal.is_closed:
        journal.close()


def test_what_goes_in_comes_out_as_it_was_and_in_order(journal: Journal) -> None:
    entries = [
        entry(exchange(request=request(text))) for text in ("a", "Grüße 👩‍👩‍👧", "\0 \ud800", "x" * 100_000)
    ]
    journal.append(entries[:1])
    journal.append(entries[1:])
    assert journal.oldest(*_ALL)[1] == entries


def test_what_is_in_it_is_on_the_disk_when_that_is_said(journal: Journal) -> None:
    is_full = journal._connection.execute("PRAGMA synchronous").fetchone()
    assert is_full == (2,), "nothing but a loss of power would tell"


def test_entries_leave_in_the_order_they_came(journal: Journal) -> None:
    entries = [entry() for _ in range(10)]
    journal.append(entries)
    number, first = journal.oldest(4, 2**40)
    assert first == entries[:4]
    journal.remove(number)
    assert journal.oldest(*_ALL)[1] == entries[4:]
    assert journal.entries == 6


def test_what_is_read_at_once_is_bounded_in_bytes(journal: Journal) -> None:
    journal.append([entry(exchange(request=request("x" * 100_000))) for _ in range(10)])
    assert [len(journal.oldest(100, bound)[1]) for bound in (1, 150_000, 2**40)] == [1, 2, 10]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_it_always_knows_how_much_is_in_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"), "one")
    expected: list[Entry] = []
    for step in steps:
        if step < 3:
            new = [entry() for _ in range(step)]
            journal.append(new)
            expected += new
        else:
            number, taken = journal.oldest(step, 2**40)
            journal.remove(number)
            expected = expected[len(taken) :]
    assert journal.oldest(*_ALL)[1] == expected
    assert journal.entries == len(expected)
    assert (journal.bytes > 0) is (journal.oldest_ns is not None) is bool(expected)
    before = (journal.entries, journal.bytes, journal.oldest_ns)
    journal.close()
    again = Journal(journal.path.parent, "one")
    assert (again.entries, again.bytes, again.oldest_ns) == before
    again.close()


def test_an_empty_one_leaves_nothing_and_another_waits(tmp_path: Path) -> None:
    first, second = Journal(tmp_path, "first"), Journal(tmp_path, "second")
    second.append([entry()])
    first.close()
    second.close()
    assert {path.name for path in tmp_path.iterdir()} == {"second.journal", "second.lock"}


def test_nobody_else_has_it_while_its_process_lives(tmp_path: Path, journal: Journal) -> None:
    journal.append([entry()])
    with pytest.raises(JournalHeld):
        Journal(journal.path.parent, "one", adopts=True)
    journal.close()
    Journal(journal.path.parent, "one", adopts=True).close()
    with pytest.raises(JournalHeld):
        Journal(tmp_path / "journals", "shipped-by-somebody-else", adopts=True)


def test_only_its_owner_may_read_it(journal: Journal) -> None:
    journal.append([entry()])
    for path in journal.path.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


@contextlib.contextmanager
def _no_file_larger_than(size_bytes: int) -> Iterator[None]:
    earlier = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, earlier[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_refuses_all_of_a_batch_and_harms_nothing(journal: Journal) -> None:
    large = [entry(exchange(request=request("x" * 100_000))) for _ in range(10)]
    journal.append(large[:2])
    with _no_file_larger_than(500_000), pytest.raises(JournalFailed):
        journal.append(large)
    assert (journal.entries, journal.oldest(*_ALL)[1]) == (2, large[:2])
    journal.append(large)
    assert journal.oldest(*_ALL)[1] == [*large[:2], *large]


def test_a_full_disk_does_not_keep_entries_from_leaving(journal: Journal) -> None:
    large = [entry(exchange(request=request("x" * 100_000))) for _ in range(4)]
    journal.append(large)
    number, _ = journal.oldest(2, 2**40)
    with _no_file_larger_than(1):
        journal.remove(number)
        assert (journal.entries, journal.oldest(*_ALL)[1]) == (2, large[2:])
    number, _ = journal.oldest(*_ALL)
    journal.remove(number)
    assert (journal.entries, journal.bytes, journal.oldest_ns) == (0, 0, None)


def test_it_gives_its_room_back(journal: Journal) -> None:
    journal.append([entry(exchange(request=request("x" * 100_000))) for _ in range(20)])
    number, _ = journal.oldest(*_ALL)
    journal.remove(number)
    assert sum(path.stat().st_size for path in journal.path.parent.iterdir()) < 200_000


def test_it_takes_little_more_of_the_disk_than_its_entries(journal: Journal) -> None:
    few, sizes = [entry()] * 8, []

    def fill() -> None:
        while journal.bytes < 2**20:
            journal.append(few)
            sizes.append(sum(path.stat().st_size for path in journal.path.parent.iterdir()))

    fill()
    for _ in range(20):
        journal.remove(journal.oldest(20, 2**40)[0])
        fill()
    assert max(sizes) < 1.6 * journal.bytes + 2**20


def test_what_cannot_be_written_down_is_kept_bare(journal: Journal) -> None:
    record = exchange(attempts=(attempt(server_port=object()),))
    journal.append([entry(record)])
    ((one,),) = (journal.oldest(*_ALL)[1],)
    assert (one.id, one.is_bare, one.rows.exchanges[0]["record_error"]) == (record.id, True, "TypeError")


def test_what_is_no_journal_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "one.journal").write_text("a letter to grandmother, long enough to be no header of SQLite's")
    with pytest.raises(JournalFailed, match=r"one\.journal"):
        Journal(tmp_path, "one")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalFailed, match="file"):
        Journal(tmp_path / "file" / "folder", "one")


def test_what_was_appended_survives_a_kill_and_frees_the_lock(tmp_path: Path) -> None:
    made = [entry(), entry()]
    child = os.fork()
    if not child:
        journal = Journal(tmp_path, "dead")
        journal.append(made[:1])
        journal.append(made[1:])
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    journal = Journal(tmp_path, "dead", adopts=True)
    assert journal.oldest(*_ALL)[1] == made
    journal.close()


def test_anybody_can_look_into_it(journal: Journal) -> None:
    record = exchange()
    journal.append([entry(record)])
    with contextlib.closing(sqlite3.connect(f"file:{journal.path}?mode=ro", uri=True)) as other:
        assert other.execute("SELECT exchange_id, kind FROM entries").fetchall() == [(record.id, "ended")]

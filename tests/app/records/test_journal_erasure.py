from pathlib import Path

import pytest

from app.records.entry import begun, ended
from app.records.journal import Journal, JournalFailed
from app.records.journal_erasure import erase_waiting, find_waiting
from app.records.rows import Capture
from tests.exchanges import exchange, request

FULL = Capture("full", str)


def test_entries_of_ended_exchanges_are_found_and_emptied_while_the_journal_is_in_use(tmp_path: Path) -> None:
    one, other = (
        exchange(id=f"0193c0de-0000-7000-8000-00000000000{n}", request=request("words")) for n in (1, 2)
    )
    journal = Journal(tmp_path, "w")
    journal.append([begun(one, FULL), ended(one, FULL, follows=True), begun(other, FULL)])
    assert find_waiting(tmp_path, (), [other.id]) == []
    assert [row["id"] for row in find_waiting(tmp_path, (), [one.id, other.id])] == [one.id]
    erase_waiting(tmp_path, {one.id}, "2026-11-23T00:00:00.000000Z")
    number, entries = journal.oldest(9, 10**9)
    bodies = [[payload["body"] for payload in entry.rows.payloads] for entry in entries]
    assert bodies[:2] == [[None], [None, None]]
    assert "words" in str(bodies[2])
    journal.remove(number)
    assert (journal.entries, journal.bytes) == (0, 0)
    journal.close()


def test_a_journal_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.journal").write_bytes(b"no database" * 100)
    with pytest.raises(JournalFailed, match=r"x\.journal"):
        find_waiting(tmp_path, ("ada",))

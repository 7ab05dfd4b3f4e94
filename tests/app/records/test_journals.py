from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.records.journal import Journal
from app.records.journals import adopted_journals, journal_folder, place_of, waiting
from tests.app.records.test_journal import entry
from tests.fakes import FakeLog


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("sqlite:////data/handrail.db", "/data/handrail.db.journals"),
        ("sqlite:///handrail.db", "handrail.db.journals"),
        ("postgresql://user:word@host/database", "handrail-journal"),
        ("nonsense", "handrail-journal"),
    ],
)
def test_journals_are_beside_a_file_and_else_where_the_service_runs(url: str, folder: str) -> None:
    assert journal_folder(url) == Path(folder)


def test_what_the_dead_left_is_taken_over_once_and_what_the_living_hold_is_not(tmp_path: Path) -> None:
    log = FakeLog()
    left, empty, held = (Journal(tmp_path, name) for name in ("left", "empty", "held"))
    left.append([entry(), entry()])
    held.append([entry()])
    for journal in (left, empty):
        journal.close()
    (tmp_path / "broken.journal").write_bytes(b"nothing that anybody could read" * 100)
    adopted = adopted_journals(tmp_path, log)
    assert [(journal.name, journal.entries) for journal in adopted] == [("left", 2)]
    assert adopted_journals(tmp_path, FakeLog()) == []
    events = sorted(event for _, event, _ in log.lines)
    assert events == ["records_journal_adopted", "records_journal_unreadable"]
    entries, size_bytes, oldest_s = waiting([held, *adopted])
    assert (entries, size_bytes) == (3, held.bytes + adopted[0].bytes)
    assert oldest_s > 0
    for journal in (held, *adopted):
        journal.close()


def test_where_nothing_waits_nothing_is_old() -> None:
    assert waiting([]) == (0, 0, 0.0)


def test_a_folder_is_one_place_whoever_asks(tmp_path: Path) -> None:
    here = tmp_path / "here"
    with ThreadPoolExecutor(8) as pool:
        places = set(pool.map(lambda _: place_of(here), range(32)))
    assert len(places) == 1
    assert [path.name for path in here.iterdir()] == ["place"]
    assert place_of(tmp_path / "there") not in places

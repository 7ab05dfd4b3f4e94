import pytest

from app.domain.errors import JournalFull, Overloaded
from app.records.admission import Admission
from guardrails import Coverage
from tests.exchanges import exchange
from tests.fakes import FakeLog


def admission(*, log: FakeLog | None = None, most: int = 3, most_bytes: int = 10_000_000) -> Admission:
    return Admission(most, most_bytes, 1000, log or FakeLog())


def admits(
    door: Admission,
    *,
    is_open: bool = True,
    full_because: str | None = None,
    journal_bytes: int = 0,
    is_refused: bool = False,
) -> bool:
    try:
        door.admit(
            is_open=is_open, full_because=full_because, journal_bytes=journal_bytes, is_refused=is_refused
        )
    except Overloaded:
        return False
    return True


def test_what_is_under_way_and_what_is_in_memory_share_the_room() -> None:
    door = admission(most=3)
    assert [admits(door) for _ in range(4)] == [True, True, True, False]
    door.leave()
    size_bytes = door.take(exchange())
    assert not admits(door)
    door.kept(1, size_bytes)
    assert admits(door)
    assert (door.under_way, door.backlog, door.backlog_bytes, door.turned_away_total) == (3, 0, 0, 2)


def test_what_is_in_memory_is_bounded_in_bytes_too() -> None:
    door = admission(most=100, most_bytes=10_000_000)
    large = exchange(request_bytes=3_000_000, coverage=Coverage(2_000_000, 0, 0))
    door.take(large)
    assert admits(door)
    size_bytes = door.take(large)
    assert not admits(door)
    door.kept(1, size_bytes)
    assert admits(door)


def test_what_was_refused_leaves_half_of_the_room_to_others() -> None:
    door = admission(most=4, most_bytes=10_000_000)
    assert [admits(door, is_refused=True) for _ in range(3)] == [True, True, False]
    assert admits(door)
    assert not admits(admission(), journal_bytes=500, is_refused=True)
    assert admits(admission(), journal_bytes=500)
    door = admission(most=100, most_bytes=10_000_000)
    door.take(exchange(request_bytes=5_000_000))
    assert not admits(door, is_refused=True)
    assert admits(door)


def test_a_record_that_is_wrong_in_any_way_is_counted() -> None:
    door = admission()
    assert door.take(exchange(coverage=None)) == door.take(exchange(request_bytes=None)) > 0


def test_nothing_is_begun_while_nobody_writes() -> None:
    assert not admits(admission(), is_open=False)


@pytest.mark.parametrize(
    ("in_it", "is_stuck", "why"),
    [(999, False, None), (1000, False, "records.journal.max_bytes"), (0, True, "disk cannot be written")],
)
def test_a_journal_is_full_at_its_bound_or_when_its_disk_refuses(
    in_it: int, is_stuck: bool, why: str | None
) -> None:
    reason = admission().full_because(in_it, is_stuck=is_stuck)
    assert (reason is None) if why is None else (why in str(reason))


def test_a_full_journal_is_said_to_the_caller_with_the_way_out_and_to_the_log_once_each_way() -> None:
    log = FakeLog()
    door = admission(log=log)
    for _ in range(3):
        with pytest.raises(JournalFull, match=r"used up.*Bring the database back"):
            door.admit(is_open=True, full_because="1000 bytes are used up")
    error = JournalFull("...").body()["error"]
    assert (JournalFull.status, error["type"], error["code"]) == (503, "server_error", "records_journal_full")
    assert admits(door)
    assert admits(door)
    assert [event for _, event, _ in log.lines] == ["records_journal_full", "records_journal_takes_more"]
    assert door.turned_away_total == 3

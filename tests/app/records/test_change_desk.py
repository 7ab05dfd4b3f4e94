from pathlib import Path

import pytest

from app.domain.errors import InvalidRequest, Overloaded, RecordsBusy
from app.records.change_desk import ChangeDesk


def test_a_record_that_cannot_be_changed_is_said_without_saying_where(tmp_path: Path) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/none/r.db", tmp_path, None)
    with pytest.raises(Overloaded, match="cannot be changed") as caught:
        desk.erase("key auditor", "ada", None, dry_run=False)
    assert str(tmp_path) not in str(caught.value)
    assert not desk._place.locked()


def test_one_change_is_made_at_a_time(tmp_path: Path) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/r.db", tmp_path, None)
    with desk._place, pytest.raises(RecordsBusy, match="Others change"):
        desk.erase("key auditor", "ada", None, dry_run=False)


@pytest.mark.parametrize("days", [None, 0, 36_501])
def test_how_long_the_record_is_kept_must_be_said(tmp_path: Path, days: int | None) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/r.db", tmp_path, None)
    with pytest.raises(InvalidRequest) as caught:
        desk.retain("key auditor", days, dry_run=True)
    assert caught.value.param == "days"


def test_a_hold_that_has_no_id_cannot_be_released(tmp_path: Path) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/r.db", tmp_path, None)
    with pytest.raises(InvalidRequest, match="'x' is no id"):
        desk.release("key auditor", "x")


def test_holds_that_cannot_be_read_are_said_without_saying_where(tmp_path: Path) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/none/r.db", tmp_path, None)
    with pytest.raises(Overloaded) as caught:
        desk.holds()
    assert str(tmp_path) not in str(caught.value)

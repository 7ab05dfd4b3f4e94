from pathlib import Path

import pytest

from app.domain.errors import Overloaded
from app.records.change_desk import ChangeDesk


def test_a_record_that_cannot_be_changed_is_said_without_saying_where(tmp_path: Path) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/none/r.db", tmp_path, None)
    with pytest.raises(Overloaded, match="cannot be changed") as caught:
        desk.erase("key auditor", "ada", None, dry_run=False)
    assert str(tmp_path) not in str(caught.value)
    assert not desk._place.locked()


def test_one_change_is_made_at_a_time(tmp_path: Path) -> None:
    desk = ChangeDesk(f"sqlite:///{tmp_path}/r.db", tmp_path, None)
    with desk._place, pytest.raises(Overloaded, match="Others change"):
        desk.erase("key auditor", "ada", None, dry_run=False)

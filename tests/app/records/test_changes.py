import pytest
import sqlalchemy as sa

from app.records.changes import Changes
from app.records.verification import Asked, verify
from tests.databases import select


class _Stop(Exception):
    pass


def _stopped(changes: Changes) -> None:
    with changes.change() as change:
        change.note("held", {"n": 1})
        raise _Stop


def test_a_change_and_its_event_are_there_together_or_not_at_all(
    engine: sa.Engine, database_url: str
) -> None:
    changes = Changes(database_url, "cli ann")
    with pytest.raises(_Stop):
        _stopped(changes)
    with changes.change() as change:
        change.note("held", {"n": 2}, 3)
    changes.close()
    events = select(engine, "SELECT kind, actor, exchanges, detail FROM record_events ORDER BY id")
    assert [tuple(event.values()) for event in events[1:]] == [("held", "cli ann", 3, '{"n":2}')]
    assert verify(Asked(database_url), processes=1).flaws == []

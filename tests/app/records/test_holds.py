import sqlalchemy as sa

from app.records.changes import Changes
from app.records.holds import About, add_hold, holds, release_hold
from tests.databases import select


def test_a_hold_is_added_listed_and_released_once(engine: sa.Engine, database_url: str) -> None:
    changes = Changes(database_url, "cli ann")
    ids = add_hold(changes, About(subjects=("zoe", "f00")), "lawsuit", "ann")
    assert release_hold(changes, ids[0], "bob")
    assert not release_hold(changes, ids[0], "bob")
    with changes.looking() as connection:
        found: list[tuple[str, ...]] = [
            (one["subject"], one["created_by"], one["released_by"]) for one in holds(connection)
        ]
    changes.close()
    assert sorted(found) == [("f00", "ann", None), ("zoe", "ann", "bob")]
    events = select(engine, "SELECT kind, detail FROM record_events WHERE kind <> 'opened' ORDER BY kind")
    assert [event["kind"] for event in events] == ["held", "released"]
    assert "zoe" not in repr(events)

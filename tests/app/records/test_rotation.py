import json

import sqlalchemy as sa

from app.records.changes import Changes
from app.records.protection import Protection
from app.records.rotation import Rotated, rotate
from app.records.verification import Asked, verify
from tests.databases import select
from tests.proven_records import BODY_KEYS, ProvenRecord

KEYS = BODY_KEYS | {"k2": b"2" * 32}


def test_all_bodies_come_under_the_active_key_and_stay_proven(engine: sa.Engine, database_url: str) -> None:
    ProvenRecord(engine)
    changes = Changes(database_url, "cli ann")
    without = rotate(changes, Protection({"k2": KEYS["k2"]}, "k2"), "k2")
    assert without == Rotated(bodies=8, unreadable={"k1": 8})
    assert rotate(changes, Protection(KEYS, "k2"), "k2", most=3) == Rotated(bodies=8)
    assert rotate(changes, Protection(KEYS, "k2"), "k2") == Rotated()
    changes.close()
    assert select(engine, "SELECT DISTINCT key_id FROM payloads") == [{"key_id": "k2"}]
    events = select(engine, "SELECT actor, detail FROM record_events WHERE kind = 'key_rotated' ORDER BY id")
    assert {event["actor"] for event in events} == {"cli ann"}
    assert sum(json.loads(str(event["detail"]))["bodies"] for event in events) == 16
    done = verify(Asked(database_url, body_keys={"k2": KEYS["k2"]}), processes=1)
    assert (done.flaws, done.proven, done.sealed_bodies) == ([], 8, 0)

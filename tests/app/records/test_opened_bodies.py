import sqlalchemy as sa

from app.records.opened_bodies import opened
from app.records.protection import Protection
from app.records.queries import places_of, whole
from tests.proven_records import BODY_KEYS, ProvenRecord


def test_bodies_are_read_with_their_key_and_left_without(engine: sa.Engine) -> None:
    record = ProvenRecord(engine)
    with engine.connect() as connection:
        (place,) = places_of(connection, record.ids[5], most=1)
        found = whole(connection, place)
    assert found is not None
    assert opened(found, Protection()) == found
    assert "from ada" in opened(found, Protection(BODY_KEYS)).payloads[0]["body"]

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.errors import Overloaded, RecordsBusy
from app.records.verify_desk import VerifyDesk
from tests.proven_records import BODY_KEYS, ProvenRecord


@pytest.fixture
def record(engine: sa.Engine) -> ProvenRecord:
    return ProvenRecord(engine)


def test_one_verifies_at_a_time_and_its_place_is_given_back(record: ProvenRecord, database_url: str) -> None:
    desk = VerifyDesk(database_url, BODY_KEYS)
    asked: list[str] = []

    def is_wanted() -> bool:
        with pytest.raises(RecordsBusy, match="Others verify"):
            desk.verify(lambda: True)
        asked.append("again")
        return True

    done = desk.verify(is_wanted, public_keys=(record.signer.public_key,))
    assert (done["sound"], done["proven"], done["sealed_bodies"], done["key"]) == (True, 8, 0, "given")
    assert asked
    with pytest.raises(Overloaded, match="was ended"):
        desk.verify(lambda: False)
    assert desk.verify(lambda: True)["sound"]


def test_nobody_waits_for_who_verifies(record: ProvenRecord, database_url: str) -> None:
    begun, written = threading.Event(), threading.Event()

    def is_wanted() -> bool:
        begun.set()
        return written.wait(30)

    thread = threading.Thread(target=VerifyDesk(database_url, {}).verify, args=(is_wanted,))
    thread.start()
    assert begun.wait(30)
    record.run("UPDATE exchanges SET caller = caller")
    written.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_record_that_is_not_there_is_said_without_saying_where(tmp_path: Path) -> None:
    with pytest.raises(Overloaded) as caught:
        VerifyDesk(f"sqlite:///{tmp_path}/none/r.db", {}).verify(lambda: True)
    assert str(tmp_path) not in str(caught.value)

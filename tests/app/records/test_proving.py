import json

import sqlalchemy as sa

from app.records.engine import open_engine
from app.records.proving import Proving, signer_beside
from app.records.signing_key import passing_signer
from tests.databases import select
from tests.fakes import FakeLog


def test_a_chain_is_opened_with_the_key_that_signs_it_and_ended(engine: sa.Engine) -> None:
    signer = passing_signer()
    proving = Proving(engine, signer, FakeLog())
    (event,) = select(engine, "SELECT detail FROM record_events")
    assert json.loads(str(event["detail"]))["public_key"] == signer.public_key
    assert select(engine, "SELECT ended_at FROM writers") == [{"ended_at": None}]
    proving.stop()
    assert select(engine, "SELECT count(*) AS n FROM writers WHERE ended_at IS NOT NULL") == [{"n": 1}]


def test_without_a_configured_key_a_file_beside_the_database_has_one(sqlite_url: str) -> None:
    url, log = open_engine(sqlite_url).url, FakeLog()
    assert signer_beside(url, log).key_id == signer_beside(url, log).key_id
    assert log.lines == []


def test_on_postgresql_a_key_has_to_be_configured_to_outlive_the_process() -> None:
    url, log = sa.make_url("postgresql://nowhere/records"), FakeLog()
    assert signer_beside(url, log).key_id != signer_beside(url, log).key_id
    assert [event for _, event, _ in log.lines] == ["record_signing_key_passing"] * 2


def test_a_database_that_is_gone_at_the_end_is_as_after_a_crash(engine: sa.Engine) -> None:
    proving = Proving(engine, passing_signer(), FakeLog())
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE writers RENAME TO mislaid"))
    proving.stop()
    assert select(engine, "SELECT ended_at FROM mislaid") == [{"ended_at": None}]

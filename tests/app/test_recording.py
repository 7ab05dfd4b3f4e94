from pathlib import Path

import pytest

from app.record_settings import RecordsSettings
from app.recording import record_redactor, writer_for
from app.records.database import RecordsUnavailable
from app.records.engine import open_engine
from app.records.signing_key import kept_signer
from app.secret import Secret
from app.settings import Settings
from tests.databases import select
from tests.exchanges import exchange


def test_the_record_has_a_redactor_of_its_own() -> None:
    redacted = record_redactor().redact("alice@example.com, 4111 1111 1111 1111")
    assert redacted == "[EMAIL], [CARD]"


@pytest.mark.parametrize("text", ["nothing.pem", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"])
def test_a_signing_key_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    place = str(tmp_path / text) if text.endswith(".pem") else text
    settings = Settings(records=RecordsSettings(signing_key=Secret(place)))
    with pytest.raises(RecordsUnavailable, match=r"^records\.signing_key: "):
        writer_for(settings, record_redactor())


async def test_the_configured_key_signs_what_is_on_record(tmp_path: Path) -> None:
    mine = kept_signer(tmp_path / "mine.pem")
    url = f"sqlite:///{tmp_path / 'r.db'}"
    records = RecordsSettings(
        url=Secret(url),
        signing_key=Secret(str(tmp_path / "mine.pem")),
    )
    writer = writer_for(Settings(records=records), record_redactor())
    writer.start()
    writer.admit()
    writer.take(exchange())
    assert await writer.stop(5) == 0
    engine = open_engine(url)
    assert select(engine, "SELECT DISTINCT key_id FROM checkpoints") == [{"key_id": mine.key_id}]
    engine.dispose()

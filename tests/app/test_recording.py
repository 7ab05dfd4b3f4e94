from pathlib import Path

import msgspec
import pytest

from app.record_settings import JournalSettings, RecordsSettings
from app.recording import check_record, record_redactor, writer_for
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


@pytest.mark.parametrize("path", ["file", "file/journal"])
def test_a_check_finds_what_would_keep_the_service_from_starting_and_writes_nothing(
    tmp_path: Path, path: str
) -> None:
    (tmp_path / "file").touch()
    records = RecordsSettings(
        url=Secret(f"sqlite:///{tmp_path}/r.db"), journal=JournalSettings(path=str(tmp_path / path))
    )
    with pytest.raises(RecordsUnavailable, match=r"^records\.journal\.path: .*file is no folder$"):
        check_record(Settings(records=records))
    lost = msgspec.structs.replace(records, signing_key=Secret("nothing.pem"))
    with pytest.raises(RecordsUnavailable, match=r"^records\.signing_key: nothing\.pem cannot be read"):
        check_record(Settings(records=lost))
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_check_is_content_with_a_folder_that_can_be_made(tmp_path: Path) -> None:
    records = RecordsSettings(
        url=Secret(f"sqlite:///{tmp_path}/r.db"), journal=JournalSettings(path=str(tmp_path / "a" / "b"))
    )
    check_record(Settings(records=records))
    assert list(tmp_path.iterdir()) == []

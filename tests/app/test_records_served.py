from pathlib import Path

import httpx

from app.access.keys import Keyring, key_hash
from app.api.connection import Drain
from app.record_settings import RecordsSettings
from app.recording import record_redactor, writer_for
from app.records import migrate
from app.records_served import RecordsServed
from app.secret import Secret
from app.settings import KeySettings, Settings
from tests.fakes import FakeLog
from tests.gateways import Gateway, client_of

KEYS = {"auditor": KeySettings(hash=key_hash("hr-admin"), admin=True)}


async def test_all_that_is_served_knows_the_settings(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    migrate.upgrade(url)
    settings = Settings(records=RecordsSettings(url=Secret(url), retention_days=7))

    async def forget() -> None:
        """Have nothing to forget."""

    writer = writer_for(settings, record_redactor())
    served = RecordsServed(settings, writer, Keyring(KEYS), Drain(5), forget, FakeLog())
    async with client_of(Gateway(keys=KEYS, reports=served.routes).app) as client:
        client.headers["authorization"] = "Bearer hr-admin"
        answers: list[httpx.Response] = [
            await client.get("/v1/records"),
            await client.get("/v1/records/questions/holds"),
            await client.post("/v1/records/verify", json={}),
            await client.post("/v1/records/retain", json={}),
        ]
    served.close()
    assert [answer.status_code for answer in answers] == [200] * 4

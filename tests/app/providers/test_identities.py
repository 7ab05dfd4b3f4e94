import httpx
import pytest

from app.catalogue.row import Row
from app.providers.identities import authorization_of
from app.settings import ProviderSettings, Secret

REQUEST = httpx.Request("POST", "https://h/v1")
NOWHERE = httpx.MockTransport(lambda _: httpx.Response(500))


@pytest.mark.parametrize(
    ("row", "headers"),
    [
        (Row(), {"authorization": "Bearer k"}),
        (Row(auth_header="x-api-key", auth_prefix=""), {"x-api-key": "k"}),
    ],
)
async def test_a_key_is_sent_where_its_kind_wants_it(row: Row, headers: dict[str, str]) -> None:
    authorization = authorization_of(row, ProviderSettings(kind="x", api_key=Secret("k")), NOWHERE)
    assert await authorization.headers(REQUEST, 1.0) == headers
    assert authorization.secrets() == ("k",)


async def test_without_a_key_nothing_is_sent() -> None:
    authorization = authorization_of(Row(), ProviderSettings(kind="x"), NOWHERE)
    assert await authorization.headers(REQUEST, 1.0) == {}
    assert authorization.secrets() == ()

import httpx
import pytest

from app.providers.authorization import Authorization, HeaderKey

REQUEST = httpx.Request("POST", "https://a.example/x")


@pytest.mark.parametrize(
    ("key", "headers", "secrets"),
    [
        (HeaderKey("k1"), {"authorization": "Bearer k1"}, ("k1",)),
        (HeaderKey("k1", name="x-api-key", prefix=""), {"x-api-key": "k1"}, ("k1",)),
        (HeaderKey(None, name="x-api-key"), {}, ()),
    ],
)
async def test_a_key_is_sent_as_it_is(
    key: Authorization, headers: dict[str, str], secrets: tuple[str, ...]
) -> None:
    assert await key.headers(REQUEST, 0.0) == headers
    assert key.secrets() == secrets
    assert REQUEST.headers.get("authorization") is None


def test_a_key_is_not_shown() -> None:
    assert "k1-secret" not in repr(HeaderKey("k1-secret"))

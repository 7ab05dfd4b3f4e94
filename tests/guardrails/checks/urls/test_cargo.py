"""URLs that carry words away, and those that only have a query."""

import base64

import pytest

from guardrails.checks.urls.address import address
from guardrails.checks.urls.cargo import carries_data

SECRET = b"the password is hunter2"
HOST = "https://evil.example"


def _carries(url: str, *, loads: bool) -> bool:
    at = address(url)
    assert at is not None
    return carries_data(at, loads=loads, max_value_chars=100)


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/?q={base64.b64encode(SECRET).decode()}",
        f"{HOST}/?q={base64.urlsafe_b64encode(SECRET).decode().rstrip('=')}&x=1",
        f"{HOST}/?{SECRET.hex()}",
        f"{HOST}/#{SECRET.hex()}",
        f"{HOST}/c/{base64.b64encode(SECRET).decode()}/pixel.png",
        f"https://{SECRET.hex()}.evil.example/",
        f"https://{base64.b32encode(SECRET).decode().rstrip('=').lower()}.evil.example/",
        f"{HOST}/?q={base64.b64encode('Пароль: жираф'.encode()).decode()}",
    ],
)
def test_encoded_words_are_noticed_in_links_too(url: str) -> None:
    assert _carries(url, loads=False)


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/?q=the+password+is+hunter2",
        f"{HOST}/?a=1&q=jane%20doe%20lives%20in%20Paris",
        f"{HOST}/?q={'x1' * 60}",
        f"{HOST}/?the%20user%20said%20hello",
        f"{HOST}/?u=https%3A%2F%2Fb.example%2F%3Fq%3Djane%20doe%20lives%20here",
        f"{HOST}/?d=anna.keller@example.com",
        f"{HOST}/?anna.keller%40example.com",
        f"{HOST}/p.png?w=1&d=4111111111111111",
        f"{HOST}/p.png#DE89370400440532013000",
    ],
)
def test_words_in_clear_are_noticed_where_they_are_fetched_unasked(url: str) -> None:
    assert _carries(url, loads=True)
    assert not _carries(url, loads=False)


@pytest.mark.parametrize(
    "url",
    [
        *(
            f"{HOST}/a.png?w=800&h=600&fit=crop&auto=format&q=80",
            f"{HOST}/badge/build-passing-green?logo=python",
        ),
        *(
            f"{HOST}/{'0123456789abcdef' * 4}/logo.svg",
            f"{HOST}/how-to-make-sourdough-bread-at-home-in-a-day",
        ),
        f"{HOST}/x?X-Amz-Signature={'3f9a1c0b' * 8}",
        f"{HOST}/watch?v=dQw4w9WgXcQ&utm_source=newsletter&utm_campaign=summer-sale",
        f"{HOST}/u/64/avatar.png?v=1718031234&u=b4c1d2e3f4a5968778695a4b3c2d1e0f",
        f"{HOST}/dependents?package_id=UGFja2FnZS01MDk3NDcyMQ%3D%3D",
        f"{HOST}/endpoint?url=https%3A%2F%2Fexample.org%2Fbadges%2F{'very-long-name' * 8}.json&style=flat",
        f"{HOST}/proxy/{b'https://example.org/images/a-picture-of-mine.png'.hex()}",
        f"{HOST}/logo.svg#gh-light-mode-only",
        f"{HOST}/badge?style=for-the-badge-of-the-year",
        f"{HOST}/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
    ],
)
def test_sizes_signatures_and_slugs_are_no_cargo(url: str) -> None:
    assert not _carries(url, loads=True)

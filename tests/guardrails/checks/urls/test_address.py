"""Addresses, taken apart as browsers do it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.checks.urls.address import Address, address


def _host(url: str) -> str | None:
    at = address(url)
    return None if at is None else at.host


def test_every_piece_has_its_place() -> None:
    assert address("HTTPS://user:pw@Example.COM:8443/a/b?q=1&r=2#top") == Address(
        "https", "example.com", 8443, "/a/b", "q=1&r=2", "top", has_userinfo=True
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://good.example@evil.example/", "evil.example"),
        ("https://good.example:x@y@evil.example", "evil.example"),
        ("https://good.example\\@evil.example", "good.example"),
        ("https://evil.example\\.good.example", "evil.example"),
        ("https:evil.example", "evil.example"),
        ("https:/evil.example/x", "evil.example"),
        ("http:\\\\evil.example/x", "evil.example"),
        ("https:////evil.example", "evil.example"),
        ("//evil.example/x", "evil.example"),
        ("/\\evil.example/x", "evil.example"),
        ("https://evil.example?x@good.example", "evil.example"),
        ("https://evil.example#@good.example", "evil.example"),
        ("https://evil.example.", "evil.example"),
        ("https://e%76il.example", "evil.example"),
        ("https://\uff45\uff56il\u3002example", "evil.example"),
        ("https://ev\u00adil\u200b.example", "evil.example"),
        ("https&colon;//evil&period;example", "evil.example"),
        ("&#104;ttps:&#x2f;/evil.example", "evil.example"),
        ("https://m\u00fcnchen.example", "xn--mnchen-3ya.example"),
        ("ssh://git@host.example:22/x", "host.example"),
        ("mailto:jane@example.com", ""),
        ("java&Tab;script:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("images/a.png", None),
        ("/images/a.png", None),
        ("#top", None),
        ("80/", None),
        ("", None),
    ],
)
def test_the_host_is_the_one_that_a_browser_asks(url: str, host: str | None) -> None:
    assert _host(url) == host


@pytest.mark.parametrize(
    ("spelling", "ip"),
    [
        *(
            (spelling, "127.0.0.1")
            for spelling in ("127.0.0.1", "127.1", "0x7f.1", "0177.0.0.01", "2130706433")
        ),
        *(
            (spelling, "127.0.0.1")
            for spelling in ("0x7F000001", "\uff11\uff12\uff17.0.0.1", "[::ffff:7f00:1]")
        ),
        ("017700000001", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("[::1]", "::1"),
        ("[fe80::1%25eth0]", "fe80::1"),
    ],
)
def test_an_ip_address_has_one_spelling(spelling: str, ip: str) -> None:
    at = address(f"http://{spelling}:80/")
    assert at is not None
    assert (at.host, str(at.ip), at.port) == (ip, ip, 80)


@pytest.mark.parametrize(
    "name", ["1.2.3.4.5", "256.1.1.1", "1.2.3.256", "4294967296", "08", "1.2.3.x", "[::g]"]
)
def test_what_is_no_ip_address_is_a_name(name: str) -> None:
    at = address(f"http://{name}/")
    assert at is not None
    assert at.ip is None


@settings(max_examples=200, deadline=None)
@given(
    url=st.text(alphabet="ahtps:/\\@.?#[]%0x1&;é中\u200b\uff0e-", max_size=30).map("https://".__add__)
    | st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
)
def test_any_text_is_an_address_or_none(url: str) -> None:
    at = address(url)
    if at is not None and at.host:
        again = address(f"//{f'[{at.host}]' if ':' in at.host and at.ip else at.host}")
        assert again is None or again.ip == at.ip or again.host == at.host


def test_no_url_is_slow() -> None:
    for unit in ("a", ".", "1", "@", "%41", "é", "/", ":", "[", "0x", "&#", "xn--"):
        began = time.process_time()
        address("https://" + unit * (100_000 // len(unit)))
        assert time.process_time() - began < 1.0, unit

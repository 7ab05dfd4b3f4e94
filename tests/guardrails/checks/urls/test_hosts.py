"""Lists of hosts, private hosts, and hosts that look like others."""

import pytest

from guardrails.checks.urls.address import Address, address
from guardrails.checks.urls.hosts import HostListError, Hosts, is_private, looks_like_another


def _at(url: str) -> Address:
    at = address(url if "//" in url else f"https://{url}/")
    assert at is not None
    return at


@pytest.mark.parametrize(
    ("entry", "on", "off"),
    [
        (
            "example.com",
            ["example.com", "a.b.EXAMPLE.com.", "http://example.com:81"],
            ["notexample.com", "com"],
        ),
        ("example.com", ["x.example.com"], ["example.com.evil.org", "example-com.org", "examplexcom"]),
        ("*.example.com", ["a.example.com"], ["example.com"]),
        ("https://example.com", ["example.com", "https://a.example.com:81"], ["http://example.com"]),
        ("example.com:8443", ["example.com:8443"], ["example.com", "example.com:443"]),
        ("example.com:443", ["example.com"], ["http://example.com"]),
        ("10.0.0.1", ["10.0.0.1", "0xa.1"], ["x.10.0.0.1.example", "10.0.0.2"]),
        ("[::1]", ["[0:0::1]"], ["[::2]"]),
        ("m\u00fcnchen.de", ["www.xn--mnchen-3ya.de"], ["munchen.de"]),
        ("0.0.1", [], ["10.0.0.1"]),
    ],
)
def test_an_entry_stands_for_a_host_and_those_below_it(entry: str, on: list[str], off: list[str]) -> None:
    hosts = Hosts([entry])
    assert [url for url in on if not hosts.has(_at(url))] == []
    assert [url for url in off if hosts.has(_at(url))] == []


@pytest.mark.parametrize(
    "entry", ["", "example.com/path", "a b.com", "user@example.com", "https://", "x?y", "*."]
)
def test_what_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(HostListError, match=r"example\.com"):
        Hosts([entry])


@pytest.mark.parametrize(
    "host",
    [
        *("postgresql://localhost/x", "redis://10.0.0.1", "https://router/"),
        *("localhost", "x.localhost", "printer.local", "metadata.google.internal", "db.corp", "intranet"),
        *(
            "127.0.0.1",
            "10.9.8.7",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
        ),
        *("100.100.100.200", "168.63.129.16", "2130706433", "0x7f.1", "[::1]", "[fc00::1]", "[fe80::1]"),
        *("[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "127.0.0.1.nip.io", "224.0.0.1"),
        "[fd00:ec2::254]",
    ],
)
def test_a_private_host_is_private_however_it_is_spelt(host: str) -> None:
    assert is_private(_at(host))


@pytest.mark.parametrize(
    "host",
    [
        *(
            "example.com",
            "8.8.8.8",
            "172.32.0.1",
            "172.15.0.1",
            "[2001:4860:4860::8888]",
            "local.example.com",
        ),
        *("s3://bucket/x", "gs://name", "postgresql://host/database"),
        *("localhost.example.com", "internal.example", "11.0.0.1", "192.169.0.1"),
    ],
)
def test_a_public_host_is_not(host: str) -> None:
    assert not is_private(_at(host))


@pytest.mark.parametrize(
    "host",
    ["g\u043e\u043egle.com", "\u0430\u0440\u0440\u04cf\u0435.com", "p\u03b1ypal.com", "xn--80ak6aa92e.com"],
)
def test_letters_that_pose_as_others_are_noticed(host: str) -> None:
    assert looks_like_another(_at(host).host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "google.com",
            "m\u00fcnchen.de",
            "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
            "\u4f8b\u3048.jp",
        ),
        *(
            "\u0440\u043e\u0441\u0441\u0438\u044f.\u0440\u0444",
            "\ud55c\uad6d.kr",
            "sony\u65e5\u672c.jp",
            "1.2.3.4",
        ),
        *("\u0644\u0627.com", "xn--", "xn--a\u00e9-.com", "caf\u00e9.fr"),
    ],
)
def test_names_in_a_script_of_their_own_are_not(host: str) -> None:
    assert not looks_like_another(_at(host).host)

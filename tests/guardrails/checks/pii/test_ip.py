"""Addresses of the internet protocol."""

import pytest

from tests.guardrails.checks.finding import built, values


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("from 203.0.113.7.", "203.0.113.7"),
        ("192.168.1.1:8080", "192.168.1.1"),
        ("10.0.0.0/8", "10.0.0.0"),
        ("http://198.51.100.4/path", "198.51.100.4"),
        ("root@192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("IP:192.0.2.1,", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("6e40:4041:c617:e898:c11:40d2:c669:2eb4", "6e40:4041:c617:e898:c11:40d2:c669:2eb4"),
        ("[2001:DB8:0:0::8]:443", "2001:DB8:0:0::8"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.128", "::ffff:192.0.2.128"),
        ("64:ff9b::192.0.2.33", "64:ff9b::192.0.2.33"),
        ("from 2001:db8::1.", "2001:db8::1"),
    ],
)
def test_addresses_are_found(text: str, address: str) -> None:
    assert values(built("pii", {"entities": ["ip"]}), text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.02.03.04",
        "v1.2.3.4",
        "version 1.2.3.4",
        "Version: 1.2.3.4.5",
        "firmware 2.0.1.7",
        "upgrade to 2.0.1.7",
        "Updated to 2.0.1.7",
        "1.2.3.4-beta",
        "x1.2.3.4",
        "10.0.19045.1",
        "127.0.0.1",
        "0.0.0.0",
        "::1",
        "::",
        "12:30:45",
        "01:02:03:04:05:06",
        "std::vector",
        "a::b",
        "dead::beef::1",
        "face::cafe",
        "1:2:3:4:5:6:7:8:9",
        "g001:db8::1",
        "2001:db8::1:",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    expected = ["1.2.3.4"] if text == "1.2.3.4-beta" else []
    assert values(built("pii", {"entities": ["ip"]}), text) == expected


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("version ", True), ("in v. ", True), ("upgrade ", True), ("upgraded to ", True), ("192.0.2.1 ", False)],
)
def test_a_word_that_says_version_is_open(text: str, is_open: bool) -> None:
    assert built("pii", {"entities": ["ip"]}).is_open(text, 0) is is_open

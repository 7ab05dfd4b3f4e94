"""No text makes a check slow: 100,000 characters of anything take about as long as any others.

The bounds are far above what is measured (most 1 to 50 ms, at worst 150 ms, where thousands of values are
found) and far below what quadratic work would take; the time is this process's own, so that a busy machine
does not matter.
"""

import base64
import random

import pytest

from guardrails.check import Check, ConversationCheck
from guardrails.conformance.pace import assert_quick
from tests.guardrails import every_check
from tests.guardrails.checks.finding import built

WORDS = {"deny": ["foo", "foo bar baz", "bung", "bung los", "a a a b"], "allow": ["not foo"]}

_BYTES = random.Random(0).randbytes(3_000)


_EVERY = every_check.built()


def _bound(kind: str) -> list[Check]:
    """Return the local checks of this kind, in a conversation that has what they look for."""
    bound = [
        check.of(every_check.CONVERSATION) if isinstance(check, ConversationCheck) else check
        for check in _EVERY[kind]
    ]
    return [check for check in bound if isinstance(check, Check)]


CHECKS = (
    *_bound("canary"),
    *_bound("system_leak"),
    *_bound("default.regexReplace"),
    built("encoded"),
    built("unicode"),
    built("secrets"),
    built("injection"),
    built("pii"),
    built("pii", {"entities": ["all"]}),
    built("words", WORDS),
    built("words", {"allow": ["foo", "quick", "foo bar"]}),
    built("regex", {"pattern": [r"\d{3}-\d", r"(a+)+$"]}),
    built("regex", {"pattern": [r"^\d{3}-\d$", r"(a|aa)+b"], "per": "word"}),
    built("code"),
    built("json", {"where": "anywhere"}),
    built("language", {"allow": ["en"]}),
    built(
        "length", {"max_bytes": 200_000, "max_words": 200_000, "max_sentences": 200_000, "min_lines": 200_000}
    ),
    built(
        "urls", {"deny": ["evil.example"], "bare_hosts": True, "rules": ["exfiltration", "lookalike_host"]}
    ),
)
UNITS = (
    *("[", "{", "{}", '{"a":', "<", "`"),
    *(base64.b64encode(_BYTES).decode(), base64.encodebytes(_BYTES).decode(), _BYTES.hex()),
    *(
        "q x ",
        "QX7T-93KD-0P2",
        "Q" + "." * 8,
        "never offer a refund ",
        "above 250 euros ",
        "never" + "." * 32,
    ),
    *(
        "1",
        "1 ",
        "1-",
        "1.",
        "12 12 12 12, ",
        "4111 ",
        "4111 1111 1111 1111 ",
        "4111111111111111,",
        "123456 ",
    ),
    *(
        "2125550123, ",
        "212-555-0123 ",
        "+4915112345678 ",
        "(",
        "+",
        "0612 34 56 78 90, ",
        "call me ",
        "ext. 1 ",
    ),
    *("10.1.2.3 ", ":", "a:", "::", "2001:db8::1 ", "460-89-9847 ", "ssn ", "version "),
    *(
        "@",
        "a@",
        "a.",
        "a@b.",
        "a@b.com.a.",
        "jane@example.com ",
        "GB82 ",
        "BE68 ",
        "GB82WEST12345698765432 ",
    ),
    *(
        "%41",
        "&#65;",
        "\\u0041",
        "aB3+",
        "SGVsbG8sIGl0IGlzIG1lISBv ",
        "SGVsbG8sIGl0IGlzIG1lISBv\n",
        "68656c6c6f20776f726c64 ",
    ),
    *(
        "\u200b",
        "a\u200b",
        "\U000e0041",
        "🏴\U000e0041",
        "\ufe01",
        "\u2066",
        "\u2066a\u2069 ",
        "p\u0430ypal ",
        "\u0430a",
        "e\u0301",
    ),
    *("a", " ", "\n", "中", "é", "\u00a0", "\U0001f600", "foo ", "foo" + " " * 50, "übung ", "a a a ", "_"),
    *("sk-", "eyJ", "eyJhbGciOiJIUzI1NiJ9.", "ghp_", "xoxb-", "AKIA", "://a:b", "https://u:pas1@", "key-"),
    *(
        "twitch ",
        "twitch key: ",
        "twitch=",
        "x1y2z3a4b5c6d7e8 ",
        "TWITCH_KEY: x1y2z3a4b5c6d7e8 ",
        "x1y2z3a4b5c6d7e8,",
    ),
    *("x1y2z3a4b5c6d7e8é ", "中x1y2z3a4b5c6d7e8", "1a"),
    *(
        "ignore ",
        "ignore all ",
        "ignore all previous ",
        "ignore previous instructions ",
        "you are ",
        "act as ",
    ),
    *("password=", "password: ", "password=Tr0ub4dor&3xyz ", "secret access ", "Bearer ", "-----BEGIN "),
    *(
        "nhs ",
        "passport ",
        "passport 1 ",
        "tax id 36 574 261 809 ",
        "SIN 130 692 544 ",
        "national ",
        "nhs no. 12 ",
    ),
    *(
        "213800KUD8LAJWSQ9D15 ",
        "A1",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed ",
        "身",
        "1 85 05 ",
        "AB 12 ",
    ),
    *(
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 ",
        "00:1B:44:11:3a:b7 ",
        "756.9217.0769.85 ",
        "0",
        "ab",
        "RCCMNL83S18D969H ",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9 ",
        "A: b\n",
    ),
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.kind)
def test_no_text_makes_it_slow(check: Check) -> None:
    assert_quick(check, *UNITS)


def test_every_kind_of_check_is_held_to_it() -> None:
    kinds = {kind for kind in every_check.TEXTUAL if _bound(kind)}
    assert {check.kind for check in CHECKS} == kinds

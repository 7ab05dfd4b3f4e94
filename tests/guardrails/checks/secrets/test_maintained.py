"""The rules that others maintain, asked unit by unit."""

import base64
import hashlib
import random
import sys
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.check import Run
from guardrails.checks.secrets import maintained
from guardrails.checks.secrets.maintained import ISSUERS, MaintainedRules, RulesUnavailable, load, units
from guardrails.conformance.law import assert_conforms
from tests.guardrails.checks.finding import built, found

LETTERS = "aZ3kQ9wXv7LmN2pR"
HEX = "0a9b8c7d6e5f4a3b"
ONLY = {"rules": ["maintained"]}
GITHUB = "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"

VALUES = (
    f"TWITCH_KEY: {HEX}{HEX[:14]}",
    f"netlify token = {LETTERS}{LETTERS}{LETTERS[:11]}",
    f"buildkite bkua_{HEX * 2}{HEX[:8]}",
    f'"heroku_api_key": "{uuid.UUID(int=0x1B2D3E4F5A6B7C8D9E0F1A2B3C4D5E6F)}"',
    GITHUB,
    f"dt0c01.{LETTERS.upper()}{LETTERS[:8].upper()}.{LETTERS.upper() * 4}",
)
WORDS = (
    "key",
    ":",
    '"',
    "é",
    "中文",
    "the",
    "TWITCH_KEY:",
    "twitch key",
    "x=",
    "https://a.b/c1d2e3f4a5b6c7d8",
)
GAPS = ("", " ", "  ", "\n", "\t", ", ", "\u00a0")
PIECES = st.sampled_from([*VALUES, *(value[: len(value) // 2] for value in VALUES), *ISSUERS[:9], *WORDS])
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(GAPS)), max_size=9).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        (f"TWITCH_KEY: {HEX}{HEX[:14]}", "twitch_api_token", HEX + HEX[:14]),
        (f"my twitch api key = '{HEX}{HEX[:14]}' today", "twitch_api_token", HEX + HEX[:14]),
        (f"use {GITHUB} now", "github_pat", GITHUB),
        (f"bkua_{HEX * 2}{HEX[:8]}", "buildkite_user_access_token", f"bkua_{HEX * 2}{HEX[:8]}"),
    ],
)
def test_a_value_is_found_by_its_form_or_by_its_issuer(text: str, rule: str, value: str) -> None:
    assert found(built("secrets", ONLY), text) == [(rule, value)]


@pytest.mark.parametrize("before", ["", "é ", "Übung: ", "中文", "\ufeff", "😀😀 ", "a\0b ", "ключ "])
def test_offsets_are_code_points_whatever_stands_before(before: str) -> None:
    text = f"{before}{GITHUB} и {GITHUB}"
    assert found(built("secrets", ONLY), text) == [("github_pat", GITHUB)] * 2


def test_what_is_encoded_is_found_as_it_stands() -> None:
    payload = base64.b64encode(f"token {GITHUB}".encode()).decode()
    assert found(built("secrets", ONLY), f"see {payload} ok") == [("github_pat", payload)]


def test_own_rules_go_first_and_nothing_is_found_twice() -> None:
    assert found(built("secrets"), f"token = {GITHUB}") == [("github_token", GITHUB)]
    text = f"TWITCH_PASSWORD: {HEX}{HEX[:14]}"
    assert [rule for rule, _ in found(built("secrets"), text)] == ["twitch_api_token"]


@pytest.mark.parametrize("config", [ONLY, {}], ids=str)
def test_the_check_keeps_the_law_around_announced_values(config: dict[str, object]) -> None:
    check = built("secrets", config)

    @settings(max_examples=120, deadline=None)
    @given(text=TEXTS)
    def keeps_the_law(text: str) -> None:
        assert_conforms(check, text)

    keeps_the_law()


@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_units_together_give_what_each_gives_alone(text: str) -> None:
    rules = load()
    alone = [
        (name, start + unit, end + unit)
        for unit, unit_end in units(text)
        for name, start, end in rules.spans(text[unit:unit_end])
    ]
    assert rules.spans(text) == alone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the quarterly implementation of internationalization", []),
        ("see abcdefgh12345678 there", ["abcdefgh12345678"]),
        ("my twitch key: abcdefgh12345678 there", ["twitch key: abcdefgh12345678"]),
        ("X_KEY: abcdefgh12345678, and", ["X_KEY: abcdefgh12345678,"]),
        ("abcdefgh12345678中abcdefgh12345678", ["abcdefgh12345678"] * 2),
        ("a twitch stream for all of the day abcdefgh12345678", ["abcdefgh12345678"]),
    ],
)
def test_a_unit_is_a_word_and_what_announces_it(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in units(text)] == expected


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("my twitch ", True),
        ("twitch api key ", True),
        ("twitch key: ", True),
        ("LINEAR_KEY: ", True),
        ("linear ", False),
        ("the report shows ", False),
        ("twitch streams all of it today and ", False),
        ("wooden ", False),
    ],
)
def test_a_border_stands_unless_something_is_announced(text: str, is_open: bool) -> None:
    assert built("secrets", ONLY).is_open(text, 0) is is_open


def test_prose_is_hardly_held() -> None:
    check = built("secrets")
    prose = (
        "The report shows that revenue grew by a wide margin; the team expects more of it: perhaps, says the "
        "board, by 2026. Secrets of the trade were not told, but a token of our thanks was, in box 12. "
    )
    breaks = [place for place, character in enumerate(prose, 1) if character.isspace()]
    held = [place for place in breaks if check.is_open(prose[:place], 0)]
    assert len(held) / len(breaks) < 0.1


RANDOM = random.Random(7)
DATA = RANDOM.randbytes(32)
HARMLESS = (
    hashlib.sha256(DATA).hexdigest(),
    f"sha256:{DATA.hex()}",
    f"sha512-{base64.b64encode(DATA + DATA).decode()}",
    f"commit {DATA[:20].hex()}",
    f"md5 = {DATA[:16].hex()}",
    f"id: {uuid.UUID(bytes=DATA[:16])}",
    f'"request_id": "{uuid.UUID(bytes=DATA[16:])}"',
    f"tx 0x{DATA.hex()}",
    f"    --hash=sha256:{DATA.hex()} \\",
    "module.exports=function(e,t){return e.querySelectorAll('a123b')[0].getAttribute(t)}",
    "https://example.com/a/b/2024-10-01/report-0123456789-final.html?utm_source=newsletter2024",
    "def test_that_2_plus_2_is_4_in_every_base_above_4(): assert int('100', 2) == 4",
    "4111111111111111 20241001T120000Z 192.168.100.200 GB82WEST12345698765432",
    "adobe photoshop 2024-release_notes.pdf and the file IMG_20240101_123456.jpg",
    "sk_live_short, ghp_short, AKIA, xoxb-1",
)


@pytest.mark.parametrize("text", HARMLESS)
def test_hashes_names_and_numbers_are_no_secrets(text: str) -> None:
    assert found(built("secrets"), text) == []


def test_encoded_images_are_no_secrets() -> None:
    check = built("secrets")
    images = [base64.b64encode(RANDOM.randbytes(RANDOM.randint(300, 6000))).decode() for _ in range(100)]
    assert [image for image in images if check.find(Run(f"data:image/png;base64,{image}"))] == []


def test_a_token_typed_along_the_alphabet_is_an_example() -> None:
    assert found(built("secrets", ONLY), "gsk_aBcDeFgHiJkLmNoPqRsT1234567890abcdefghijklmnopqrstuv") == []


def test_names_beside_which_the_rules_expect_a_value_are_known() -> None:
    """New ones of a new version are to be added to `ISSUERS`, or here if they are common words."""
    common = (
        "beamer box checkout clerk cursor hunter instantly intercom key kraken linear lob looker monday woo "
        "paradigm password poly retell secret sentry stability co_api_key bundle_enterprise"
    )
    assert _unannounced({*common.split(), *ISSUERS}) == []


def test_values_that_stand_five_lines_from_their_ids_and_what_is_public_are_left_out() -> None:
    names = load().names
    assert {"github_pat", "twitch_api_token", "cloudflare_api_key"} <= names
    assert not names & {"aws_access_token", "adobe_client_id", "private_key", "generic_credential_uri"}
    assert len(names) > 350


def test_one_engine_serves_a_process() -> None:
    assert load() is load()


def test_without_the_engine_nothing_passes_for_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kingfisher_sdk", None)
    with pytest.raises(RulesUnavailable, match="install kingfisher-secret-scanner anew"):
        MaintainedRules()


def _unannounced(words: set[str]) -> list[str]:
    """Return the names of the engine's rules that begin a gap, and that none of these words is part of."""
    import kingfisher_sdk  # noqa: PLC0415 (as in the module)

    rules = kingfisher_sdk.Rules()
    sources = (
        str(rules.detail(rule["id"])["detection_regex"])
        for rule in rules.metadata()
        if rule["visible"] and maintained._name(rules.detail(rule["id"])) is not None
    )
    beginnings = {
        source.partition(r"(?:[ \t\w.-]{0,20})")[0].lower() for source in sources if "{0,20})[" in source
    }
    plain = [beginning.replace("[_-]?", "-").replace("\\", "") for beginning in beginnings]
    return sorted(beginning for beginning in plain if not any(word in beginning for word in words))

"""Private keys in PEM. The data is no key."""

import pytest

from guardrails.checks.secrets.private_keys import MAX_KEY_CHARS
from tests.guardrails.checks.finding import built, found

LINE = "MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW8WqVGZ6X54ANEeIIMe"
BEGIN, END = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
PGP_BEGIN, PGP_END = "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----END PGP PRIVATE KEY BLOCK-----"


@pytest.mark.parametrize(
    "key",
    [
        f"{BEGIN}\n{LINE}\n{LINE}\n{END}",
        f"{BEGIN}\r\n{LINE}\r\n{LINE[:20]}==\r\n{END}",
        f"{BEGIN}\n{LINE}\nabc=\n{END}",
        f"{BEGIN}\\n{LINE}\\n{LINE}\\n{END}",
        f"{BEGIN}\\\\n{LINE}\\\\n{END}",
        f"{BEGIN}\n    {LINE}\n    {LINE}\n    {END}",
        f"{BEGIN} {LINE} {LINE} {END}",
        f"{BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A9B8C\n\n{LINE}\n{END}",
        f"-----BEGIN PRIVATE KEY-----\n{LINE}\n-----END PRIVATE KEY-----",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{LINE}\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{LINE}\n-----END ENCRYPTED PRIVATE KEY-----",
        f"{PGP_BEGIN}\nVersion: GnuPG v2\n\n{LINE}\nabc=\n=AbCd\n{PGP_END}",
    ],
)
def test_a_key_is_found_from_begin_to_end(key: str) -> None:
    assert found(built("secrets"), f'x "{key}", and so on') == [("private_key", key)]


def test_a_key_that_was_cut_off_is_found() -> None:
    assert found(built("secrets"), f"{BEGIN}\n{LINE}\n{LINE}\n...") == [
        ("private_key", f"{BEGIN}\n{LINE}\n{LINE}")
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{BEGIN} is how a key begins.",
        f"{BEGIN}\n{END}",
        f"-----BEGIN PUBLIC KEY-----\n{LINE}\n-----END PUBLIC KEY-----",
        f"-----BEGIN CERTIFICATE-----\n{LINE}\n-----END CERTIFICATE-----",
        f"BEGIN RSA PRIVATE KEY\n{LINE}",
    ],
)
def test_what_is_no_private_key_is_not_found(text: str) -> None:
    assert found(built("secrets", {"rules": ["private_key"]}), text) == []


def test_two_keys_are_told_apart() -> None:
    key = f"{BEGIN}\n{LINE}\n{END}"
    assert found(built("secrets"), f"{key}\n{key}") == [("private_key", key)] * 2


def test_a_key_is_taken_to_its_bound_and_held_no_longer() -> None:
    check = built("secrets", {"rules": ["private_key"]})
    text = BEGIN + "\n" + (LINE + "\n") * 300
    ((_, value),) = found(check, text)
    assert len(value) == MAX_KEY_CHARS - 1 or len(value) == MAX_KEY_CHARS
    assert check.is_open(text[: MAX_KEY_CHARS // 65 * 65], 0)
    assert not check.is_open(text, 0)


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("-----BEGIN ", True),
        ("-----BEGIN RSA PRIVATE ", True),
        (f"{BEGIN}\n", True),
        (f"{BEGIN}\nProc-Type: ", True),
        (f"{BEGIN}\n{LINE}\n", True),
        (f"{BEGIN}\n{LINE}\nabc= ", True),
        (f"{BEGIN}\n{LINE}\n-----END RSA ", True),
        (f"{BEGIN}\n{LINE}\n{END}\n", False),
        (f"{BEGIN} is how ", False),
        ("-----BEGIN the end ", False),
        ("----- ", False),
    ],
)
def test_a_key_in_progress_is_open(text: str, is_open: bool) -> None:
    assert built("secrets", {"rules": ["private_key"]}).is_open(text, 0) is is_open

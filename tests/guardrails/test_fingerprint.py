"""Fingerprints match equal values up and tell nothing else."""

import hashlib

import pytest

from guardrails.fingerprint import fingerprint


def test_it_is_keyed_blake2b_in_hex() -> None:
    assert fingerprint(b"key", "value") == hashlib.blake2b(b"value", digest_size=16, key=b"key").hexdigest()


def test_a_key_may_be_of_any_length() -> None:
    assert len({fingerprint(b"k" * length, "value") for length in (1, 64, 65, 1000)}) == 4


@pytest.mark.parametrize(
    "value", ["4111-1111", "4111 1111", "4111\u00a01111", "4111\u20131111", "\t4111\u22121111\n"]
)
def test_white_space_and_dashes_do_not_matter(value: str) -> None:
    assert fingerprint(b"key", value) == fingerprint(b"key", "41111111")


def test_case_does_not_matter() -> None:
    assert fingerprint(b"key", "Stra\u00dfe@EXAMPLE.com") == fingerprint(b"key", "STRASSE@example.com")


def test_another_value_and_another_key_give_another_fingerprint() -> None:
    assert len({fingerprint(b"a", "x"), fingerprint(b"b", "x"), fingerprint(b"a", "y")}) == 3


def test_a_lone_surrogate_has_a_fingerprint_too() -> None:
    assert len(fingerprint(b"key", "\ud83d")) == 32

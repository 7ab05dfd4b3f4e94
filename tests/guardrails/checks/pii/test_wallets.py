"""Addresses of wallets, on the examples of the proposals that define them."""

import pytest

from guardrails.checks.pii.wallets import is_bitcoin_address, is_ethereum_address, keccak_256


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_the_hash_is_that_with_the_original_padding(message: bytes, digest: str) -> None:
    assert keccak_256(message).hex() == digest


@pytest.mark.parametrize(
    "address",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_capitals_of_an_ethereum_address_are_its_checksum(address: str) -> None:
    assert is_ethereum_address(address)
    for place, character in enumerate(address[2:], 2):
        swapped = address[:place] + character.swapcase() + address[place + 1 :]
        assert is_ethereum_address(swapped) == (swapped == address)


def test_an_address_in_one_case_has_no_checksum_but_is_no_row_of_one_digit() -> None:
    assert is_ethereum_address("0x" + "5aaeb6053f" * 4)
    assert not is_ethereum_address("0x" + "0" * 40)


@pytest.mark.parametrize(
    "address",
    [
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ],
)
def test_bitcoin_addresses_have_checksums_of_three_kinds(address: str) -> None:
    assert is_bitcoin_address(address)
    for place in range(5, len(address)):
        other = "2" if address[place] != "2" else "3"
        assert not is_bitcoin_address(address[:place] + other + address[place + 1 :])


def test_other_letters_are_none_of_an_address() -> None:
    assert not is_bitcoin_address("bc1pb0")
    assert not is_bitcoin_address("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jjI")

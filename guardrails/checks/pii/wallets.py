"""Addresses of wallets, Bitcoin's and Ethereum's, which carry checksums of their own.

`stdnum.bitcoin` does not know the addresses with checksums by BIP 350 (`bc1p...`), and Ethereum's hash,
Keccak, is not the SHA-3 that `hashlib` has: NIST changed the padding. So there are some lines of each here.
"""

from collections.abc import Sequence
from itertools import pairwise

from stdnum import bitcoin

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32M_CHECK = 0x2BC830A3 ^ 1
"""What is left of the checksum of BIP 350 where that of BIP 173 leaves 1; as `stdnum` counts."""

_HUMAN_PART = (*(ord(letter) >> 5 for letter in "bc"), 0, *(ord(letter) & 31 for letter in "bc"))


def is_bitcoin_address(address: str) -> bool:
    """Return whether this is an address of Bitcoin's main network (base58check, BIP 173, BIP 350)."""
    if bitcoin.is_valid(address):
        return True
    lower = address.lower()
    if not lower.startswith("bc1p") or address not in {lower, address.upper()}:
        return False
    if not set(lower[len("bc1") :]) <= set(_BECH32):
        return False
    values = [_BECH32.index(character) for character in lower[len("bc1") :]]
    return bool(bitcoin.bech32_checksum([*_HUMAN_PART, *values]) ^ 1 == _BECH32M_CHECK)


def is_ethereum_address(address: str) -> bool:
    """Return whether this is an address: in mixed case its capitals are a checksum (EIP-55)."""
    digits = address[len("0x") :]
    lower = digits.lower()
    if digits in {lower, digits.upper()}:
        return len(set(lower)) > 1
    expected = keccak_256(lower.encode()).hex()
    return all(
        character.isupper() == (int(nibble, 16) >= 8)  # noqa: PLR2004 (the upper half, EIP-55)
        for character, nibble in zip(digits, expected, strict=False)
        if character.isalpha()
    )


def keccak_256(message: bytes) -> bytes:
    """Return the Keccak hash with the original padding (keccak.team, version 3), of up to 135 bytes."""
    assert len(message) < _RATE
    block = bytearray(_RATE)
    block[: len(message)] = message
    block[len(message)] |= 0x01
    block[-1] |= 0x80
    lanes = [int.from_bytes(block[place : place + 8], "little") for place in range(0, _RATE, 8)]
    state = _permuted([*lanes, *([0] * (25 - len(lanes)))])
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


_RATE = 136
"""Bytes of a block."""
_MASK = (1 << 64) - 1


def _round_constants() -> tuple[int, ...]:
    """Return the constants of the 24 rounds, from the shift register that defines them (FIPS 202, 3.2.5)."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 * (register >> 7))
        constants.append(constant)
    return tuple(constants)


def _walk() -> tuple[tuple[int, int], ...]:
    """Return the lanes in the order that rho and pi visit them, each with its rotation (FIPS 202, 3.2.2)."""
    x, y, steps = 1, 0, []
    for step in range(24):
        steps.append((x + 5 * y, (step + 1) * (step + 2) // 2 % 64))
        x, y = y, (2 * x + 3 * y) % 5
    steps.append((x + 5 * y, 0))
    return tuple(steps)


_ROUND_CONSTANTS = _round_constants()
_MOVES = tuple((source, target, turn) for (source, turn), (target, _) in pairwise(_walk()))


def _permuted(state: Sequence[int]) -> list[int]:
    lanes = list(state)
    for constant in _ROUND_CONSTANTS:
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [columns[(x - 1) % 5] ^ _rotated(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[place % 5] for place, lane in enumerate(lanes)]
        moved = list(lanes)
        for source, target, turn in _MOVES:
            moved[target] = _rotated(lanes[source], turn)
        rows = [moved[row : row + 5] for row in range(0, 25, 5)]
        lanes = [row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]) for row in rows for x in range(5)]
        lanes[0] ^= constant
    return lanes


def _rotated(lane: int, turn: int) -> int:
    return ((lane << turn) | (lane >> (64 - turn))) & _MASK

"""Sealed values open under their own key and secret only."""

from hypothesis import given
from hypothesis import strategies as st

from app.cache.sealing import Seal
from tests.caches import SECRET


@given(st.text(max_size=70), st.binary())
def test_a_value_comes_back_and_is_not_to_be_seen(key: str, value: bytes) -> None:
    seal = Seal(SECRET)
    sealed = seal.seal(key, value)
    assert seal.open(key, sealed) == value
    assert len(value) < 4 or value not in sealed


def test_no_two_seals_are_alike() -> None:
    seal = Seal(SECRET)
    assert seal.seal("k", b"value") != seal.seal("k", b"value")


def test_another_key_or_secret_opens_nothing() -> None:
    sealed = Seal(SECRET).seal("k", b"value")
    assert Seal(SECRET).open("j", sealed) is None
    assert Seal(b"another secret 16").open("k", sealed) is None


@given(st.binary())
def test_junk_opens_nothing(junk: bytes) -> None:
    assert Seal(SECRET).open("k", junk) is None


@given(st.integers(0, 32), st.integers(1, 255))
def test_a_changed_byte_opens_nothing(place: int, change: int) -> None:
    sealed = bytearray(Seal(SECRET).seal("k", b"value"))
    sealed[place % len(sealed)] ^= change
    assert Seal(SECRET).open("k", bytes(sealed)) is None

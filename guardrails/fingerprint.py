"""Fingerprints: evidence that the same value was seen again, from which the value can not be read."""

import hashlib
import re

_IGNORED = re.compile(r"[\s\-\u00ad\u058a\u05be\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]+")
"""White space and the usual dashes of Unicode (category Pd), with the minus sign and the soft hyphen."""

_SIZE_BYTES = 16
"""128 bits: no collision among 10^9 values to worry about."""
_MAX_KEY_BYTES = 64
"""BLAKE2b takes no longer key; one is replaced by its hash, as HMAC does."""


def fingerprint(key: bytes, value: str) -> str:
    """Return keyed BLAKE2b (RFC 7693) of the normalised value, 128 bits, in hex.

    Without the key nobody can try out values (a card number has few enough to try).
    """
    return keyed_hash(key, normalised(value)).hex()


def normalised(value: str) -> str:
    """Return a value case folded, white space and dashes left out: `4111 1111` and `4111-1111` are one."""
    return _IGNORED.sub("", value.casefold())


def keyed_hash(key: bytes, text: str, *, purpose: bytes = b"") -> bytes:
    """Return keyed BLAKE2b of a text, 128 bits.

    Args:
        key: of any length.
        text: may have lone surrogates.
        purpose: at most 16 bytes; hashes of one purpose tell nothing about those of another.
    """
    if len(key) > _MAX_KEY_BYTES:
        key = hashlib.blake2b(key).digest()
    text_bytes = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text_bytes, digest_size=_SIZE_BYTES, key=key, person=purpose).digest()

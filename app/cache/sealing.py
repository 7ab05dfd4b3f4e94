"""Encrypts what leaves the process for a shared store: AES-256-GCM (NIST SP 800-38D) through `cryptography`.

The key under which a value lies is authenticated with it, so a value that was changed, or moved to another
key by whoever can write to the store, is no value. Nonces are random: 2**32 values under one secret are
within the bound of section 8.3. To change the secret is to empty the cache.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_PERSON = b"handrail/seal"


class Seal:
    """Seals and opens values.

    Args:
        secret: 16 to 64 bytes; may be the one of the keys, what is derived from it is not the same.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hashlib.blake2b(key=secret, digest_size=32, person=_PERSON).digest())

    def seal(self, key: str, value: bytes) -> bytes:
        """Return the value for everybody to see."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, key.encode())

    def open(self, key: str, sealed: bytes) -> bytes | None:
        """Return the value, None if these are not bytes that were sealed for this key."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, key.encode())
        except (InvalidTag, ValueError):
            return None

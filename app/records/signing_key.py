"""The key that signs the heads of chains: Ed25519 (RFC 8032), configured or made at the first start.

A configured one is a private key in PEM, or the path of a file with one. Without, it is a file beside the
SQLite database, made once, readable by its owner alone. On PostgreSQL there is no such place: then the key is
one of this process alone, whose public half is in the log and in the event of the chain's opening. It proves
less, since whoever can rewrite the database can say that it was another; so a warning asks for
`records.signing_key`.

The id of a key is the start of the SHA-256 of its public half.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ENCODE = msgspec.json.Encoder().encode
_PURPOSE = "handrail checkpoint 1"
_SIGNED = ("writer", "sequence", "hash", "previous_sequence", "signed_at")
_ID_CHARS = 16
_NO_PUBLIC_KEY = "the public key is no Ed25519 key in PEM or base64, nor a file with one"


class UnusableKey(ValueError):
    """A key cannot be used; the message says why and shows nothing of it."""


class Signer:
    """Signs heads of chains. May be used by any thread."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        """32 bytes, base64."""
        self.key_id = key_id_of(self.public_key)

    def sign(self, checkpoint: Mapping[str, object]) -> str:
        """Return a signature, base64, of a row of `checkpoints`."""
        return base64.b64encode(self._key.sign(signed_bytes(checkpoint))).decode()


def signed_bytes(checkpoint: Mapping[str, object]) -> bytes:
    """Return what is signed: a JSON array that says what it is."""
    return _ENCODE([_PURPOSE, *(checkpoint[name] for name in _SIGNED)])


def is_signed(public_key: str, checkpoint: Mapping[str, object]) -> bool:
    """Return whether this key signed this row of `checkpoints`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(str(checkpoint["signature"])), signed_bytes(checkpoint))
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id_of(public_key: str) -> str:
    """Return the id of a key by its public half, base64."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:_ID_CHARS]


def configured_signer(text: str) -> Signer:
    """Return the signer of `records.signing_key`.

    Args:
        text: PEM, or the path of a file with it.

    Raises:
        UnusableKey: there is no Ed25519 private key.
    """
    return _read(text.encode(), "it") if "-----BEGIN" in text else _of_file(Path(text))


def kept_signer(path: Path) -> Signer:
    """Return the signer whose key is in this file, made with it if it is not there. May be called by many.

    Raises:
        UnusableKey: the file holds no key, or cannot be read or made.
    """
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise UnusableKey(f"records.signing_key: {path} cannot be made: {error.strerror}") from error
    return _of_file(path)


def passing_signer() -> Signer:
    """Return a signer whose key is nowhere else."""
    return Signer(Ed25519PrivateKey.generate())


def public_key_of(text: str) -> str:
    """Return a public key, base64, from PEM or base64, or a file with either.

    Raises:
        UnusableKey: it is none.
    """
    try:
        text = Path(text).read_text("utf-8").strip() if os.path.isfile(text) else text  # noqa: PTH113 (too long a name is no error)
        if "PRIVATE KEY" in text:
            return configured_signer(text).public_key
    except (ValueError, OSError) as error:
        raise UnusableKey(_NO_PUBLIC_KEY) from error
    return public_key_in(text)


def public_key_in(text: str) -> str:
    """Return a public key, base64, from PEM or base64; no file is looked at.

    Raises:
        UnusableKey: it is none.
    """
    try:
        if "-----BEGIN" in text:
            key = serialization.load_pem_public_key(text.encode())
            raw = key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else b""
        else:
            raw = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(_NO_PUBLIC_KEY) from error
    return base64.b64encode(raw).decode()


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; who comes second finds the first one's."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 (it is a descriptor)
            file.write(pem)
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _of_file(path: Path) -> Signer:
    try:
        return _read(path.read_bytes(), str(path))
    except OSError as error:
        raise UnusableKey(f"records.signing_key: {path} cannot be read: {error.strerror}") from error


def _read(pem: bytes, place: str) -> Signer:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey(
            f"records.signing_key: {place} is no private key in PEM without password"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(
            f"records.signing_key: {place} is no Ed25519 key; `openssl genpkey -algorithm ed25519`"
        )
    return Signer(key)

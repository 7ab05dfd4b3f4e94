"""Between an exchange's rows and their chain: salts, hashes, and encryption where there is a key.

The chain must stay valid when a person's words go, so it holds hashes of them, and the hashes are salted,
with a salt that goes with the words: what is left cannot be guessed by trying. That holds for bodies
(`payloads.hash`) and, all in one, for the columns of an exchange that may hold a person's words
(`exchanges.erasable_hash`; which they are says `canonical.ERASABLE`).

Bodies may be encrypted with AES-256-GCM under a key with an id, each with a nonce of its own (NIST SP
800-38D, 96 bits at random: good for 2^32 bodies a key), bound to the exchange and kind, so that none can
stand in for another. The hash is of the text, not of the cipher: it stays when the key changes. The columns
of `exchanges` are not encrypted: they are what one searches by.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.records.canonical import body_hash, erasable_hash
from app.records.rows import Row, Rows
from app.records.scrubbing import Redact
from app.records.values import fitted

_NONCE_BYTES = 12
_SALT_BYTES = 16
_SUBJECT_BOUND = 256


class Unreadable(Exception):
    """A body cannot be decrypted: its key is not at hand, or it is not what was encrypted. Says which."""


class Protection:
    """Protects rows. Used by any thread.

    Args:
        keys: of 32 bytes, by id; those that are no longer `active` still decrypt.
        active: id of the key that encrypts; None: nothing is encrypted.
        subject_key: keys the hash that stands for a subject; None: see `subject`.
        redact: knows a subject that is secret or personal, such as an address.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes] | None = None,
        active: str | None = None,
        subject_key: bytes | None = None,
        redact: Redact = str,
    ) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in (keys or {}).items()}
        self._active = active
        self._subject_key = subject_key
        self._redact = redact

    def protect(self, rows: Rows, metadata: Mapping[str, Any] | None = None) -> Rows:
        """Return an exchange's rows as they go on record, but for the chain.

        Args:
            rows: as `rows_of` makes them.
            metadata: the caller's, as it came, of which `_user` is the subject.
        """
        salts = os.urandom(_SALT_BYTES * (1 + len(rows.payloads))).hex()
        subject = (metadata or {}).get("_user")
        row = rows.exchanges[0] | {"subject": None if subject is None else self.subject(str(subject))}
        salt, salts = salts[: 2 * _SALT_BYTES], salts[2 * _SALT_BYTES :]
        row["erasable_hash"] = erasable_hash(salt, row)
        row["erasable_salt"] = None if row["erasable_hash"] is None else salt
        payloads = []
        for payload in rows.payloads:
            salt, salts = salts[: 2 * _SALT_BYTES], salts[2 * _SALT_BYTES :]
            payloads.append(self._payload(payload, salt))
        return msgspec.structs.replace(rows, exchanges=(row,), payloads=tuple(payloads))

    def subject(self, name: str) -> str:
        """Return what stands on record for a person: `exchanges.subject`.

        Without a key a number or a name of the caller's own stands as it was given, and what says by itself
        who that is as its hash. Whoever guesses it can make sure with that; only a key prevents it.
        """
        if self._subject_key is not None:
            return hmac.new(self._subject_key, name.encode(errors="replace"), hashlib.sha256).hexdigest()
        return fitted(name, _SUBJECT_BOUND) if self._redact(name) == name else plain_hash(name)

    def has(self, key_id: str | None) -> bool:
        """Return whether this key is at hand."""
        return key_id in self._ciphers

    def encrypted(self, exchange_id: str, kind: str, body: str) -> tuple[str, str | None]:
        """Return a body as it goes on record, and the id of its key."""
        if self._active is None:
            return body, None
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._active].encrypt(nonce, body.encode(), _bound_to(exchange_id, kind))
        return base64.b64encode(nonce + sealed).decode(), self._active

    def decrypted(self, exchange_id: str, kind: str, body: str, key_id: str | None) -> str:
        """Return the JSON that was put on record.

        Raises:
            Unreadable: the key is not at hand, or the body is not what was encrypted.
        """
        if key_id is None:
            return body
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Unreadable(f"the {kind} of {exchange_id} is encrypted with the key {key_id!r}")
        try:
            sealed = base64.b64decode(body, validate=True)
            nonce, sealed = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return cipher.decrypt(nonce, sealed, _bound_to(exchange_id, kind)).decode()
        except (InvalidTag, ValueError):
            raise Unreadable(f"the {kind} of {exchange_id} is not what was encrypted") from None

    def _payload(self, payload: Row, salt: str) -> Row:
        body = payload["body"]
        if body is None:
            return payload
        hash_ = body_hash(salt, str(body))
        if payload["content"] == "hashes":
            return payload | {"body": None, "salt": salt, "hash": hash_}
        text, key_id = self.encrypted(str(payload["exchange_id"]), str(payload["kind"]), str(body))
        return payload | {"body": text, "salt": salt, "hash": hash_, "key_id": key_id}


def plain_hash(name: str) -> str:
    """Return the hash that stands for a subject without a key."""
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()


def _bound_to(exchange_id: str, kind: str) -> bytes:
    return f"{exchange_id} {kind}".encode()

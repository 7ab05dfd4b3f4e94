"""What must hold for the record's settings."""

import base64
from collections.abc import Iterator

from app.configuration.problems import Problem, joined
from app.record_settings import EncryptionSettings

_KEY_BYTES = 32
"""Of AES-256."""


def encryption_problems(encryption: EncryptionSettings) -> Iterator[Problem]:
    """Yield what is wrong with the keys that encrypt bodies."""
    path = "records.encryption"
    for name, key in encryption.keys.items():
        try:
            size = len(base64.b64decode(key.reveal(), validate=True))
        except ValueError:
            size = 0
        if size != _KEY_BYTES:
            yield Problem(
                joined(joined(path, "keys"), name),
                "must be 32 random bytes in base64: openssl rand -base64 32",
            )
    if encryption.active is not None and encryption.active not in encryption.keys:
        known = ", ".join(sorted(encryption.keys)) or "none"
        yield Problem(joined(path, "active"), f"no key is named {encryption.active}; there are: {known}")

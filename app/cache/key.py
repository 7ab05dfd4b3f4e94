"""Under which key an answer is kept: a keyed hash over everything that could make it another answer.

What is left out of a request is left out by name, so that a parameter nobody has heard of makes another key:
to ask once too often costs money, to give the wrong answer costs trust. Left out are:

- `model`: the caller's address of it; the scope holds what the provider calls it.
- `stream`, `stream_options`: how an answer is delivered; it is kept whole and given either way.
- `user`, `safety_identifier`: whose abuse the provider is to look for. No model sees them.
- `metadata`: labels for the provider's own log.
- `prompt_cache_key`, `prompt_cache_options`, `prompt_cache_retention`: where and for how long the provider
  keeps what it has read. They change cost and latency.

(OpenAI's API reference, chat completions, 2026-11.) Not left out although near: `store`, because an answer
that was not stored has an id that cannot be looked up; `service_tier`, which the answer states; `seed`.
`1` and `1.0`, null and nothing are different here, too: nobody promises that each provider takes them alike.

The hash is BLAKE2b with a key of its own (RFC 7693), whole, not cut: without the key nobody who can read a
shared cache can find out whether a certain question was asked. Gateways that share one need the same key.
"""

import hashlib
from typing import Any

import msgspec

LEFT_OUT = frozenset(
    {
        "metadata",
        "model",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "stream",
        "stream_options",
        "user",
    }
)
"""Members of a request that do not change its answer."""
_DIGEST_BYTES = 32
_MIN_SECRET_BYTES = 16
_MAX_SECRET_BYTES = hashlib.blake2b.MAX_KEY_SIZE
_EXACT = b"handrail/exact"
_ALIKE = b"handrail/alike"
"""Personalisation (at most 16 bytes): a key of one kind is never one of the other."""
_AT_ONCE = 2_047
"""More in one piece, and hashlib lets go of the interpreter's lock, to wait for it behind other threads: ten
times as long as these take to hash."""
_IN_PIECES = 65_536
"""Of more than this many bytes the hash takes longer than the lock."""
_encode = msgspec.json.Encoder(order="deterministic").encode


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a request and decides about its answer: who asks whom, and under what rules."""

    caller: str
    """Name of the caller; empty only where the configuration says that callers share their answers."""
    provider: str
    """Slug of the provider."""
    model: str
    """As the provider calls it."""
    strict: bool
    """Whether the answer keeps to OpenAI's vocabulary."""
    policy_version: str
    """Content hash of the configuration: other rules, other answers."""
    namespace: str = ""
    """The caller's own division of his answers (`x-portkey-cache-namespace`)."""
    metadata: dict[str, Any] | None = None
    """The caller's, where he gives no namespace: it may say whose question it is (`_user`)."""
    account: str = ""
    """Digest of the provider's whole address and of what it is sent to know us by (`Provider.account`). A
    saved config may change both under one slug, and so may the environments of gateways that share a
    store. (What callers bring themselves is never kept.)"""
    forwarded: tuple[tuple[str, str], ...] = ()
    """Headers of the caller's that the provider gets (`forward_headers`, `openai-beta`), sorted."""


class Keys:
    """Makes keys.

    Args:
        secret: 16 to 64 bytes, the same in all gateways that share a cache.
    """

    def __init__(self, secret: bytes) -> None:
        if not _MIN_SECRET_BYTES <= len(secret) <= _MAX_SECRET_BYTES:
            raise ValueError(f"a secret for cache keys has 16 to 64 bytes, not {len(secret)}")
        self._exact = hashlib.blake2b(key=secret, digest_size=_DIGEST_BYTES, person=_EXACT)
        self._alike = hashlib.blake2b(key=secret, digest_size=_DIGEST_BYTES, person=_ALIKE)

    def exact(self, scope: Scope, document: dict[str, Any]) -> str:
        """Return the key of a request: 64 hexadecimal digits.

        Args:
            scope: what stands beside it.
            document: the request as it will be sent, redacted and with a config's parameters.
        """
        asked = {name: value for name, value in document.items() if name not in LEFT_OUT}
        return _hashed(self._exact, (scope, asked))

    def alike(self, *parts: object) -> str:
        """Return the key of what two questions must have in common to be compared by meaning.

        Args:
            parts: JSON and structs.
        """
        return _hashed(self._alike, parts)


def _hashed(keyed: "hashlib.blake2b", value: object) -> str:
    found, data = keyed.copy(), memoryview(_encode(value))
    step = _AT_ONCE if len(data) <= _IN_PIECES else len(data)
    for start in range(0, len(data), step):
        found.update(data[start : start + step])
    return found.hexdigest()

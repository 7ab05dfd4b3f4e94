"""The memory: what a service said about a text just now, so that it is not asked again.

The same system prompt and the same earlier turns come with every request of a conversation. What is kept is
the answer, never the question: the key is a keyed hash (BLAKE2b, RFC 7693) from which no text can be tried
out without the secret. A memory belongs to one check of one configuration, so neither is part of the key.

Answers that hold a replacement are not kept, since that may be made of the text; nor are very long ones.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence

from guardrails.check import Match

_DIGEST_BYTES = 32
_MAX_KEY_BYTES = 64
"""BLAKE2b takes no longer key; one is replaced by its hash, as HMAC does."""
_MAX_MATCHES = 64
"""Of an answer that is kept: what is kept must be bounded, and texts with more are seldom seen twice."""


class Memory:
    """Remembers answers for a time, the least recently used are forgotten first.

    Args:
        key: secret.
        ttl_s: how long an answer is true; 0: nothing is kept.
        entries: how many are kept.
        clock: seconds that only grow.
    """

    __slots__ = ("_answers", "_clock", "_entries", "_key", "_ttl_s")

    def __init__(self, key: bytes, ttl_s: float, entries: int, clock: Callable[[], float]) -> None:
        self._key = hashlib.blake2b(key).digest() if len(key) > _MAX_KEY_BYTES else key
        self._ttl_s = ttl_s
        self._entries = entries
        self._clock = clock
        self._answers: OrderedDict[bytes, tuple[float, tuple[Match, ...]]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._answers)

    def name(self, question: Sequence[str]) -> bytes:
        """Return what a question is remembered by; no two have the same.

        Args:
            question: all that the answer depends on.
        """
        digest = hashlib.blake2b(digest_size=_DIGEST_BYTES, key=self._key)
        for text in question:
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
        return digest.digest()

    def recall(self, name: bytes) -> tuple[Match, ...] | None:
        """Return the answer, if there is one that is still true."""
        kept = self._answers.get(name)
        if kept is None:
            return None
        until_s, answer = kept
        if self._clock() >= until_s:
            del self._answers[name]
            return None
        self._answers.move_to_end(name)
        return answer

    def keep(self, name: bytes, answer: tuple[Match, ...]) -> None:
        """Remember an answer."""
        if not self._ttl_s or len(answer) > _MAX_MATCHES:
            return
        if any(match.replacement is not None for match in answer):
            return
        self._answers[name] = (self._clock() + self._ttl_s, answer)
        self._answers.move_to_end(name)
        while len(self._answers) > self._entries:
            self._answers.popitem(last=False)

"""Signatures of thoughts by the id of the tool call that they came with.

Gemini 3 refuses a conversation whose tool calls come back without the signatures it gave out
(ai.google.dev/gemini-api/docs/thought-signatures, 2026-11), and most clients drop fields that they do not
know. So what was given out is kept for a while; the least recently used goes first. A signature means
nothing to anybody but the provider, and it is found by an id that only its conversation knows.
"""

from collections import OrderedDict


class Signatures:
    """A bounded store; of one process and one thread.

    Args:
        max_entries: how many signatures are kept.
        max_bytes: of all signatures and ids together; one that is larger than this is not kept.
    """

    def __init__(self, *, max_entries: int = 10_000, max_bytes: int = 32 * 1024 * 1024) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._size_bytes = 0

    def note(self, call_id: str, signature: str) -> None:
        """Keep the signature that came with this call."""
        self._forget(call_id)
        size = _size(call_id, signature)
        if size > self._max_bytes:
            return
        self._kept[call_id] = signature
        self._size_bytes += size
        while len(self._kept) > self._max_entries or self._size_bytes > self._max_bytes:
            self._forget(next(iter(self._kept)))

    def find(self, call_id: str) -> str | None:
        """Return the signature of this call, None if it is not known (any more)."""
        signature = self._kept.get(call_id)
        if signature is not None:
            self._kept.move_to_end(call_id)
        return signature

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        """What is kept, in bytes of text."""
        return self._size_bytes

    def _forget(self, call_id: str) -> None:
        signature = self._kept.pop(call_id, None)
        if signature is not None:
            self._size_bytes -= _size(call_id, signature)


def _size(call_id: str, signature: str) -> int:
    """Return the bytes of both; they are ASCII but for what an odd client may send, which counts too low."""
    return len(call_id) + len(signature)

"""What the cache gives no more, although it may still lie somewhere: all that was made until a moment.

Forgotten is everything at once. An entry names the exchange in which it was made, but whoever was given it
again has it in an exchange of his own. To look for what is someone's, and to miss a part, would be worse than
to ask the provider once more.

Who asks for that, and when, is `app/forgetting.py`'s affair.
"""

import math

from app.cache.entry import Entry
from app.cache.ports import Index, Store
from app.cache.question import LONGEST_MAX_AGE_S


class Forgotten:
    """That of one cache.

    Args:
        store: where its answers are.
        index: where its vectors are, if there are any.
    """

    def __init__(self, store: Store, index: Index | None) -> None:
        self._store = store
        self._index = index
        self._until_s = -math.inf

    def covers(self, entry: Entry) -> bool:
        """Return whether an answer is not to be given any more."""
        return entry.made_at_s <= self._until_s

    def hold_back(self, until_s: float) -> None:
        """Give nothing that was made until a moment, in seconds since the epoch. It may be set back."""
        self._until_s = until_s

    async def clear(self, until_s: float, name: str = "") -> bool:
        """Give nothing that was made until a moment, and let go of all that is kept, newer answers too.

        Args:
            until_s: seconds since the epoch. An answer that is being put away at this time was made before.
            name: of what asks for it; remembered where answers outlive this process.

        Returns:
            Whether all is gone; else it is to be asked for again.
        """
        self._until_s = max(self._until_s, until_s)
        is_gone = self._index is None or await self._index.clear()
        is_gone = await self._store.clear() and is_gone
        if is_gone and name and self._outlives_us:
            await self._store.put(name, b"", LONGEST_MAX_AGE_S)
        return is_gone

    async def was_cleared(self, name: str) -> bool:
        """Return whether whatever is kept, by whomever, is from after what asked by this name."""
        return not self._outlives_us or await self._store.get(name) is not None

    @property
    def _outlives_us(self) -> bool:
        return self._store.holding() is None

"""The exchanges of a replay: read some at a time, decrypted where that can be, and put to the candidate."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

import msgspec

from app.records.filters import Filter
from app.records.opened_bodies import opened_payloads
from app.records.paged_exchanges import paged_exchanges
from app.records.protection import Protection
from app.records.queries import count
from app.records.reading import Reading
from app.records.whole_exchanges import RecordedExchange
from app.replaying.candidate import Candidate
from app.replaying.comparison import Comparison
from app.replaying.past import Hide
from app.replaying.replay import replay


class Recorded:
    """Those that are asked for.

    Args:
        reading: the record.
        asked: which.
        protection: decrypts bodies.
        most: the newest so many; None: all.
    """

    def __init__(
        self, reading: Reading, asked: Filter, protection: Protection, *, most: int | None = None
    ) -> None:
        self._reading = reading
        self._asked = asked
        self._protection = protection
        self._most = most

    def total(self) -> int:
        """Return how many there are.

        Raises:
            UnreadableRecord: the record cannot be read.
        """
        with self._reading.connect() as connection:
            found = count(connection, self._asked)
        return found if self._most is None else min(found, self._most)

    async def compare(
        self,
        candidate: Candidate,
        hide: Hide,
        done: Comparison,
        tell: Callable[[int], None],
        *,
        at_once: int = 1,
    ) -> None:
        """Put them to a candidate, on an event loop that has nothing else to do: reading blocks it.

        Args:
            candidate: the guardrails.
            hide: as `replay` takes it.
            done: what comes of it is added here.
            tell: told how many are done; what it raises ends the work.
            at_once: how many wait for other services at the same time.

        Raises:
            UnreadableRecord: the record cannot be read.
        """
        for found in self._pages():
            for some in _batches(found, at_once):
                for one in await asyncio.gather(*(replay(candidate, recorded, hide) for recorded in some)):
                    done.add(one)
                tell(done.exchanges)

    def _pages(self) -> Iterator[tuple[RecordedExchange, ...]]:
        for found in paged_exchanges(self._reading, self._asked, most=self._most):
            yield tuple(map(self._opened, found))

    def _opened(self, one: RecordedExchange) -> RecordedExchange:
        payloads = opened_payloads(one.children["payloads"], self._protection)
        return msgspec.structs.replace(one, children=one.children | {"payloads": payloads})


def _batches(found: tuple[RecordedExchange, ...], size: int) -> Iterable[tuple[RecordedExchange, ...]]:
    return (found[i : i + size] for i in range(0, len(found), size))

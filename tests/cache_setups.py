"""What tests of the whole cache share: one in memory, and what it is made of."""

import asyncio

from app.cache.cache import STATUSES, Cache, Hit, Miss
from app.cache.counts import Counts
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.cache.memory_index import MemoryIndex
from app.cache.question import Question, Rules
from app.cache.semantic import SemanticIndex
from tests.caches import SCOPE, SECRET, Clock, answer, asking
from tests.fakes import FakeLog

SIMPLE, SEMANTIC = Rules(), Rules(mode="semantic")
ASKED = Question(scope=SCOPE, document=asking())
ALIKE = Question(scope=SCOPE, document=asking("France's capital?"))
OTHER = Question(scope=SCOPE, document=asking("What is the capital of Spain?"))
VECTORS = {
    "What is the capital of France?": (1.0, 0.0),
    "France's capital?": (0.99, 0.14),
    "What is the capital of Spain?": (0.8, 0.6),
}


class Setup:
    """A cache in memory and what it is made of."""

    def __init__(self, *, semantic: bool = True, max_entry_bytes: int = 10_000, wait_s: float = 5.0) -> None:
        self.clock = Clock()
        counts = Counts(STATUSES)
        self.embedded: list[str] = []
        self.embeds = asyncio.Event()
        self.embeds.set()
        self.memory = MemoryStore(max_bytes=100_000, max_entries=100, clock=self.clock, noted=counts.note)
        keys = Keys(SECRET)
        self.index = MemoryIndex(clock=self.clock)
        meaning = SemanticIndex(
            self._embed,
            self.index,
            name="small",
            keys=keys,
            clock=self.clock,
            log=FakeLog(),
            noted=counts.note,
        )
        self.cache = Cache(
            keys=keys,
            store=self.memory,
            now_s=self.clock,
            semantic=meaning if semantic else None,
            max_entry_bytes=max_entry_bytes,
            wait_s=wait_s,
            counts=counts,
        )

    async def _embed(self, text: str) -> tuple[float, float]:
        self.embedded.append(text)
        await self.embeds.wait()
        return VECTORS[text]

    def counted(self) -> dict[str, int]:
        """Return what has happened, without what has not."""
        figures = self.cache.figures()
        return {word: count for word, count in (figures.lookups | figures.events).items() if count}

    async def miss(self, question: Question = ASKED, rules: Rules = SIMPLE) -> Miss:
        found = await self.cache.lookup(question, rules)
        assert isinstance(found, Miss)
        return found

    async def hit(self, question: Question = ASKED, rules: Rules = SIMPLE) -> Hit:
        found = await self.cache.lookup(question, rules)
        assert isinstance(found, Hit)
        return found

    async def keep(self, question: Question = ASKED, rules: Rules = SIMPLE, text: str = "Paris.") -> None:
        assert await self.cache.store(await self.miss(question, rules), answer(text), "e-1")

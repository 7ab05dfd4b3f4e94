"""Questions that mean the same, with an embedder that the test speaks for."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from app.cache.key import Keys, Scope
from app.cache.memory_index import MemoryIndex
from app.cache.ports import Place
from app.cache.semantic import DEFAULT_THRESHOLD, SemanticIndex
from tests.caches import SCOPE, SECRET, Clock, asking
from tests.fakes import FakeLog

VECTORS = {
    "What is the capital of France?": (1.0, 0.0),
    "France's capital?": (0.99, 0.14),
    "What is the capital of Spain?": (0.8, 0.6),
    "Refund order 4711": (0.0, 1.0),
    "Refund order 4712": (0.01, 1.0),
}


class Embedder:
    """Gives the vectors above."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.takes_s = 0.0

    async def __call__(self, text: str) -> Sequence[float]:
        self.asked.append(text)
        await asyncio.sleep(self.takes_s)
        return VECTORS[text]


class Setup:
    """An index and what it is made of."""

    def __init__(self) -> None:
        self.clock, self.log, self.embedder = Clock(), FakeLog(), Embedder()
        self.vectors = MemoryIndex(clock=self.clock)
        self.noted: list[str] = []
        self.index = self.named("small")

    def named(self, name: str) -> SemanticIndex:
        return SemanticIndex(
            self.embedder,
            self.vectors,
            name=name,
            keys=Keys(SECRET),
            clock=self.clock,
            log=self.log,
            timeout_s=0.05,
            noted=self.noted.append,
        )

    async def place(self, text: str, scope: Scope = SCOPE, **params: Any) -> Place:
        place = await self.index.place(scope, asking(text, **params))
        assert place is not None
        return place


async def test_a_question_that_means_the_same_is_found_and_another_is_not() -> None:
    setup = Setup()
    await setup.vectors.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    near = await setup.vectors.find(await setup.place("France's capital?"), DEFAULT_THRESHOLD)
    assert near is not None
    assert near.name == "paris"
    assert near.cosine == pytest.approx(0.99, abs=0.001)
    assert (
        await setup.vectors.find(await setup.place("What is the capital of Spain?"), DEFAULT_THRESHOLD)
        is None
    )
    assert await setup.vectors.find(await setup.place("What is the capital of Spain?"), 0.75) is not None


@pytest.mark.parametrize("name", Scope.__struct_fields__)
async def test_questions_of_two_scopes_are_never_compared(name: str) -> None:
    setup = Setup()
    other = {"strict": False, "forwarded": (("openai-beta", "x"),)}.get(name, "another")
    await setup.vectors.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    scope = msgspec.structs.replace(SCOPE, **{name: other})
    assert await setup.vectors.find(await setup.place("What is the capital of France?", scope), 0.0) is None


@pytest.mark.parametrize(
    ("params", "is_same"),
    [
        ({"temperature": 1}, False),
        ({"tools": []}, False),
        ({"messages": [{"role": "user", "content": "France's capital?"}]}, False),
        ({"stream": True, "user": "u-1"}, True),
    ],
)
async def test_all_but_the_words_must_be_equal(params: dict[str, Any], is_same: bool) -> None:
    setup = Setup()
    await setup.vectors.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    assert (
        await setup.vectors.find(await setup.place("France's capital?", **params), 0.9) is not None
    ) is is_same


async def test_another_number_is_another_question() -> None:
    setup = Setup()
    await setup.vectors.add(await setup.place("Refund order 4711"), "refunded", 60.0)
    assert await setup.vectors.find(await setup.place("Refund order 4712"), 0.5) is None
    assert await setup.vectors.find(await setup.place("Refund order 4711"), 0.5) is not None


async def test_vectors_of_two_embedders_are_never_compared() -> None:
    setup = Setup()
    await setup.vectors.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    other = await setup.named("large").place(SCOPE, asking("What is the capital of France?"))
    assert other is not None
    assert await setup.vectors.find(other, 0.0) is None


async def test_a_failing_embedder_is_a_line_in_the_log_without_content() -> None:
    setup = Setup()
    assert await setup.index.place(SCOPE, asking("a text without a vector")) is None
    assert setup.log.lines == [
        ("warning", "cache_embedding_failed", {"embedder": "small", "error": "KeyError"})
    ]
    assert setup.noted == ["embedding_failed"]


async def test_a_slow_embedder_is_not_waited_for() -> None:
    setup = Setup()
    setup.embedder.takes_s = 5.0
    async with asyncio.timeout(2.0):
        assert await setup.index.place(SCOPE, asking("Refund order 4711")) is None


async def test_nothing_is_embedded_that_is_not_to_be_compared() -> None:
    setup = Setup()
    image = {"role": "user", "content": [{"type": "image_url", "image_url": "https://x.invalid/a.png"}]}
    assert await setup.index.place(SCOPE, {"messages": [image]}) is None
    assert setup.embedder.asked == []


async def test_an_embedder_that_keeps_failing_is_left_alone_for_a_while() -> None:
    setup = Setup()
    for _ in range(5):
        assert await setup.index.place(SCOPE, asking("nothing the embedder knows")) is None
    assert len(setup.embedder.asked) == len(setup.log.lines) == 3
    setup.clock.now_s += 9.9
    assert await setup.index.place(SCOPE, asking("France's capital?")) is None
    setup.clock.now_s += 0.1
    await setup.place("France's capital?")
    assert await setup.index.place(SCOPE, asking("nothing the embedder knows")) is None
    await setup.place("France's capital?")

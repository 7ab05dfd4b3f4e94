"""Questions that mean the same, with an embedder that the test speaks for."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from app.cache.key import Keys, Scope
from app.cache.semantic import DEFAULT_THRESHOLD, Place, SemanticIndex
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

    def __init__(self, max_entries: int = 10) -> None:
        self.clock, self.log, self.embedder = Clock(), FakeLog(), Embedder()
        self.index = self.named("small", max_entries)

    def named(self, name: str, max_entries: int = 10) -> SemanticIndex:
        return SemanticIndex(
            self.embedder,
            name=name,
            keys=Keys(SECRET),
            clock=self.clock,
            log=self.log,
            max_entries=max_entries,
            timeout_s=0.05,
        )

    async def place(self, text: str, scope: Scope = SCOPE, **params: Any) -> Place:
        place = await self.index.place(scope, asking(text, **params))
        assert place is not None
        return place


async def test_a_question_that_means_the_same_is_found_and_another_is_not() -> None:
    setup = Setup()
    setup.index.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    near = setup.index.find(await setup.place("France's capital?"), DEFAULT_THRESHOLD)
    assert near is not None
    assert near.name == "paris"
    assert near.cosine == pytest.approx(0.99, abs=0.001)
    assert setup.index.find(await setup.place("What is the capital of Spain?"), DEFAULT_THRESHOLD) is None
    assert setup.index.find(await setup.place("What is the capital of Spain?"), 0.75) is not None


@pytest.mark.parametrize("name", Scope.__struct_fields__)
async def test_questions_of_two_scopes_are_never_compared(name: str) -> None:
    setup = Setup()
    other = {"strict": False, "forwarded": (("openai-beta", "x"),)}.get(name, "another")
    setup.index.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    scope = msgspec.structs.replace(SCOPE, **{name: other})
    assert setup.index.find(await setup.place("What is the capital of France?", scope), 0.0) is None


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
    setup.index.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    assert (setup.index.find(await setup.place("France's capital?", **params), 0.9) is not None) is is_same


async def test_another_number_is_another_question() -> None:
    setup = Setup()
    setup.index.add(await setup.place("Refund order 4711"), "refunded", 60.0)
    assert setup.index.find(await setup.place("Refund order 4712"), 0.5) is None
    assert setup.index.find(await setup.place("Refund order 4711"), 0.5) is not None


async def test_vectors_of_two_embedders_are_never_compared() -> None:
    setup = Setup()
    setup.index.add(await setup.place("What is the capital of France?"), "paris", 60.0)
    other = await setup.named("large").place(SCOPE, asking("What is the capital of France?"))
    assert other is not None
    assert setup.index.find(other, 0.0) is None


async def test_what_is_too_old_is_not_found_and_takes_no_room() -> None:
    setup = Setup()
    place = await setup.place("What is the capital of France?")
    setup.index.add(place, "paris", 60.0)
    setup.clock.now_s += 60.0
    assert setup.index.find(place, 0.9) is None
    assert len(setup.index) == 0


async def test_the_least_recently_used_goes_first() -> None:
    setup = Setup(max_entries=2)
    first, second = await setup.place("Refund order 4711"), await setup.place("What is the capital of Spain?")
    third = await setup.place("What is the capital of France?")
    setup.index.add(first, "first", 60.0)
    setup.index.add(second, "second", 60.0)
    setup.index.find(first, 0.9)
    setup.index.add(third, "third", 60.0)
    found = [setup.index.find(place, 0.99) for place in (first, second, third)]
    assert [one.name if one is not None else None for one in found] == ["first", None, "third"]
    assert len(setup.index) == 2


async def test_what_the_store_has_no_more_can_be_forgotten() -> None:
    setup = Setup()
    place = await setup.place("Refund order 4711")
    setup.index.add(place, "a", 60.0)
    setup.index.forget("a")
    setup.index.forget("a")
    assert setup.index.find(place, 0.0) is None


async def test_a_failing_embedder_is_a_line_in_the_log_without_content() -> None:
    setup = Setup()
    assert await setup.index.place(SCOPE, asking("a text without a vector")) is None
    assert setup.log.lines == [
        ("warning", "cache_embedding_failed", {"embedder": "small", "error": "KeyError"})
    ]


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

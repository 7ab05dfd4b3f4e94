"""How much memory values take."""

import json
import sys
import tracemalloc
from typing import Any

import msgspec
import pytest

from app.footprint import footprint


class Pair(msgspec.Struct):
    """Two things."""

    left: Any
    right: Any


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([[] for _ in range(2_000)]),
        json.dumps({f"key {number}": f"value {number}" for number in range(2_000)}),
        json.dumps({"messages": [{"role": "user", "content": "word " * 2_000}]}),
    ],
    ids=["empty lists", "members", "one text"],
)
def test_it_is_what_the_interpreter_takes_for_what_it_has_read(text: str) -> None:
    tracemalloc.start()
    try:
        value = json.loads(text)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert footprint([value], 10**9) == pytest.approx(taken, rel=0.15)


def test_what_hangs_on_structs_and_tuples_counts() -> None:
    alone, text = Pair(None, None), "x" * 10_000
    assert footprint([Pair((text,), {"a": [alone]})], 10**9) > footprint([alone], 10**9) + sys.getsizeof(text)


def test_what_is_held_twice_counts_once() -> None:
    text = "x" * 10_000
    assert footprint([text, [text, {"a": text}]], 10**9) < 1.1 * footprint([text], 10**9)


def test_it_looks_no_further_than_it_must() -> None:
    looped: list[Any] = []
    for _ in range(100_000):
        looped = [looped]
    assert 1_000 < footprint([looped], 1_000) < 1_200

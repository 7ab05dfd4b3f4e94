"""Texts cost their paths, and both are bounded."""

import tracemalloc

import pytest

from app.domain.json_text import JsonText
from app.domain.part_list import MAX_PARTS, MAX_PATH_CHARS, PartList, TooManyTexts
from guardrails.part import Part, PartKind


def test_there_are_so_many_parts_and_no_more() -> None:
    parts = PartList()
    for _ in range(MAX_PARTS):
        parts.append(Part("a", "b"))
    with pytest.raises(TooManyTexts):
        parts.append(Part("a", "b"))


def test_paths_are_as_long_together_and_no_longer() -> None:
    parts = PartList()
    half = "x" * (MAX_PATH_CHARS // 2)
    assert parts.place(half) is half
    parts.place(half)
    with pytest.raises(TooManyTexts):
        parts.place("x")


def test_what_somebody_else_bounds_is_not_bounded_again() -> None:
    parts = PartList(bounded=False)
    parts.place("x" * (MAX_PATH_CHARS + 1))
    for _ in range(MAX_PARTS + 1):
        parts.append(Part("a", "b"))


def test_parts_of_an_earlier_turn_are_not_new() -> None:
    parts = PartList()
    parts.is_new = False
    parts.append(Part("a", "b"))
    assert not parts[0].is_new


def test_deep_arguments_of_a_tool_are_given_up_before_their_paths_fill_the_memory() -> None:
    deep = "".join(f'{{"{"k" * 120}{i}":' for i in range(60))
    text = deep + "[" + ",".join(['"a"'] * 60_000) + "]" + "}" * 60
    tracemalloc.start()
    with pytest.raises(TooManyTexts):
        JsonText("a", text).parts(PartKind.TOOL_ARGUMENTS, "assistant")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20

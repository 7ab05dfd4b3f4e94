"""RE2 as the checks use it."""

import time

import pytest

from guardrails.check import is_break
from guardrails.checks.patterns import SPACE, UNSPACED, PatternError, PatternSet, compiled
from guardrails.checks.places import Places


def test_the_classes_of_breaks_are_those_of_the_law() -> None:
    space, unspaced = compiled(f"[{SPACE}]"), compiled(f"[{UNSPACED}]")
    for code in (*range(0x1_1000), *range(0x1_F000, 0x2_0010), 0x2_A6DF, 0x3_FFFF, 0x4_0000):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        assert bool(space.fullmatch(character)) is character.isspace(), hex(code)
        either = space.fullmatch(character) or unspaced.fullmatch(character)
        assert bool(either) is is_break(character), hex(code)


@pytest.mark.parametrize("text", ["x foo", "é foo", "\U0001f600 foo"])
def test_places_are_code_points_in_any_text(text: str) -> None:
    found = compiled("(f)oo").search(text)
    assert found is not None
    assert found.span() == (2, 5)
    assert found.span(1) == (2, 3)


def test_look_around_is_refused_with_the_reason() -> None:
    with pytest.raises(PatternError, match=r"\(\?="):
        compiled("a(?=b)")


def test_a_pattern_that_stalls_others_takes_linear_time() -> None:
    began = time.process_time()
    assert compiled("(a+)+$").search("a" * 100_000 + "b") is None
    assert time.process_time() - began < 1


def test_a_set_names_the_patterns_that_match() -> None:
    chosen = PatternSet(["a", "b", "^c"])
    assert chosen.hits("xbxa") == {0, 1}
    assert chosen.hits("") == frozenset()
    assert PatternSet([]).hits("a") == frozenset()


def test_places_that_touch_do_not_meet() -> None:
    taken = Places([(5, 7), (0, 2), (6, 9), (20, 21)])
    assert not taken.meet(2, 5)
    assert not taken.meet(9, 20)
    assert taken.meet(1, 3)
    assert taken.meet(8, 9)
    assert taken.meet(0, 100)
    assert not Places([]).meet(0, 1)

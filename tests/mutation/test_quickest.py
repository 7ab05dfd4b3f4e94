"""Tests of the mutated file come first, then quick ones."""

from hypothesis import Phase, settings

from tests.mutation.quickest import rank

TOOK_S = {"tests/guardrails/test_window.py::a": 0.01, "tests/guardrails/test_engine.py::b": 0.001,
          "tests/guardrails/test_engine.py::c": 3.0, "tests/guardrails/test_window.py::d": 4.0}  # fmt: skip


def test_tests_of_the_file_come_first_unless_they_are_slow() -> None:
    order = sorted(TOOK_S, key=lambda test: rank(test, "guardrails.window", TOOK_S))
    assert [test[-1] for test in order] == ["a", "b", "c", "d"]
    order = sorted(TOOK_S, key=lambda test: rank(test, "guardrails.engine", TOOK_S))
    assert [test[-1] for test in order] == ["b", "a", "c", "d"]


def test_a_mutant_is_seen_by_any_text_not_by_the_shortest() -> None:
    profile = settings.get_profile("mutation")
    assert profile.derandomize
    assert Phase.shrink not in profile.phases

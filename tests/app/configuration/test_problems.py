import pytest

from app.configuration.problems import InvalidConfiguration, Problem, joined


@pytest.mark.parametrize(
    ("problem", "source", "line"),
    [
        (Problem("a.b", "is odd", 3), "handrail.yaml", "handrail.yaml:3: a.b: is odd"),
        (Problem("a.b", "is odd"), "handrail.yaml", "handrail.yaml: a.b: is odd"),
        (Problem("", "is odd", 3), "handrail.yaml", "handrail.yaml:3: is odd"),
        (Problem("a.b", "is odd"), "", "a.b: is odd"),
    ],
)
def test_a_problem_says_where_it_is(problem: Problem, source: str, line: str) -> None:
    assert str(InvalidConfiguration([problem], source)) == line


def test_each_problem_has_a_line_of_its_own() -> None:
    error = InvalidConfiguration([Problem("a", "x", 1), Problem("b", "y", 2)], "f")
    assert str(error).splitlines() == ["f:1: a: x", "f:2: b: y"]


def test_paths_are_written_as_in_messages() -> None:
    assert joined(joined(joined("", "providers"), "models"), 2) == "providers.models[2]"

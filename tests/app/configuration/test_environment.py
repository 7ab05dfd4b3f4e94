import pytest

from app.configuration.environment import Environment
from app.configuration.problems import Problem

VARIABLES = {"KEY": "s3cret", "EMPTY": "", "NESTED": "${KEY}", "_a1": "x"}


def test_a_reference_is_the_value_of_its_variable() -> None:
    environment = Environment(VARIABLES)
    filled = environment.fill({"a": "${KEY}", "b": ["Bearer ${KEY}${_a1}", 7, None], "c": "${EMPTY}"})
    assert filled == {"a": "s3cret", "b": ["Bearer s3cretx", 7, None], "c": ""}
    assert environment.paths == {"a", "b[0]", "c"}
    assert environment.problems == []


def test_what_a_variable_holds_is_not_looked_at_again() -> None:
    assert Environment(VARIABLES).fill("${NESTED}") == "${KEY}"


def test_a_reference_can_be_meant_as_it_stands() -> None:
    environment = Environment(VARIABLES)
    assert environment.fill({"a": "$${KEY} costs $5", "b": "$KEY"}) == {"a": "${KEY} costs $5", "b": "$KEY"}
    assert environment.paths == set()


def test_keys_are_not_looked_at() -> None:
    assert Environment(VARIABLES).fill({"${KEY}": 1}) == {"${KEY}": 1}


def test_a_missing_variable_is_named_with_the_place_that_needs_it() -> None:
    environment = Environment(VARIABLES)
    environment.fill({"providers": {"a": {"api_key": "${NOPE}"}}})
    assert environment.problems == [
        Problem("providers.a.api_key", "the environment variable NOPE is not set")
    ]


@pytest.mark.parametrize("text", ["${", "${}", "${KEY", "${1A}", "${A-B}", "${KEY:-x}", "a ${ b"])
def test_a_reference_that_is_none_is_refused(text: str) -> None:
    environment = Environment(VARIABLES)
    environment.fill({"a": text})
    assert [(problem.path, "${NAME}" in problem.message) for problem in environment.problems] == [("a", True)]

"""How hard to think, as a budget or a level."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from tests.gemini import GEMINI_2, GEMINI_3, asked, config

PRO = Abilities(thinking="budget", always_thinks=True)


def thinking(effort: str | None, abilities: Abilities, **document: Any) -> Any:
    given = document if effort is None else {"reasoning_effort": effort}
    return config(given, abilities=abilities).get("thinkingConfig")


@pytest.mark.parametrize(
    ("effort", "budget"),
    [("minimal", 1024), ("low", 1024), ("medium", 8192), ("high", 24576), ("xhigh", 24576), ("max", 24576)],
)
def test_gemini_2_has_a_budget(effort: str, budget: int) -> None:
    assert thinking(effort, GEMINI_2) == {"includeThoughts": True, "thinkingBudget": budget}


def test_no_thinking_is_no_budget_or_the_least() -> None:
    assert thinking("none", GEMINI_2) == {"includeThoughts": False, "thinkingBudget": 0}
    assert thinking("none", PRO) == {"includeThoughts": False, "thinkingBudget": 128}


@pytest.mark.parametrize(
    ("effort", "level"),
    [("minimal", "MINIMAL"), ("low", "LOW"), ("medium", "MEDIUM"), ("high", "HIGH"), ("max", "XHIGH")],
)
def test_gemini_3_has_a_level(effort: str, level: str) -> None:
    assert thinking(effort, GEMINI_3) == {"includeThoughts": True, "thinkingLevel": level}


def test_gemini_3_cannot_be_stopped() -> None:
    assert thinking("none", GEMINI_3) == {"includeThoughts": False, "thinkingLevel": "MINIMAL"}


def test_nothing_said_is_nothing_asked() -> None:
    assert thinking(None, GEMINI_2) is None
    assert thinking(None, GEMINI_3) is None


def test_an_effort_the_model_lacks_goes_to_the_nearest() -> None:
    two = Abilities(thinking="level", efforts=("low", "high"))
    assert thinking("medium", two) == {"includeThoughts": True, "thinkingLevel": "HIGH"}


def test_anthropics_way_to_say_it_is_understood() -> None:
    enabled = {"type": "enabled", "budget_tokens": 2000}
    assert thinking(None, GEMINI_2, thinking=enabled) == {"includeThoughts": True, "thinkingBudget": 2000}
    assert thinking(None, GEMINI_3, thinking=enabled) == {"includeThoughts": True, "thinkingLevel": "MEDIUM"}
    assert thinking(None, GEMINI_2, thinking={"type": "disabled"}) == {
        "includeThoughts": False,
        "thinkingBudget": 0,
    }


@pytest.mark.parametrize("abilities", [Abilities(), Abilities(thinking="adaptive")])
def test_a_model_that_cannot_be_told_is_not(abilities: Abilities) -> None:
    found = asked({"reasoning_effort": "low"}, abilities=abilities)
    assert found.dropped == ("reasoning_effort",)
    with pytest.raises(InvalidRequest):
        asked({"reasoning_effort": "low"}, abilities=abilities, unsupported="error")


def test_a_word_nobody_knows_is_no_effort() -> None:
    assert asked({"reasoning_effort": "extreme"}, abilities=GEMINI_3).dropped == ("reasoning_effort",)

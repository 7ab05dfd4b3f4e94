"""How hard a model thinks, by what it understands, within what the answer may cost."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.thinking import Thinking, max_tokens, read_thinking
from app.wire.params import Params

BUDGET = Abilities(thinking="budget")
ADAPTIVE = Abilities(thinking="adaptive")


def read(abilities: Abilities, limit: int | None = None, **document: Any) -> tuple[Thinking, tuple[str, ...]]:
    params = Params(document, "drop", "a test")
    return read_thinking(params, abilities, limit), params.dropped


@pytest.mark.parametrize(
    ("effort", "limit", "tokens"),
    [
        ("minimal", None, 1024),
        ("low", None, 2048),
        ("medium", None, 10_000),
        ("high", None, 16_384),
        ("max", None, 32_768),
        ("high", 8000, 4000),
        ("low", 2048, 1024),
    ],
)
def test_an_effort_is_a_budget_that_leaves_room_for_the_answer(
    effort: str, limit: int | None, tokens: int
) -> None:
    thinking, dropped = read(BUDGET, limit, reasoning_effort=effort)
    assert thinking.config == {"type": "enabled", "budget_tokens": tokens}
    assert (thinking.is_on, thinking.budget, dropped) == (True, tokens, ())
    assert max_tokens(limit, thinking, BUDGET) > tokens


def test_a_limit_without_room_to_think_loses_the_effort() -> None:
    thinking, dropped = read(BUDGET, 2047, reasoning_effort="max")
    assert (thinking, dropped) == (Thinking(), ("reasoning_effort",))


def test_the_budget_stays_below_what_the_model_can_say() -> None:
    small = Abilities(thinking="budget", max_output_tokens=8192)
    thinking, _ = read(small, reasoning_effort="xhigh")
    assert thinking.budget == 4096
    assert max_tokens(None, thinking, small) == 8192


@pytest.mark.parametrize(
    ("effort", "known", "said"),
    [
        ("minimal", None, "low"),
        ("medium", None, "medium"),
        ("max", None, "max"),
        ("max", ("low", "medium", "high"), "high"),
        ("medium", ("low", "high"), "low"),
        ("high", ("none",), "high"),
    ],
)
def test_an_effort_goes_to_the_nearest_the_model_takes(
    effort: str, known: tuple[str, ...] | None, said: str
) -> None:
    thinking, dropped = read(Abilities(thinking="adaptive", efforts=known), reasoning_effort=effort)
    assert thinking.config == {"type": "adaptive", "display": "summarized"}
    assert (thinking.effort, thinking.budget, dropped) == (said, 0, ())


def test_a_model_with_efforts_alone_is_told_the_effort_alone() -> None:
    thinking, _ = read(Abilities(thinking="effort"), reasoning_effort="low")
    assert (thinking.config, thinking.effort) == (None, "low")


@pytest.mark.parametrize("abilities", [BUDGET, ADAPTIVE])
def test_no_effort_switches_thinking_off(abilities: Abilities) -> None:
    thinking, dropped = read(abilities, reasoning_effort="none")
    assert (thinking.config, thinking.is_on, dropped) == ({"type": "disabled"}, False, ())


@pytest.mark.parametrize(
    ("abilities", "effort", "dropped"),
    [
        (Abilities(), "high", ("reasoning_effort",)),
        (Abilities(), "none", ()),
        (Abilities(thinking="adaptive", always_thinks=True), "none", ("reasoning_effort",)),
    ],
)
def test_what_a_model_cannot_do_is_lost(abilities: Abilities, effort: str, dropped: tuple[str, ...]) -> None:
    assert read(abilities, reasoning_effort=effort) == (Thinking(), dropped)


def test_the_vendor_s_own_thinking_goes_on_as_it_is() -> None:
    given = {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}
    thinking, dropped = read(BUDGET, thinking=given, reasoning_effort="high")
    assert thinking.config == given
    assert dropped == ("reasoning_effort",)
    assert max_tokens(None, thinking, BUDGET) == 6096
    thinking, dropped = read(ADAPTIVE, thinking={"type": "adaptive"}, reasoning_effort="high")
    assert (thinking.effort, dropped) == ("high", ())


@pytest.mark.parametrize("document", [{"thinking": "yes"}, {"reasoning_effort": "heroic"}])
def test_what_is_none_of_it_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(ADAPTIVE, **document)
    assert caught.value.param in document


def test_without_any_word_the_default_is_what_all_models_take() -> None:
    thinking, dropped = read(ADAPTIVE)
    assert (thinking, dropped) == (Thinking(), ())
    assert max_tokens(None, thinking, ADAPTIVE) == 4096
    assert max_tokens(7, thinking, ADAPTIVE) == 7

"""Parameters of a request in a dialect."""

from typing import Any

import msgspec
import pytest

from app.catalogue.dialect import Dialect, Range, Replacement
from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.format import Question
from app.wire.openai.dialect import Said, say

MESSAGES = [{"role": "user", "content": "Hello"}]


def _say(fields: dict[str, Any], dialect: Dialect | None = None, **question: Any) -> Said:
    document = {"model": "@a/m", "messages": MESSAGES, **fields}
    asked = Question(document=document, model="m", **question)
    before = msgspec.json.encode(document)
    said = say(asked, dialect or Dialect(), "url", "X's m")
    assert msgspec.json.encode(document) == before, "the caller's document was changed"
    return said


def _sent(fields: dict[str, Any], dialect: Dialect | None = None, **question: Any) -> dict[str, Any]:
    document = dict(_say(fields, dialect, **question).document)
    assert document.pop("model") == "m"
    assert document.pop("messages") == MESSAGES
    return document


def test_what_no_data_speaks_of_is_sent_as_it_came() -> None:
    fields = {"temperature": 0.5, "top_k": 7, "stop": ["a"], "stream": True, "n": 2, "tool_choice": "auto"}
    assert _sent(fields) == fields


@pytest.mark.parametrize("given_as", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("known_as", ["max_tokens", "max_completion_tokens"])
def test_the_limit_goes_by_the_name_that_is_known(given_as: str, known_as: Any) -> None:
    assert _sent({given_as: 7}, Dialect(max_tokens_field=known_as)) == {known_as: 7}


def test_of_two_limits_the_newer_one_counts() -> None:
    fields = {"max_tokens": 7, "max_completion_tokens": 9}
    assert _sent(fields, Dialect(max_tokens_field="max_tokens")) == {"max_tokens": 9}


def test_a_model_that_refuses_max_tokens_gets_it_by_its_new_name() -> None:
    said = _say({"max_tokens": 7}, abilities=Abilities(refused=("max_tokens",)))
    assert said.document["max_completion_tokens"] == 7
    assert said.dropped == ()


def test_a_parameter_is_renamed_unless_its_new_name_is_given() -> None:
    dialect = Dialect(rename={"seed": "random_seed"})
    assert _sent({"seed": 7}, dialect) == {"random_seed": 7}
    assert _sent({"seed": 7, "random_seed": 9}, dialect) == {"random_seed": 9}


def test_a_refused_parameter_is_dropped_by_name() -> None:
    said = _say({"logit_bias": {"7": 1}, "seed": 7}, Dialect(drop=("logit_bias",)))
    assert "logit_bias" not in said.document
    assert said.dropped == ("logit_bias",)


def test_a_refused_parameter_is_an_error_where_that_is_configured() -> None:
    with pytest.raises(InvalidRequest) as caught:
        _say({"seed": 7}, Dialect(drop=("seed",)), unsupported="error")
    assert (caught.value.param, caught.value.code) == ("seed", "unsupported_parameter")


def test_a_refused_parameter_is_sent_where_that_is_configured() -> None:
    assert _sent({"seed": 7}, Dialect(drop=("seed",)), unsupported="passthrough") == {"seed": 7}


@pytest.mark.parametrize("fields", [{"n": 2}, {"tools": [{"type": "function"}]}, {"functions": [{}]}])
def test_what_changes_the_answer_is_never_dropped(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        _say(fields, Dialect(drop=tuple(fields)))
    assert caught.value.param == next(iter(fields))


def test_what_asks_for_nothing_is_nobodys_loss() -> None:
    dropped = ("n", "logprobs", "presence_penalty", "user")
    said = _say({"n": 1, "logprobs": False, "presence_penalty": 0, "user": None}, Dialect(drop=dropped))
    assert said.dropped == ()
    assert said.document.keys() == {"model", "messages"}


def test_unknown_fields_go_only_where_they_are_taken() -> None:
    dialect = Dialect(unknown_fields="refuse", known=("top_k", "random_seed"), rename={"seed": "random_seed"})
    said = _say({"top_k": 7, "user": "u", "seed": 1, "chat_template_kwargs": {}}, dialect)
    assert said.document == {"model": "m", "messages": MESSAGES, "top_k": 7, "random_seed": 1}
    assert said.dropped == ("user", "chat_template_kwargs")


def test_what_a_model_refuses_is_dropped() -> None:
    said = _say({"temperature": 0.5, "top_p": 1}, abilities=Abilities(refused=("temperature", "top_p")))
    assert said.document.keys() == {"model", "messages"}
    assert said.dropped == ("temperature",)


@pytest.mark.parametrize(("effort", "dropped"), [("low", ("temperature",)), ("none", ()), (None, ())])
def test_some_parameters_are_refused_while_a_model_thinks(
    effort: str | None, dropped: tuple[str, ...]
) -> None:
    abilities = Abilities(refused_while_thinking=("temperature",))
    said = _say({"temperature": 0.5, "reasoning_effort": effort}, abilities=abilities)
    assert said.dropped == dropped


@pytest.mark.parametrize(
    ("wish", "known", "found"),
    [
        ("medium", ("low", "high"), "high"),
        ("xhigh", ("low", "high", "max"), "high"),
        ("minimal", ("none", "low"), "low"),
        ("none", ("low", "high"), "low"),
        ("low", ("none", "high"), "high"),
        ("high", ("none", "default"), "default"),
        ("whatever", ("low",), "whatever"),
        ("low", ("none",), "none"),
    ],
)
def test_an_effort_goes_to_the_nearest(wish: str, known: tuple[str, ...], found: str) -> None:
    assert _sent({"reasoning_effort": wish}, abilities=Abilities(efforts=known)) == {
        "reasoning_effort": found
    }


def test_an_effort_nobody_may_choose_is_dropped() -> None:
    said = _say({"reasoning_effort": "low"}, abilities=Abilities(efforts=()))
    assert (said.dropped, "reasoning_effort" in said.document) == (("reasoning_effort",), False)


@pytest.mark.parametrize(
    ("form", "fields", "sent"),
    [
        ("reasoning", {"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
        (
            "reasoning",
            {"reasoning_effort": "low", "reasoning": {"exclude": True}},
            {"reasoning": {"effort": "low", "exclude": True}},
        ),
        (
            "thinking",
            {"reasoning_effort": "low"},
            {"thinking": {"type": "enabled"}, "reasoning_effort": "low"},
        ),
        ("thinking", {"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
        (
            "thinking",
            {"reasoning_effort": "low", "thinking": {"type": "auto"}},
            {"thinking": {"type": "auto"}, "reasoning_effort": "low"},
        ),
        ("enable_thinking", {"reasoning_effort": "low"}, {"enable_thinking": True}),
        ("enable_thinking", {"reasoning_effort": "none"}, {"enable_thinking": False}),
        (
            "enable_thinking",
            {"reasoning_effort": "low", "enable_thinking": False},
            {"enable_thinking": False},
        ),
    ],
)
def test_an_effort_is_said_in_the_providers_form(
    form: Any, fields: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert _sent(fields, Dialect(effort=form)) == sent


def test_values_that_are_not_taken_are_replaced() -> None:
    dialect = Dialect(replace={"temperature": (Replacement(value=0, by=1e-8),)})
    assert _sent({"temperature": 0}, dialect) == {"temperature": 1e-8}
    assert _sent({"temperature": 0.5}, dialect) == {"temperature": 0.5}


@pytest.mark.parametrize(("value", "sent"), [(1.5, 1), (-1, 0), (0.5, 0.5)])
def test_numbers_go_to_the_nearest_that_is_taken(value: float, sent: float) -> None:
    assert _sent({"top_p": value}, Dialect(clamp={"top_p": Range(min=0, max=1)})) == {"top_p": sent}


def test_defaults_are_for_those_who_say_nothing_and_force_is_for_all() -> None:
    dialect = Dialect(defaults={"seed": 1}, force={"user": "x"})
    assert _sent({}, dialect) == {"seed": 1, "user": "x"}
    assert _sent({"seed": 2, "user": "y"}, dialect) == {"seed": 2, "user": "x"}


def test_members_of_messages_that_were_dropped_are_named_too() -> None:
    document = {"messages": [{"role": "user", "content": "x", "name": "Ann"}], "seed": 1}
    said = _say(document, Dialect(drop=("seed",), message_drop=("name",)))
    assert said.dropped == ("seed", "messages[0].name")


def test_a_model_that_takes_one_of_two_gets_the_first() -> None:
    one = Abilities(temperature_or_top_p=True)
    said = _say({"temperature": 0.5, "top_p": 0.5}, abilities=one)
    assert (said.document.get("temperature"), said.document.get("top_p"), said.dropped) == (
        0.5,
        None,
        ("top_p",),
    )
    assert _sent({"top_p": 0.5}, abilities=one) == {"top_p": 0.5}


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "f"}}])
def test_a_model_that_cannot_be_made_to_call_is_not_asked_to(choice: Any) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    with pytest.raises(InvalidRequest) as caught:
        _say({"tools": tools, "tool_choice": choice}, abilities=Abilities(forced_tools=False))
    assert caught.value.param == "tool_choice"
    assert _sent({"tools": tools, "tool_choice": "auto"}, abilities=Abilities(forced_tools=False))

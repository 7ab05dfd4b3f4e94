from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidRequest
from app.wire.format import Unsupported
from app.wire.params import NEVER_DROPPED, Params, unsupported


def params(how: Unsupported = "drop", **fields: Any) -> Params:
    return Params({"model": "m", "messages": [], "stream": True, "stream_options": {}, **fields}, how, "A")


def test_what_is_routed_is_nobody_s_loss() -> None:
    asked = params("error")
    assert asked.rest() == {}
    assert asked.dropped == ()


def test_the_first_value_is_taken_and_all_are_dealt_with() -> None:
    asked = params("error", max_tokens=1, max_completion_tokens=2)
    assert asked.take("max_completion_tokens", "max_tokens") == 2
    assert asked.take("max_tokens") is None
    assert asked.rest() == {}


def test_one_look_tells_whether_any_of_several_is_given_and_waits() -> None:
    asked = params(top_k=1, seed=None)
    assert asked.gives(frozenset({"top_k", "n"}))
    assert not asked.gives(frozenset({"seed", "model"}))
    asked.take("top_k")
    assert not asked.gives(frozenset({"top_k", "n"}))


def test_a_null_is_nothing() -> None:
    asked = params("error", top_k=None, max_completion_tokens=None, max_tokens=0)
    assert asked.take("max_completion_tokens", "max_tokens") == 0
    assert asked.rest() == {}


NEUTRAL = {
    "n": 1,
    "store": False,
    "stop": [],
    "presence_penalty": 0.0,
    "response_format": {"type": "text"},
    "tools": [],
    "tool_choice": "auto",
    "logit_bias": {},
    "modalities": ["text"],
    "service_tier": "auto",
}


@pytest.mark.parametrize("how", ["error", "drop", "passthrough"])
def test_a_wish_for_what_happens_anyway_is_fulfilled(how: Unsupported) -> None:
    asked = params(how, **NEUTRAL)
    assert asked.rest() == {}
    assert asked.dropped == ()


def test_what_nobody_took_is_dropped_and_named() -> None:
    asked = params("drop", top_k=1, seed=2, top_a=3)
    assert asked.take("seed") == 2
    assert asked.rest(passed=["top_a", "top_b"]) == {"top_a": 3}
    assert asked.dropped == ("top_k",)


def test_what_nobody_took_is_passed_on() -> None:
    asked = params("passthrough", top_k=1, n=2)
    assert asked.rest() == {"top_k": 1, "n": 2}
    assert asked.dropped == ()


def test_what_nobody_took_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest) as caught:
        params("error", top_k=1).rest()
    assert (caught.value.param, caught.value.code) == ("top_k", "unsupported_parameter")
    assert "top_k" in caught.value.message


@pytest.mark.parametrize("name", sorted(NEVER_DROPPED))
def test_what_makes_another_answer_is_never_dropped(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        params("drop", **{name: 7}).rest()
    assert caught.value.param == name


def test_a_part_of_a_parameter_is_dropped_by_its_path_and_once() -> None:
    asked = params("drop")
    asked.lose("thinking.display", "full")
    asked.lose("thinking.display", "full")
    assert asked.dropped == ("thinking.display",)


@pytest.mark.parametrize("how", ["error", "drop", "passthrough"])
def test_a_part_of_a_message_is_never_dropped(how: Unsupported) -> None:
    with pytest.raises(InvalidRequest) as caught:
        params(how).lose("messages[0].content[1]", {}, "It has no eyes.")
    assert caught.value.message.endswith("It has no eyes.")


def test_without_a_reason_the_message_ends_with_a_full_stop() -> None:
    assert unsupported("seed", "A").message == "A cannot be asked for `seed`."


@given(st.dictionaries(st.sampled_from(["seed", "top_k", "user", "store"]), st.integers() | st.none()))
def test_everything_is_dealt_with_and_the_document_stays(fields: dict[str, Any]) -> None:
    before = dict(fields)
    asked = Params(fields, "drop", "A")
    taken = asked.take("seed")
    asked.rest()
    given_ = {name for name, value in before.items() if value is not None and (name, value) != ("store", 0)}
    assert set(asked.dropped) | ({"seed"} if taken is not None else set()) == given_
    assert fields == before

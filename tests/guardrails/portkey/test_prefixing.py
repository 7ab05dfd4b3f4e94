"""What a guardrail wants written is said by the engine; in monitor mode nothing is."""

import msgspec
import pytest

from guardrails import Action, Engine, Mode, Prefix, Side
from guardrails.config import ConfigError, guardrail
from guardrails.portkey.prefixing import add_prefix
from tests.guardrails.planted import policy
from tests.guardrails.portkey.subjects import asked, verdict

CHECK = add_prefix({"prefix": "Be kind. ", "applyToRole": "system"}, "p")


def test_it_finds_nothing() -> None:
    assert verdict(CHECK, asked("anything"))


@pytest.mark.parametrize("action", list(Action)[::2])
def test_an_enforced_guardrail_writes_whatever_its_action(action: Action) -> None:
    engine = Engine([policy(CHECK, action=action)], b"key")
    assert engine.prefixes == (Prefix("Be kind. ", "system"),)


def test_a_guardrail_that_only_monitors_writes_nothing() -> None:
    assert Engine([policy(CHECK, action=Action.FLAG, mode=Mode.MONITOR)], b"key").prefixes == ()


def test_a_guardrail_of_answers_writes_nothing() -> None:
    answers = msgspec.structs.replace(policy(CHECK, action=Action.FLAG), on=frozenset({Side.OUTPUT}))
    assert Engine([answers], b"key").prefixes == ()


def test_one_that_is_not_on_requests_is_refused() -> None:
    with pytest.raises(ConfigError, match="is about requests"):
        guardrail("g", {"on": ["output"], "checks": [{CHECK.kind: {"prefix": "a"}}], "action": "flag"})
    assert Side.INPUT in policy(CHECK).on


@pytest.mark.parametrize("config", [{}, {"prefix": ""}, {"prefix": "a", "applyToRole": "tool"}])
def test_a_mistake_is_named_when_it_is_loaded(config: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"^p"):
        add_prefix(config, "p")

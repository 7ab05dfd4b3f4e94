"""Which guardrails apply to whom."""

import pytest

from app.domain.errors import InvalidRequest
from app.domain.exchange import ANONYMOUS, Caller
from app.policy import Policy
from guardrails import Part
from guardrails.config import guardrail

SPEC: dict[str, object] = {"checks": [{"words": {"deny": ["x"]}}], "action": "flag"}


@pytest.fixture
def policy() -> Policy:
    specs = {"always": SPEC, "bound": SPEC | {"default": False}, "offered": SPEC | {"default": False}}
    return Policy([guardrail(name, spec) for name, spec in specs.items()], b"key", "v1")


async def applied(policy: Policy, caller: Caller, *added: str) -> list[str]:
    engine, parts = policy.select(caller, added, ()), [Part("messages[0].content", "hi")]
    verdicts = await engine.observe(parts, await engine.screen(parts))
    return [verdict.guardrail for verdict in verdicts]


async def test_default_ones_apply_to_everybody(policy: Policy) -> None:
    assert await applied(policy, ANONYMOUS) == ["always"]


async def test_a_key_binds_more_and_a_request_adds_more(policy: Policy) -> None:
    assert await applied(policy, Caller(name="t", guardrails=("bound",))) == ["always", "bound"]
    assert await applied(policy, Caller(name="t", guardrails=("bound",)), "offered") == [
        "always",
        "bound",
        "offered",
    ]


async def test_naming_one_twice_or_one_that_applies_anyway_changes_nothing(policy: Policy) -> None:
    caller = Caller(name="t", guardrails=("bound",))
    assert policy.select(caller, ("bound", "always", "bound"), ()) is policy.select(caller, (), ())


def test_an_unknown_one_is_refused_by_name(policy: Policy) -> None:
    with pytest.raises(InvalidRequest, match=r"'nope'.*always, bound, offered") as refused:
        policy.select(ANONYMOUS, ("offered", "nope"), ())
    assert refused.value.param == "x-handrail-guardrails"

"""What guardrails say of a request that nobody waits for is what they would say of an exchange."""

from typing import Any

import pytest

from app.domain.conversation import conversation_of
from app.domain.model_request import ModelRequest
from app.domain.parts import request_parts
from app.replaying.requests import hear_request
from guardrails import Action, Conversation, Decision, Engine, Mode, Verdict, guardrail
from tests.guardrails.planted import Broken, Word, policy

MAIL = Word("email", r"[a-z]+@[a-z]+")


def request(*contents: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": content} for content in contents]
    return {"model": "@up/m", "messages": messages}


async def hear(engine: Engine, document: dict[str, Any]) -> tuple[Verdict, ...]:
    return await hear_request(engine, request_parts(document))


async def test_enforcing_and_observing_guardrails_speak_in_order() -> None:
    watch = policy(MAIL, name="watch", action=Action.BLOCK, mode=Mode.MONITOR)
    engine = Engine([watch, policy(MAIL, name="privacy")], b"key")
    verdicts = await hear(engine, request("hello", "write to a@b"))
    said = [(one.guardrail, one.decision, one.blocked) for one in verdicts]
    assert said == [("watch", Decision.BLOCK, False), ("privacy", Decision.REDACT, False)]
    assert {finding.part for one in verdicts for finding in one.findings} == {"messages[1].content"}


@pytest.mark.parametrize("mode", Mode)
async def test_what_parts_of_a_message_spell_together_is_found_where_it_stands(mode: Mode) -> None:
    split = [{"type": "text", "text": "write to a@"}, {"type": "text", "text": "b now"}]
    engine = Engine([policy(Word("email", "a@b"), mode=mode)], b"key")
    (verdict,) = await hear(engine, request(split))
    assert [(one.part, one.start, one.end) for one in verdict.findings] == [
        ("messages[0].content[0].text", 9, 11),
        ("messages[0].content[1].text", 0, 1),
    ]


@pytest.mark.parametrize(("target", "blocked"), [("@up/good", False), ("@up/bad", True), (None, False)])
async def test_checks_about_exchanges_hear_what_a_provider_was_asked(
    target: str | None, blocked: bool
) -> None:
    spec = {"on": ["input"], "action": "block", "checks": [{"models": {"deny": ["bad"]}}]}
    engine = Engine([guardrail("models", spec), policy(MAIL, name="privacy")], b"key")
    document = request("write to a@b")
    parts = request_parts(document)

    def known(asked: str) -> Conversation:
        return conversation_of(ModelRequest(document, asked), parts)

    verdicts = await hear_request(engine, parts, known("@up/m"), None if target is None else known(target))
    assert [(one.guardrail, one.blocked) for one in verdicts] == [("models", blocked), ("privacy", False)]
    assert verdicts[1].decision is Decision.REDACT


async def test_a_check_that_fails_is_an_error_of_its_guardrail() -> None:
    (verdict,) = await hear(Engine([policy(Broken(KeyError("x")))], b"key"), request("b"))
    assert (verdict.decision, verdict.error, verdict.blocked) == (Decision.ERROR, "KeyError", True)

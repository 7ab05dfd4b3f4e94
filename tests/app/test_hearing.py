"""Guardrails hear a request as it came and as each target is asked; a config cannot lead around them."""

import json
from typing import Any

import pytest

from app.domain.events import Blocked, Event
from app.domain.exchange import Outcome
from app.policy import Policy
from app.routing.wish import Wish
from guardrails import Action, Coverage, Guardrail, Mode, Remark, Side, Subject
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.exchanges import Examiner
from tests.pipelines import MAIL, PRIVACY, SECRECY, Bench, body, stream_and_whole, text_of


def for_models(spec: dict[str, Any], *models: str) -> dict[str, Any]:
    return {**spec, "applies_to": {"models": list(models)}}


def to(model: str, **fields: Any) -> Wish:
    return Wish(config=json.dumps({"provider": "@fake", "override_params": {"model": model}, **fields}))


def is_blocked(events: list[Event]) -> bool:
    return isinstance(events[-1], Blocked)


@stream_and_whole
@pytest.mark.parametrize("pattern", ["@fake/m", "@fake/*", "m", "M", "*"])
async def test_a_guardrail_is_for_the_model_that_is_asked_for(pattern: str, stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=for_models(SECRECY, pattern))
    assert is_blocked(await bench.run(body("forbidden", stream=stream)))
    assert bench.provider.requests == []


@stream_and_whole
async def test_it_is_for_no_other_model_and_leaves_no_verdict(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("forbidden")), secrecy=for_models(SECRECY, "@fake/n", "x*"))
    assert text_of(await bench.run(body("forbidden", stream=stream))) == "forbidden"
    assert bench.record.verdicts == ()


@stream_and_whole
async def test_a_config_that_leads_to_a_guarded_model_does_not_escape(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=for_models(SECRECY, "@fake/guarded"))
    assert is_blocked(await bench.run(body("forbidden", stream=stream), wish=to("guarded")))
    assert bench.provider.requests == []
    assert bench.record.outcome is Outcome.BLOCKED_INPUT


@stream_and_whole
async def test_what_it_finds_is_redacted_before_that_model_is_asked(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of(f"mail {MAIL}")), privacy=for_models(PRIVACY, "guarded"))
    released = await bench.run(body(f"to {MAIL}", stream=stream), wish=to("guarded"))
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"][0]["content"] == "to [EMAIL]"
    assert text_of(released) == "mail [EMAIL]"
    assert [one.side for one in bench.record.verdicts] == [Side.INPUT, Side.OUTPUT]


async def test_a_bare_name_is_known_by_its_provider_once_that_is_known() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=for_models(SECRECY, "@fake/*"))
    assert is_blocked(await bench.run(body("forbidden", model="m")))


async def test_a_config_does_not_lead_away_from_a_guardrail_of_the_model_that_was_asked_for() -> None:
    bench = Bench(FakeProvider(*answer_of("forbidden")), secrecy=for_models(SECRECY, "@fake/m"))
    assert is_blocked(await bench.run(body("hi"), wish=to("free")))


async def test_what_a_callers_config_adds_is_heard_by_the_guardrails_of_its_target() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=for_models(SECRECY, "guarded"))
    wish = to("guarded", default_params={"user": "forbidden"})
    assert is_blocked(await bench.run(body(), wish=wish))


async def test_each_target_has_its_own_guardrails() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy=for_models(SECRECY, "guarded"))
    targets = [{"provider": "@fake", "override_params": {"model": name}} for name in ("guarded", "free")]
    tree = {"strategy": {"mode": "fallback", "on_status_codes": [446]}, "targets": targets}
    assert text_of(await bench.run(body("forbidden"), wish=Wish(config=json.dumps(tree)))) == "ok"
    ((_, model),) = bench.provider.requests
    assert model == "free"
    assert [one.blocked for one in bench.record.verdicts] == [True]


def denied(subject: Subject) -> list[Remark]:
    conversation = subject.conversation
    forbidden = [Remark("tool", tool.path) for tool in conversation.tools if tool.name == "rm"]
    return forbidden + ([Remark("model", "model")] if conversation.target == "@fake/denied" else [])


def examined(mode: Mode = Mode.ENFORCE) -> tuple[Bench, Examiner]:
    examiner = Examiner("request", denied)
    bench = Bench(FakeProvider(*answer_of("ok")))
    guard = Guardrail("guard", frozenset(Side), (examiner,), Action.BLOCK, mode)
    bench.pipeline.policy = Policy([guard], b"key", "v1")
    return bench, examiner


RM = [{"type": "function", "function": {"name": "rm"}}]


@stream_and_whole
@pytest.mark.parametrize("wish", [to("denied"), to("m", default_params={"tools": RM})], ids=["model", "tool"])
@pytest.mark.parametrize("mode", list(Mode))
async def test_what_a_config_makes_of_a_request_is_examined(wish: Wish, mode: Mode, stream: bool) -> None:
    bench, _ = examined(mode)
    released = await bench.run(body(stream=stream), wish=wish)
    assert is_blocked(released) is (mode is Mode.ENFORCE)
    assert len(bench.provider.requests) == (mode is Mode.MONITOR)
    verdict = bench.record.verdicts[0]
    assert [finding.rule for finding in verdict.findings] in (["model"], ["tool"])
    assert verdict.decision == "block"


async def test_a_target_is_examined_once_however_often_it_is_tried() -> None:
    bench, examiner = examined()
    tree = {"provider": "@fake", "override_params": {"model": "n"}, "retry": {"attempts": 2}}
    await bench.run(body(), wish=Wish(config=json.dumps(tree)))
    assert [subject.conversation.target for subject in examiner.asked] == ["", "@fake/n"]


async def test_what_is_asked_as_it_came_is_examined_once() -> None:
    bench, examiner = examined()
    await bench.run(body())
    assert len(examiner.asked) == 1


@stream_and_whole
async def test_a_guardrail_that_had_nothing_to_hear_is_not_on_record_as_one_that_looked(stream: bool) -> None:
    said_by = {**SECRECY, "applies_to": {"roles": ["tool"]}}
    bench = Bench(FakeProvider(*answer_of("forbidden")), secrecy=said_by)
    assert text_of(await bench.run(body("forbidden", stream=stream))) == "forbidden"
    assert bench.record.verdicts == ()
    assert bench.record.coverage == Coverage(9, 9, 9)


@stream_and_whole
async def test_earlier_turns_are_heard_again_unless_only_new_ones_are_wanted(stream: bool) -> None:
    messages = [
        {"role": "user", "content": "forbidden"},
        {"role": "assistant", "content": "no"},
        {"role": "user", "content": "hi"},
    ]
    for parts, blocked in (("all", True), ("new", False)):
        bench = Bench(FakeProvider(*answer_of("ok")), secrecy={**SECRECY, "parts": parts})
        assert is_blocked(await bench.run(body(stream=stream, messages=messages))) is blocked
    messages[2]["content"] = "forbidden"
    bench = Bench(FakeProvider(*answer_of("ok")), secrecy={**SECRECY, "parts": "new"})
    assert is_blocked(await bench.run(body(stream=stream, messages=messages)))
    assert [one.part for one in bench.record.verdicts[0].findings] == ["messages[2].content"]

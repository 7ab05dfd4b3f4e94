"""What a target is asked, through the whole pipeline; what follows from answers is in `test_tries.py`."""

import json
from typing import Any

import pytest

from app.domain.events import Blocked, Failed
from app.domain.exchange import Outcome
from app.records.rows import Capture, rows_of
from app.routing.wish import Wish
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import ADDED, MAIL, PRIVACY, SECRECY, Bench, body, stream_and_whole

PLAIN = {"provider": "@fake"}


def config(**fields: Any) -> Wish:
    return Wish(config=json.dumps({**PLAIN, **fields}))


@stream_and_whole
async def test_a_config_changes_what_is_asked(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    wish = config(override_params={"top_p": 0.5}, default_params={"seed": 7, "n": 1}, drop_params=["user"])
    await bench.run(body(stream=stream, user="anna", n=2), wish=wish)
    ((asked, _),) = bench.provider.requests
    assert (asked.document["top_p"], asked.document["seed"], asked.document["n"]) == (0.5, 7, 2)
    assert "user" not in asked.document
    assert asked.stream is stream


async def test_what_a_config_makes_of_a_request_must_be_one() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    (last,) = await bench.run(body(), wish=config(override_params={"messages": "hi"}))
    assert isinstance(last, Failed)
    assert (last.error.status, last.error.param) == (400, "messages")
    assert bench.provider.requests == []


async def test_what_a_callers_config_adds_is_redacted_like_the_request() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), privacy=PRIVACY)
    messages = [{"role": "user", "content": f"write to {MAIL}"}]
    await bench.run(body(), wish=config(override_params={"messages": messages}))
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"] == [{"role": "user", "content": "write to [EMAIL]"}]


async def test_what_a_callers_config_adds_may_be_forbidden() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), secrecy={**ADDED, "default": True})
    (last,) = await bench.run(body(), wish=config(default_params={"user": "a forbidden word"}))
    assert isinstance(last, Blocked)
    assert bench.provider.requests == []
    assert bench.record.outcome is Outcome.BLOCKED_INPUT


@stream_and_whole
@pytest.mark.parametrize("side", ["input_guardrails", "output_guardrails"])
async def test_guardrails_of_a_config_come_on_top(side: str, stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("a forbidden answer")), secrecy=ADDED, privacy=PRIVACY)
    released = await bench.run(body(f"to {MAIL}", stream=stream), wish=config(**{side: ["secrecy"]}))
    assert isinstance(released[-1], Blocked)
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"][0]["content"] == "to [EMAIL]"
    assert {one.guardrail for one in bench.record.verdicts} == {"privacy", "secrecy"}


async def test_a_guardrail_that_does_not_exist_is_no_pass() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    (last,) = await bench.run(body(), wish=config(input_guardrails=["nobody"]))
    assert isinstance(last, Failed)
    assert (last.error.status, last.error.code) == (400, "unknown_guardrail")


async def test_guardrails_of_a_node_hear_a_request_once() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), secrecy=ADDED)
    wish = config(input_guardrails=["secrecy"])
    await bench.run(body("hi"), wish=wish)
    assert [(one.guardrail, one.side.value) for one in bench.record.verdicts] == [
        ("secrecy", "input"),
        ("secrecy", "output"),
    ]


async def test_headers_that_were_named_go_to_the_provider_and_no_others() -> None:
    headers = [(b"x-foo", b"bar"), (b"x-other", b"no"), (b"authorization", b"Bearer hr-x")]
    for wish in (Wish(forward_headers=("x_foo",)), config(forward_headers=["x-foo"])):
        bench = Bench(FakeProvider(*answer_of("hello")))
        await bench.run(body(), wish=wish, headers=headers)
        ((asked, _),) = bench.provider.requests
        assert asked.headers == (("x-foo", "bar"),)


async def test_the_timeout_of_a_config_is_the_providers() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    await bench.run(body(), wish=config(request_timeout=1500, strict_open_ai_compliance=False))
    ((asked, _),) = bench.provider.requests
    assert (asked.timeout_s, asked.strict) == (1.5, False)


@stream_and_whole
async def test_what_a_node_finds_in_a_redacted_text_is_hidden_where_the_record_has_it(stream: bool) -> None:
    later = {"checks": [{"regex": {"pattern": r"EMP-\d+", "name": "employee"}}], "default": False}
    bench = Bench(
        FakeProvider(*answer_of("ok")),
        privacy=PRIVACY,
        later=later | {"action": "redact"},
        watching=later | {"action": "flag"},
    )
    wish = config(input_guardrails=["later", "watching"])
    await bench.run(body(f"{MAIL} {MAIL} is EMP-7, says {MAIL}", stream=stream), wish=wish)
    (request, _) = rows_of(bench.record, Capture("redacted", str)).payloads
    said = json.loads(str(request["body"]))["messages"][0]["content"]
    assert said == "[EMAIL] [EMAIL] is [EMPLOYEE], says [EMAIL]"


SCOPED: dict[str, Any] = {
    "a user's words": {"applies_to": {"roles": ["user"]}},
    "texts": {"applies_to": {"parts": ["text"]}},
}


@pytest.mark.parametrize("scope", SCOPED)
@pytest.mark.parametrize("params", ["override_params", "default_params"])
async def test_messages_of_a_callers_config_are_heard_as_messages(scope: str, params: str) -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), secrecy=SECRECY | SCOPED[scope])
    field = "messages" if params == "override_params" else "prompt"
    value: Any = [{"role": "user", "content": "forbidden"}] if field == "messages" else "forbidden"
    (last,) = await bench.run(body(), wish=config(**{params: {field: value}}))
    assert isinstance(last, Blocked)
    assert last.verdict.findings[0].part.startswith(f"config.{params}.{field}")


PREFIX = {
    "on": ["input"],
    "checks": [{"default.addPrefix": {"prefix": "SAFETY. ", "applyToRole": "system"}}],
    "action": "block",
}


@pytest.mark.parametrize(
    "changes",
    [{"drop_params": ["messages[0]"]}, {"override_params": {"messages": [{"role": "user", "content": "x"}]}}],
)
async def test_what_a_guardrail_writes_is_not_taken_out_by_a_config(changes: dict[str, Any]) -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), prefix=PREFIX)
    messages = [{"role": "user", "content": "hi"}, {"role": "user", "content": "ho"}]
    await bench.run(body(messages=messages), wish=config(**changes))
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"][0] == {"role": "system", "content": "SAFETY. "}


async def test_into_what_is_no_request_nothing_is_written() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), prefix=PREFIX)
    (last,) = await bench.run(body(), wish=config(override_params={"messages": ["hi"]}))
    assert isinstance(last, Failed)
    assert last.error.status == 400


MODEL = json.dumps({"model": f"@fake/m {MAIL}", "messages": [{"role": "user", "content": "hi"}]}).encode()


async def test_a_model_s_name_with_something_to_redact_is_refused_and_off_the_record() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), privacy=PRIVACY)
    (last,) = await bench.run(MODEL)
    assert isinstance(last, Failed)
    assert (last.error.status, last.error.param, last.error.code) == (400, "model", "model_name_refused")
    assert bench.provider.requests == []
    assert MAIL not in repr((bench.record, bench.trace.children, bench.log.lines))


async def test_a_model_s_name_may_be_forbidden() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), privacy=PRIVACY | {"action": "block"})
    (last,) = await bench.run(MODEL)
    assert isinstance(last, Blocked)
    assert (bench.record.requested_model, bench.provider.requests) == ("[REDACTED]", [])


async def test_a_config_s_own_model_is_heard_too_where_a_caller_wrote_it() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")), privacy=PRIVACY)
    (last,) = await bench.run(body(), wish=config(override_params={"model": f"x {MAIL}"}))
    assert isinstance(last, Failed)
    assert last.error.code == "model_name_refused"

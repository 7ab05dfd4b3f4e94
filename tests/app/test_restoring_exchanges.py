"""Reversible redaction through the pipeline: providers and the record see pseudonyms, callers values."""

import json
import re

from app.domain.errors import UpstreamUnreachable
from app.domain.events import (
    ChoiceFinished,
    ProviderEvent,
    Started,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
)
from app.policy import Policy
from app.routing.wish import Wish
from guardrails.pseudonym import pseudonym
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import MAIL, PRIVACY, SECRECY, Bench, body, stream_and_whole, text_of

KEPT = PRIVACY | {"reversible": True}
ALICE = f"[{pseudonym(b'key', 'email', MAIL)}]"
LATER = {
    "checks": [{"regex": {"pattern": r"EMP-\d+", "name": "employee"}}],
    "action": "redact",
    "default": False,
}


def letters(text: str) -> FakeProvider:
    return FakeProvider(*answer_of(*text))


@stream_and_whole
async def test_the_caller_gets_his_values_and_nobody_else_does(stream: bool) -> None:
    bench = Bench(letters(f"Hello {ALICE}, or {ALICE.lower()}."), privacy=KEPT)
    exchange = bench.pipeline.begin(bench.call(body(f"I am {MAIL}", stream=stream)))
    events = [event async for event in exchange.events()]
    await bench.pipeline.later.settle()
    expected = f"Hello {MAIL}, or {MAIL}."
    assert text_of(events) == expected
    assert exchange.fold.document()["choices"][0]["message"]["content"] == expected
    ((asked, _),) = bench.provider.requests
    assert asked.document["messages"][0]["content"] == f"I am {ALICE}"
    assert bench.record.response is not None
    assert MAIL not in json.dumps(bench.record.response)
    assert ALICE in bench.record.response["choices"][0]["message"]["content"]
    assert MAIL not in str(bench.log.lines)
    coverage = bench.record.coverage
    assert coverage.received == coverage.screened == coverage.released == len(expected.replace(MAIL, ALICE))


@stream_and_whole
async def test_what_the_model_says_of_others_is_redacted_for_good(stream: bool) -> None:
    bench = Bench(letters(f"{ALICE} and bob@example.com and {MAIL}"), privacy=KEPT)
    events = await bench.run(body(f"I am {MAIL}", stream=stream))
    assert text_of(events) == f"{MAIL} and [EMAIL] and [EMAIL]"


@stream_and_whole
async def test_a_placeholder_that_the_caller_typed_comes_back_as_he_typed_it(stream: bool) -> None:
    bench = Bench(letters(f"You said {ALICE}."), privacy=KEPT)
    events = await bench.run(body(f"{ALICE} is not {MAIL}", stream=stream))
    assert text_of(events) == f"You said {ALICE}."
    ((asked, _),) = bench.provider.requests
    other = f"[{pseudonym(b'key', 'email', MAIL, 1)}]"
    assert asked.document["messages"][0]["content"] == f"{ALICE} is not {other}"


@stream_and_whole
async def test_without_guardrails_of_answers_all_kinds_of_events_are_restored(stream: bool) -> None:
    script: list[ProviderEvent] = [
        Started({"id": "c", "model": "m"}),
        *(TextDelta(0, "reasoning", piece) for piece in f"it is {ALICE}"),
        ToolCallStarted(0, 0, {"id": "1", "type": "function", "function": {"name": "f"}}),
        *(ToolArguments(0, 0, piece) for piece in f'{{"to":"{ALICE}"}}'),
        ChoiceFinished(0, "tool_calls", {}),
    ]
    bench = Bench(FakeProvider(*script), privacy=KEPT | {"on": ["input"]})
    events = await bench.run(body(f"I am {MAIL}", stream=stream))
    assert "".join(one.text for one in events if isinstance(one, TextDelta)) == f"it is {MAIL}"
    assert [one.text for one in events if isinstance(one, ToolArguments)] == [f'{{"to":"{MAIL}"}}']
    assert MAIL not in json.dumps(bench.record.response)


@stream_and_whole
async def test_guardrails_of_nodes_leave_placeholders_alone_and_add_their_own(stream: bool) -> None:
    employee = f"[{pseudonym(b'key', 'employee', 'EMP-7')}]"
    bench = Bench(
        letters(f"{ALICE} is {employee}"),
        privacy=KEPT,
        later=LATER | {"reversible": True},
        words={
            "checks": [{"words": {"deny": ["email"]}}],
            "action": "redact",
            "default": False,
            "on": ["input"],
        },
    )
    wish = Wish(config=json.dumps({"provider": "@fake", "input_guardrails": ["later", "words"]}))
    events = await bench.run(body(f"email {MAIL} EMP-7", stream=stream), wish=wish)
    ((asked, _),) = bench.provider.requests
    said = asked.document["messages"][0]["content"]
    assert re.fullmatch(rf"\[\w+\] {re.escape(ALICE)} {re.escape(employee)}", said)
    assert "email" not in said
    assert text_of(events) == f"{MAIL} is EMP-7"


async def test_what_a_callers_config_says_has_the_same_placeholders() -> None:
    bench = Bench(letters("ok"), privacy=KEPT)
    wish = Wish(config=json.dumps({"provider": "@fake", "override_params": {"user": MAIL}}))
    await bench.run(body(f"I am {MAIL}"), wish=wish)
    ((asked, _),) = bench.provider.requests
    assert asked.document["user"] == ALICE


@stream_and_whole
async def test_output_guardrails_judge_what_the_model_wrote(stream: bool) -> None:
    bench = Bench(letters(f"{ALICE} is it"), privacy=KEPT, secrecy=SECRECY | {"on": ["output"]})
    events = await bench.run(body("the forbidden@example.com", stream=stream))
    assert text_of(events) == f"{ALICE} is it"
    bench = Bench(letters("it is [EMAIL_"), privacy=KEPT, secrecy=SECRECY | {"on": ["output"]})
    placeholder = f"[{pseudonym(b'key', 'email', 'forbidden@example.com')}]"
    bench.provider.script = answer_of(*placeholder)
    events = await bench.run(body("the forbidden@example.com", stream=stream))
    assert text_of(events) == "forbidden@example.com"


async def test_an_error_quotes_placeholders_as_the_provider_put_them() -> None:
    bench = Bench(FakeProvider(UpstreamUnreachable(f"no {ALICE}")), privacy=KEPT)
    events = await bench.run(body(f"I am {MAIL}"))
    assert MAIL not in str([getattr(event, "error", "") for event in events])


async def test_a_stream_that_breaks_off_still_says_what_it_held() -> None:
    bench = Bench(
        FakeProvider(*answer_of(f"I am {ALICE[:-1]}")[:2], UpstreamUnreachable("gone")), privacy=KEPT
    )
    events = await bench.run(body(MAIL, stream=True))
    assert text_of(events).startswith("I am ")
    assert not isinstance(events[-1], TextDelta)


def test_a_policy_gives_each_exchange_a_vault_of_its_own() -> None:
    policy = Policy([], b"key", "v1")
    assert policy.vault() is not policy.vault()
    assert policy.vault().placeholder("email", MAIL) == ALICE

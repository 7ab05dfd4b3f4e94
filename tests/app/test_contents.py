"""What of an exchange is shown on the spans of its attempts, and what never is."""

import json
from typing import Any, cast

import pytest

from app.contents import Contents
from app.domain.content import Content
from app.domain.errors import UpstreamRefused
from app.domain.events import ChoiceFinished, Started, ToolArguments, ToolCallStarted
from app.domain.exchange import Caller
from app.policy import Policy
from app.recording import record_redactor
from app.routing.wish import Wish
from app.telling import Telling
from guardrails import Action, AnyCheck, Guardrail, Match, OnError, Side
from telemetry import ContentCapture, SpanNote
from tests.fakes import FakeProvider, answer_of, router_of
from tests.guardrails.planted import Broken, Judge
from tests.pipelines import MAIL, PRIVACY, SECRECY, WATCHING, Bench, body, stream_and_whole

CARD = "4111 1111 1111 1111"
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL"
INPUT, OUTPUT = "gen_ai.input.messages", "gen_ai.output.messages"
REVERSIBLE = PRIVACY | {"reversible": True}
WATCHED = SECRECY | {"mode": "monitor"}
EVENT = "gen_ai.client.inference.operation.details"


def showing(
    provider: FakeProvider,
    *,
    level: Content = "redacted",
    on_span: bool = True,
    on_event: bool = False,
    max_bytes: int = 2048,
    **guardrails: dict[str, Any],
) -> Bench:
    bench = Bench(provider, **guardrails)
    capture = ContentCapture(on_span=on_span, on_event=on_event, max_bytes=max_bytes)
    contents = Contents(capture, level, record_redactor().redact)
    bench.pipeline.telling = Telling(bench.log, contents=contents)
    return bench


def chats(bench: Bench) -> list[SpanNote]:
    return [note for note in bench.trace.children if note.kind == "client"]


def shown(bench: Bench, name: str) -> Any:
    (chat,) = chats(bench)
    return json.loads(cast("str", chat.attributes[name]))


def texts(bench: Bench, name: str) -> list[str]:
    return [part["content"] for one in shown(bench, name) for part in one["parts"]]


def everything(bench: Bench) -> str:
    return repr([(note.attributes, note.events) for note in (bench.trace.root, *bench.trace.children)])


@stream_and_whole
async def test_what_was_asked_and_answered_is_on_the_span_of_the_attempt(stream: bool) -> None:
    bench = showing(FakeProvider(*answer_of("Hel", "lo")))
    await bench.run(body("What?", stream=stream, tools=[{"type": "function", "function": {"name": "f"}}]))
    assert shown(bench, INPUT) == [{"role": "user", "parts": [{"type": "text", "content": "What?"}]}]
    assert shown(bench, OUTPUT) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "Hello"}], "finish_reason": "stop"}
    ]
    assert shown(bench, "gen_ai.tool.definitions") == [{"type": "function", "name": "f"}]
    assert len(bench.trace.ended) == 1
    assert not chats(bench)[0].events


@pytest.mark.parametrize("on_span", [False, True])
async def test_an_event_holds_what_the_span_says_and_the_content(on_span: bool) -> None:
    bench = showing(FakeProvider(*answer_of("Hello")), on_span=on_span, on_event=True)
    await bench.run(body("What?"))
    (chat,) = chats(bench)
    ((name, at_ns, attributes),) = chat.events
    assert (name, at_ns) == (EVENT, chat.end_ns)
    assert attributes["gen_ai.operation.name"] == "chat"
    assert "What?" in cast("str", attributes[INPUT])
    assert (INPUT in chat.attributes) is on_span


@stream_and_whole
async def test_what_guardrails_took_out_and_what_looks_secret_is_not_there(stream: bool) -> None:
    bench = showing(FakeProvider(*answer_of(f"I am {MAIL} with {KEY}")), privacy=PRIVACY, level="full")
    call = {"name": "f", "arguments": json.dumps({CARD: MAIL.replace("@", "\\u0040"), "k": [KEY]})}
    messages = [
        {"role": "user", "content": f"I am {MAIL}, pay with {CARD}"},
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": "c", "content": f"sent to {MAIL}"},
    ]
    await bench.run(body(stream=stream, messages=messages))
    assert [one["role"] for one in shown(bench, INPUT)] == ["user", "assistant", "tool"]
    assert shown(bench, INPUT)[0]["parts"][0]["content"].startswith("I am [EMAIL], pay with [")
    assert texts(bench, OUTPUT)[0].startswith("I am [EMAIL] with [")
    assert not [one for one in (MAIL, CARD, KEY) if one in everything(bench)]


@stream_and_whole
async def test_a_pseudonym_stands_as_such(stream: bool) -> None:
    provider = FakeProvider(*answer_of("none yet"))
    bench = showing(provider, privacy=REVERSIBLE)
    await bench.run(body(f"I am {MAIL}", stream=stream))
    (text,) = texts(bench, INPUT)
    pseudonym = text.removeprefix("I am ")
    again = showing(FakeProvider(*answer_of("Dear ", pseudonym)), privacy=REVERSIBLE)
    told = await again.run(body(f"I am {MAIL}", stream=stream))
    assert MAIL in repr(told), "the caller gets his own back"
    assert texts(again, OUTPUT) == [f"Dear {pseudonym}"]
    assert MAIL not in everything(again)


async def test_what_only_watching_guardrails_found_is_hidden_as_on_record() -> None:
    bench = showing(FakeProvider(*answer_of("that is forbidden")), watched=WATCHED)
    await bench.run(body("it is forbidden"))
    assert "it is forbidden" in repr(bench.provider.requests), "it was sent"
    assert texts(bench, INPUT) == ["it is [DENIED_WORD]"]
    assert texts(bench, OUTPUT) == ["that is [DENIED_WORD]"]


async def test_of_a_blocked_request_nothing_is_shown() -> None:
    bench = showing(FakeProvider(), no_secrets=SECRECY, on_event=True)
    await bench.run(body("it is forbidden"))
    assert "it is" not in everything(bench)
    assert not chats(bench)


def hear(bench: Bench, check: AnyCheck, **fields: Any) -> None:
    """Let requests be heard by one check."""
    guard = Guardrail("guard", frozenset({Side.INPUT}), (check,), **fields)
    bench.pipeline.policy = Policy([guard], b"key", "v1")


@stream_and_whole
async def test_of_a_request_that_is_blocked_when_it_was_sent_nothing_is_shown(stream: bool) -> None:
    bench = showing(FakeProvider(answer_of("Hello")[0], 30.0), on_event=True)
    hear(bench, Judge([Match("jailbreak", 0, 1)], delay_s=0.05), action=Action.BLOCK, during=True)
    await bench.run(body("it is bad", stream=stream))
    assert (len(chats(bench)), len(bench.provider.requests)) == (1, 1)
    assert "is bad" not in everything(bench)


async def test_of_a_request_that_could_not_be_screened_only_the_shape_is_shown() -> None:
    bench = showing(FakeProvider(*answer_of("Hello")), level="full")
    hear(bench, Broken(RuntimeError()), action=Action.REDACT, on_error=OnError.ALLOW)
    await bench.run(body("What?"))
    assert "What?" in repr(bench.provider.requests), "it was sent"
    assert (texts(bench, INPUT), texts(bench, OUTPUT)) == (["[REDACTED]"], ["Hello"])


async def test_an_answer_is_on_the_span_of_the_attempt_that_gave_it() -> None:
    failing, spare = FakeProvider(UpstreamRefused("Busy.", status=503)), FakeProvider(*answer_of("Hello"))
    spare.slug = "spare"
    bench = showing(failing)
    bench.pipeline.router = router_of(failing, spare)
    config = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "@fake"}, {"provider": "@spare"}]}
    await bench.run(body("What?"), wish=Wish(config=json.dumps(config)))
    assert [(INPUT in one.attributes, OUTPUT in one.attributes) for one in chats(bench)] == [
        (True, False),
        (True, True),
    ]


async def test_of_a_blocked_whole_answer_the_question_alone_is_shown() -> None:
    bench = showing(FakeProvider(*answer_of("it is for", "bidden")), no_secrets=SECRECY, on_event=True)
    await bench.run(body("What?"))
    assert texts(bench, INPUT) == ["What?"]
    assert OUTPUT not in chats(bench)[0].attributes
    assert "it is" not in everything(bench)


async def test_of_a_blocked_stream_what_was_released_is_shown() -> None:
    bench = showing(FakeProvider(*answer_of("so it is for", "bidden.", " more")), no_secrets=SECRECY)
    await bench.run(body("What?", stream=True))
    (message,) = shown(bench, OUTPUT)
    assert message["parts"] == [{"type": "text", "content": "so it is "}]
    assert message["finish_reason"] == "content_filter"
    assert "forbidden" not in everything(bench)


async def test_of_an_attempt_that_failed_the_question_is_shown() -> None:
    bench = showing(FakeProvider(UpstreamRefused("Busy.", status=503)))
    await bench.run(body("What?"))
    assert texts(bench, INPUT) == ["What?"]
    assert OUTPUT not in chats(bench)[0].attributes


@pytest.mark.parametrize("level", ["hashes", "none"])
@pytest.mark.parametrize("who", ["gateway", "key", "caller"])
async def test_who_lets_no_documents_on_record_has_none_in_traces(level: Content, who: str) -> None:
    bench = showing(FakeProvider(*answer_of("Hello")), level=level if who == "gateway" else "full")
    said: dict[str, Any] = {
        "caller": Caller("team-a", content=level if who == "key" else "full"),
        "content": level if who == "caller" else "full",
    }
    await bench.run(body("What?"), **said)
    assert "What?" not in everything(bench)
    assert "Hello" not in everything(bench)
    assert len(bench.trace.ended) == 1


async def test_a_trace_that_is_not_exported_does_no_work() -> None:
    def redact(text: str) -> str:
        raise AssertionError(text)

    bench = showing(FakeProvider(*answer_of("Hello")))
    capture = ContentCapture(on_span=True, max_bytes=2048)
    bench.pipeline.telling = Telling(bench.log, contents=Contents(capture, "full", redact))
    bench.trace.sampled = False
    await bench.run(body("What?"))
    assert INPUT not in chats(bench)[0].attributes
    assert not [line for line in bench.log.lines if line[1] == "content_not_shown"]


async def test_messages_too_old_to_be_shown_are_not_read() -> None:
    seen: list[str] = []

    def redact(text: str) -> str:
        seen.append(text)
        return text

    bench = showing(FakeProvider(*answer_of("Hello")))
    capture = ContentCapture(on_span=True, max_bytes=300)
    bench.pipeline.telling = Telling(bench.log, contents=Contents(capture, "full", redact))
    messages = [{"role": "user", "content": f"{i}: {'word ' * 100}"} for i in range(100)]
    await bench.run(body(messages=messages))
    first, *_, last = shown(bench, INPUT)
    assert first["parts"][0]["content"] == f"{100 - len(shown(bench, INPUT)[1:])} left out"
    assert last["parts"][0]["content"].startswith("99: word")
    assert not [text for text in seen if text.startswith("0:")]


async def test_tools_that_are_called_are_shown_with_their_arguments() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f"}}
    events = (
        Started({"id": "x"}),
        ToolCallStarted(0, 0, call),
        ToolArguments(0, 0, '{"to": "'),
        ToolArguments(0, 0, f'{MAIL}"}}'),
        ChoiceFinished(0, "tool_calls", {}),
    )
    bench = showing(FakeProvider(*events), watch=WATCHING)
    await bench.run(body(stream=True))
    (message,) = shown(bench, OUTPUT)
    assert message["finish_reason"] == "tool_call"
    assert message["parts"] == [{"type": "tool_call", "id": "c", "name": "f", "arguments": {"to": "[EMAIL]"}}]

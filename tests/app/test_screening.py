"""Screening of an answer's events: what may go out, and when."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events import (
    ChoiceFinished,
    Extra,
    ProviderEvent,
    TextDelta,
    ToolArguments,
    ToolCallStarted,
)
from tests.answers import BLOCK, MAIL, MONITOR, REDACT, STARTED, USAGE, Answer, call


async def test_without_guardrails_events_pass_as_they_came() -> None:
    events: list[ProviderEvent] = [
        STARTED,
        TextDelta(0, "content", ""),
        TextDelta(0, "content", "hi", {"content": [{"token": "hi"}]}),
        *call(0, "{}"),
        Extra(0, {"annotations": []}),
        Extra(None, {"citations": ["x"]}),
        ChoiceFinished(0, "stop", {"x": 1}),
        USAGE,
    ]
    answer = await Answer().run(events)
    assert answer.released == events
    assert answer.screen.coverage.received == answer.screen.coverage.released > 0


async def test_text_is_held_no_longer_than_a_match_can_grow() -> None:
    answer = Answer(REDACT)
    assert await answer.screening.feed(TextDelta(0, "content", "write to ali")) == [
        TextDelta(0, "content", "write to ")
    ]
    assert await answer.screening.feed(TextDelta(0, "content", "ce@example.com ")) == [
        TextDelta(0, "content", "[EMAIL] ")
    ]


async def test_an_empty_piece_still_says_that_the_text_exists() -> None:
    answer = await Answer(REDACT).run([TextDelta(0, "content", ""), ChoiceFinished(0, "stop", {})])
    assert answer.released == [TextDelta(0, "content", ""), ChoiceFinished(0, "stop", {})]


async def test_what_is_held_comes_before_the_end_of_its_choice_and_usage_comes_last() -> None:
    answer = await Answer(REDACT).run(
        [STARTED, TextDelta(0, "content", "hi"), USAGE, ChoiceFinished(0, "stop", {})]
    )
    assert answer.released == [STARTED, TextDelta(0, "content", "hi"), ChoiceFinished(0, "stop", {}), USAGE]


@pytest.mark.parametrize("channel", ["content", "refusal", "reasoning_content", "reasoning"])
async def test_every_channel_of_every_choice_is_screened(channel: str) -> None:
    events = [TextDelta(i, channel, piece) for piece in ("alice@", "example", ".com") for i in range(3)]
    answer = await Answer(REDACT).run([*events, *(ChoiceFinished(i, "stop", {}) for i in range(3))])
    assert [answer.text(i, channel) for i in range(3)] == ["[EMAIL]"] * 3


async def test_tool_arguments_are_screened_decoded_and_stay_valid_json() -> None:
    arguments = '{"to": "alice\\u0040example.com", "alice@example.com": [4], "n": 2}'
    answer = await Answer(REDACT).run([*call(0, arguments), ChoiceFinished(0, "tool_calls", {})])
    started, pieces, _ = answer.released
    assert isinstance(started, ToolCallStarted)
    assert isinstance(pieces, ToolArguments)
    assert json.loads(pieces.text) == {"to": "[EMAIL]", "[EMAIL]": [4], "n": 2}


async def test_clean_tool_arguments_come_out_to_the_letter() -> None:
    arguments = '{ "n" : 1.50,  "x":"\\u0041" }'
    answer = await Answer(REDACT).run([*call(0, arguments), ChoiceFinished(0, "tool_calls", {})])
    assert answer.released[1] == ToolArguments(0, 0, arguments)


@pytest.mark.parametrize("specs", [[], [REDACT], [MONITOR]])
async def test_a_choice_that_ends_more_than_once_ends_once(specs: list[Any]) -> None:
    ends = [ChoiceFinished(0, "stop", {"a": 1}), ChoiceFinished(0, None, {"b": 2})]
    events: list[ProviderEvent] = [
        TextDelta(0, "content", "x"),
        ends[0],
        TextDelta(0, "content", "y"),
        ends[1],
    ]
    answer = await Answer(*specs).run(events)
    assert answer.text() == "xy"
    assert answer.released[-1] == ChoiceFinished(0, "stop", {"a": 1, "b": 2})


async def test_interleaved_calls_come_out_apart() -> None:
    events: list[ProviderEvent] = [
        ToolCallStarted(0, 0, {"id": "a"}),
        ToolCallStarted(0, 1, {"id": "b"}),
        ToolArguments(0, 0, '{"x":'),
        ToolArguments(0, 1, '{"y":'),
        ToolArguments(0, 0, "1}"),
        ToolArguments(0, 1, "2}"),
        ChoiceFinished(0, "tool_calls", {}),
    ]
    answer = await Answer(REDACT).run(events)
    assert answer.released == [
        ToolCallStarted(0, 0, {"id": "a"}),
        ToolArguments(0, 0, '{"x":1}'),
        ToolCallStarted(0, 1, {"id": "b"}),
        ToolArguments(0, 1, '{"y":2}'),
        ChoiceFinished(0, "tool_calls", {}),
    ]


async def test_log_probabilities_go_out_with_a_text_that_is_clean() -> None:
    events: list[ProviderEvent] = [
        TextDelta(0, "content", t, {"content": [{"token": t}], "refusal": None}) for t in ("a", "b ", "c")
    ]
    answer = await Answer(REDACT).run([*events, ChoiceFinished(0, "stop", {})])
    assert answer.text() == "ab c"
    assert answer.released[-2] == TextDelta(
        0, "content", "", {"content": [{"token": "a"}, {"token": "b "}, {"token": "c"}], "refusal": None}
    )


async def test_log_probabilities_of_a_redacted_text_stay_here() -> None:
    events = [TextDelta(0, "content", t, {"content": [{"token": t}]}) for t in ("alice", "@", "example.com")]
    answer = await Answer(REDACT).run([*events, ChoiceFinished(0, "stop", {})])
    assert answer.text() == "[EMAIL]"
    assert "token" not in answer.everything()


async def test_a_block_ends_it_and_nothing_held_goes_out() -> None:
    answer = await Answer(BLOCK).run(
        [STARTED, TextDelta(0, "content", "this is forbid"), TextDelta(0, "content", "den."), USAGE]
    )
    assert answer.text() == "this is "
    assert answer.screening.blocked is not None
    assert answer.screening.blocked.verdict.guardrail == "g0"


async def test_a_monitor_changes_no_event_and_holds_none() -> None:
    events: list[ProviderEvent] = [
        STARTED,
        TextDelta(0, "content", "alice@exam"),
        TextDelta(0, "content", "ple.com"),
        *call(0, f'["{MAIL}"]'),
    ]
    answer = Answer(MONITOR)
    for event in events:
        assert await answer.screening.feed(event) == [event]
    assert await answer.screening.close() == []
    await answer.screen.close()
    (verdict,) = answer.screen.verdicts()
    assert [(one.part, one.start, one.end) for one in verdict.findings] == [
        ("choices[0].message.content", 0, 17),
        ("choices[0].message.tool_calls[0].function.arguments#[0]", 0, 17),
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["alice@example.com", " ", "\n", "forbidden", "word", ".", "é", "4111 1111 1111 1111"]
        )
    ),
    st.randoms(use_true_random=False),
    st.sampled_from([[REDACT], [BLOCK], [REDACT, BLOCK], [REDACT, MONITOR, BLOCK], []]),
)
async def test_a_stream_comes_to_what_the_whole_comes_to(
    words: list[str], random: Any, specs: list[Any]
) -> None:
    text = "".join(words)
    pieces, rest = [], text
    while rest:
        cut = random.randint(1, 7)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    end = ChoiceFinished(0, "stop", {})
    whole = await Answer(*specs).run([TextDelta(0, "content", text), end])
    streamed = await Answer(*specs).run([*(TextDelta(0, "content", piece) for piece in pieces), end])
    assert _essence(whole) == _essence(streamed)
    if whole.screening.blocked is None:
        assert whole.text() == streamed.text()
    elif specs == [BLOCK]:
        (verdict,) = streamed.screen.verdicts()
        assert text[: verdict.findings[0].start].startswith(streamed.text())


def _essence(answer: Answer) -> list[Any]:
    return [(one.guardrail, one.decision, one.blocked, one.findings) for one in answer.screen.verdicts()]

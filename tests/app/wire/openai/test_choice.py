from typing import Any

from app.domain.events import ChoiceFinished, Extra, ProviderEvent, TextDelta, ToolArguments, ToolCallStarted
from app.wire.openai.choice import ChoiceReader


def read(*deltas: dict[str, Any], logprobs: dict[str, Any] | None = None) -> list[ProviderEvent]:
    reader = ChoiceReader(0, "answer")
    return [event for delta in deltas for event in reader.read(delta, logprobs, whole=False)]


def test_nulls_on_every_delta_are_told_once() -> None:
    delta: dict[str, Any] = {"content": None, "reasoning": None, "tool_calls": [], "new": None}
    assert read(delta, delta) == [Extra(0, delta)]


def test_empty_texts_on_every_delta_are_told_once() -> None:
    delta = {"role": "assistant", "content": ""}
    assert read(delta, delta) == [TextDelta(0, "content", "")]


def test_the_role_is_not_told_as_every_answer_is_the_assistants() -> None:
    assert read({"role": "model"}, {"role": None}) == []


def test_thoughts_come_before_words() -> None:
    events = read({"content": "a", "refusal": "c", "reasoning": "b"})
    assert [event.channel for event in events if isinstance(event, TextDelta)] == [
        "reasoning",
        "content",
        "refusal",
    ]


def test_log_probabilities_go_with_the_content_they_spell() -> None:
    spelled = {"content": [{"token": "a"}]}
    found = read({"reasoning": "b", "content": "a"}, logprobs=spelled)
    assert found == [TextDelta(0, "reasoning", "b"), TextDelta(0, "content", "a", spelled)]
    assert read({"refusal": "a"}, logprobs=spelled) == [TextDelta(0, "refusal", "a", spelled)]


def test_log_probabilities_of_no_text_are_not_lost() -> None:
    spelled = {"content": [{"token": "{"}]}
    call = {"index": 0, "function": {"arguments": "{"}}
    assert read({"tool_calls": [call]}, logprobs=spelled)[0] == TextDelta(0, "content", "", spelled)
    assert read({}, logprobs=spelled) == [TextDelta(0, "content", "", spelled)]


def test_the_index_of_a_call_is_its_place_whatever_the_provider_counts() -> None:
    calls = [{"index": number, "id": f"c{number}", "function": {"name": "f"}} for number in (1, 7)]
    started = [event for event in read({"tool_calls": calls}) if isinstance(event, ToolCallStarted)]
    assert [(event.index, event.fields["id"]) for event in started] == [(0, "c1"), (1, "c7")]


def test_deltas_of_two_calls_may_mix() -> None:
    calls = [{"index": number, "id": f"c{number}", "function": {"name": "f"}} for number in (0, 1)]
    more = [{"index": number, "function": {"arguments": str(number)}} for number in (1, 0)]
    assert read({"tool_calls": calls}, {"tool_calls": more})[2:] == [
        ToolArguments(0, 1, "1"),
        ToolArguments(0, 0, "0"),
    ]


def test_a_call_continues_by_its_id_where_there_is_no_index() -> None:
    calls = [{"id": name, "function": {"name": "f"}} for name in "ab"]
    more = [{"id": name, "function": {"arguments": name}} for name in "ab"]
    assert read({"tool_calls": calls}, {"tool_calls": more})[2:] == [
        ToolArguments(0, 0, "a"),
        ToolArguments(0, 1, "b"),
    ]


def test_made_up_ids_are_the_same_for_the_same_answer_only() -> None:
    delta = {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": ""}}]}
    other = ChoiceReader(0, "another").read(delta, None, whole=False)
    assert read(delta) == read(delta)
    assert read(delta) != other


def test_an_unknown_type_of_call_is_kept_as_it_is() -> None:
    call = {"index": 0, "id": "c", "type": "browser", "browser": {"url": "u"}}
    kept = {"id": "c", "type": "browser", "browser": {"url": "u"}}
    assert read({"tool_calls": [call]}) == [ToolCallStarted(0, 0, kept)]


def test_what_is_no_call_among_the_calls_is_kept() -> None:
    assert read({"tool_calls": ["x"]}) == [Extra(0, {"tool_calls": ["x"]})]


def test_the_deprecated_call_is_begun_once_and_keeps_what_comes_late() -> None:
    first = {"function_call": {"name": "f", "arguments": "a"}}
    second = {"function_call": {"name": "f", "arguments": "b", "new": 1}}
    assert read(first, second)[1:] == [
        ToolArguments(0, -1, "a"),
        Extra(0, {"function_call": {"new": 1}}),
        ToolArguments(0, -1, "b"),
    ]


def test_the_last_finish_reason_counts_and_a_null_is_none() -> None:
    reader = ChoiceReader(0, "a")
    for reason in ("stop", "length", None):
        reader.finish(reason)
    assert reader.end() == ChoiceFinished(0, "length", {})


def test_a_finish_reason_beside_calls_is_not_second_guessed() -> None:
    reader = ChoiceReader(0, "a")
    reader.read({"tool_calls": [{"id": "c", "function": {"name": "f"}}]}, None, whole=True)
    reader.finish("stop")
    assert reader.end().reason == "stop"

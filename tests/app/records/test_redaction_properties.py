import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.parts import redact_request, request_parts
from app.records.redaction import (
    recorded_part,
    redacted_request,
    redacted_response,
    renamed_keys,
)
from guardrails import Mode, Side
from tests.exchanges import found, verdict

A = "anna@a.example"
B = "4000-1234-5678"
FILLERS = st.sampled_from(["", " ", "x", "ü", 'say "', "\\", "\n", "🦜", "[", "#", "."])
PLANTED = st.lists(FILLERS | st.sampled_from([A, B]), max_size=6).map("".join)
KEYS = st.sampled_from(["a", "b.c", 'd"e', "f#g", "h[0]", "text", f"{A}", f"to {B}", "arguments"])


def nested(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)

    return st.recursive(leaf | st.integers() | st.none(), deeper, max_leaves=5)


def json_of(value: Any, *, ascii_only: bool) -> str:
    """Write JSON as a model may: the planted values hidden in escapes."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return text.replace("@", "\\u0040").replace("4000", "\\u0034000") if ascii_only else text


ARGUMENTS = (
    st.builds(json_of, nested(PLANTED), ascii_only=st.booleans())
    | st.builds(
        lambda text, cut: text[:cut],
        st.builds(json_of, nested(PLANTED), ascii_only=st.booleans()),
        st.integers(0, 60),
    )
    | PLANTED
)
CALLS = st.lists(
    st.builds(
        lambda text: {"id": "1", "type": "function", "function": {"name": "f", "arguments": text}}, ARGUMENTS
    ),
    max_size=2,
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool"])},
    optional={"content": PLANTED | ARGUMENTS, "tool_calls": CALLS, "extra": nested(PLANTED)},
)
REQUESTS = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": st.lists(MESSAGES, max_size=3)},
    optional={"metadata": nested(PLANTED), "user": PLANTED},
)
ANSWERS = st.lists(MESSAGES, max_size=3).map(
    lambda messages: {"id": "1", "choices": [{"index": i, "message": m} for i, m in enumerate(messages)]}
)


def untouched(text: str) -> str:
    return text


def hiding(*values: str) -> Callable[[str], str]:
    def redact(text: str) -> str:
        for value in values:
            text = text.replace(value, "[X]")
        return text

    return redact


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text that somebody who reads the record could see or decode."""
    if isinstance(value, str):
        yield value
        yield value.replace("\\u0040", "@").replace("\\u0034", "4")
        if value[:1] in {"{", "[", '"'}:
            try:
                yield from texts_in(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(key)
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def seen_by_guardrails(recorded: Any) -> list[str]:
    """Return every text in which a guardrail would find something."""
    return [part.text for part in request_parts(recorded)] if isinstance(recorded, dict) else [recorded]


@given(REQUESTS)
@settings(deadline=None, max_examples=300)
def test_nothing_a_guardrail_found_in_a_request_is_on_record(document: dict[str, Any]) -> None:
    before = json.dumps(document)
    recorded = redacted_request(document, found(document, A, "email") + found(document, B, "card"), untouched)
    assert not [text for text in seen_by_guardrails(recorded) if A in text or B in text]
    assert json.dumps(document) == before


@given(REQUESTS)
@settings(deadline=None, max_examples=300)
def test_nothing_the_second_net_knows_is_on_record(document: dict[str, Any]) -> None:
    recorded = redacted_request(document, [], hiding(A, B))
    assert not [text for text in texts_in(recorded) if A in text or B in text]


@given(ANSWERS, st.data())
@settings(deadline=None, max_examples=300)
def test_nothing_found_in_an_answer_is_on_record_whatever_was_redacted_on_its_way(
    answer: dict[str, Any], data: st.DataObject
) -> None:
    enforced = verdict(Side.OUTPUT, *found(answer, A, "email"))
    watched = verdict(Side.OUTPUT, *found(answer, B, "card"), mode=Mode.MONITOR)
    changed = {part.path: part.text.replace(A, "[EMAIL]") for part in request_parts(answer) if A in part.text}
    released = cut(redact_request(answer, changed), data)
    recorded = redacted_response(released, (enforced, watched), untouched)
    assert not [text for text in seen_by_guardrails(recorded) if A in text or B in text]


def cut(answer: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Drop what a caller who left did not get: some choices, the ends of texts."""
    choices = [dict(choice) for choice in answer["choices"] if data.draw(st.booleans())]
    for choice in choices:
        message = dict(choice["message"])
        if isinstance(message.get("content"), str):
            message["content"] = message["content"][: data.draw(st.integers(0, 40))]
        if data.draw(st.booleans()):
            message.pop("tool_calls", None)
        choice["message"] = message
    return {**answer, "choices": choices}


@given(REQUESTS)
@settings(deadline=None)
def test_no_path_of_a_finding_holds_what_was_found(document: dict[str, Any]) -> None:
    findings = found(document, A, "email")
    renamed = renamed_keys(findings)
    assert not [one for one in findings if A in recorded_part(one.part, renamed, untouched)]

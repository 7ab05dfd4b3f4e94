"""JSON in strings of JSON: seen as it stands and as it decodes, written back so that all levels stay JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.json_text import JsonText, Redactions
from app.domain.parts import redact_request, request_parts
from app.records.redaction import redacted_request
from guardrails import Check, Engine, Redactor, guardrail
from guardrails.part import PartKind
from guardrails.redactor import WITHHELD

MAIL, CARD = "alice@example.com", "4111111111111111"
SPEC = {"checks": [{"pii": {"entities": ["email", "card"]}}], "action": "redact", "reversible": True}
REDACTOR = Redactor([check for check in guardrail("g", SPEC).checks if isinstance(check, Check)])


def redacted(text: str) -> str:
    """Return the text as a guardrail for mail and cards leaves it."""
    document = JsonText("p", text)
    found = {part.path: part.text for part in document.parts(PartKind.TOOL_ARGUMENTS, "assistant")}
    new = {path: REDACTOR.redact(one) for path, one in found.items()}
    return document.redact(Redactions.of({path: one for path, one in new.items() if one != found[path]}))


def levels(value: object, count: int) -> str:
    text = json.dumps(value)
    for _ in range(count):
        text = json.dumps({"body": text})
    return text


def undone(text: str, count: int) -> Any:
    value = json.loads(text)
    for _ in range(count):
        value = json.loads(value["body"])
    return value


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_is_found_at_any_level_is_replaced_and_all_levels_stay_json(count: int) -> None:
    value = {"to": MAIL, "n": int(CARD), "quoted": 'say "hi"\n', MAIL: [CARD, 1]}
    expected = {"to": "[EMAIL]", "n": "[CARD]", "quoted": 'say "hi"\n', "[EMAIL]": ["[CARD]", 1]}
    assert undone(redacted(levels(value, count)), count) == expected


def test_an_escape_in_a_string_in_a_string_hides_nothing() -> None:
    inner = '{"to": "alice\\u0040example.com"}'
    assert undone(redacted(json.dumps({"body": inner})), 1) == {"to": "[EMAIL]"}


def test_a_name_and_its_value_are_seen_together_too() -> None:
    inner = '{"password": "x", "n": 12345678}'
    found = [part.text for part in JsonText("p", json.dumps({"body": inner})).parts(PartKind.TEXT, "")]
    assert inner in found
    assert "12345678" in found


def test_what_cannot_be_put_together_goes_as_a_whole() -> None:
    text = JsonText("p", json.dumps({"body": '{"a": "x\\ty"}', "b": 1}))
    new = text.redact(Redactions.of({"p#.body": '{"a": "[1]"}', "p#.body#.a": "[2]"}))
    assert json.loads(new) == {"body": "[REDACTED]", "b": 1}


@pytest.mark.parametrize("number", ["1e400", "-1e999", "NaN", "Infinity"])
def test_what_could_not_be_written_back_is_taken_for_text(number: str) -> None:
    text = f'{{"n": {number}, "to": "{MAIL}"}}'
    assert redacted(text) == text.replace(MAIL, "[EMAIL]")


def test_a_key_that_stands_twice_leaves_json_behind() -> None:
    assert json.loads(redacted(f'{{"to": "{MAIL}", "to": "x"}}')) == {"to": "x"}
    assert json.loads(redacted('{"to": "alice\\u0040example.com", "to": "x\\n"}')) == "[REDACTED]"


_VALUES = st.recursive(
    st.sampled_from([MAIL, CARD, int(CARD), 1, 1.5, None, "é", '"\\\n', f"<{MAIL}>", "plain"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", MAIL, "b.c"]), inner),
    max_leaves=6,
)


@given(
    st.lists(_VALUES, max_size=3) | st.dictionaries(st.sampled_from(["a", MAIL]), _VALUES), st.integers(0, 3)
)
def test_any_value_stays_json_at_all_levels_and_holds_nothing_that_is_found(
    value: object, count: int
) -> None:
    new = redacted(levels(value, count))
    left = json.dumps(undone(new, count))
    assert MAIL not in left
    assert CARD not in left
    assert WITHHELD not in left
    assert redacted(new) == new


@pytest.mark.parametrize(
    "inner", [{"to": MAIL, "n": int(CARD), "x": 'a "b"'}, {"to": "alice\\u0040example.com"}]
)
async def test_the_whole_way_of_a_request_and_its_record(inner: dict[str, Any]) -> None:
    arguments = json.dumps({"body": json.dumps(inner).replace("\\\\", "\\")})
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    document = {"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]}
    screening = await Engine([guardrail("g", SPEC)], b"key").screen(request_parts(document))
    sent = redact_request(document, screening.redacted)["messages"][0]["tool_calls"][0]
    to, *rest = undone(sent["function"]["arguments"], 1).values()
    assert screening.vault.restore(to) == MAIL != to
    assert [screening.vault.restore(one) for one in rest] == ([CARD, 'a "b"'] if rest else [])
    findings = [one for verdict in screening.verdicts for one in verdict.findings]
    recorded: Any = redacted_request(document, findings, str)
    kept = undone(recorded["messages"][0]["tool_calls"][0]["function"]["arguments"], 1)
    assert list(kept.values()) == ["[EMAIL]", "[CARD]", 'a "b"'][: len(inner)]

"""JSON inside a string: taken apart, put together."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.json_leaves import json_parts, key_path, member_path
from app.domain.json_text import JsonText, Redactions, replace_leaves, replace_members, value_of
from guardrails.part import PartKind

PATH = "messages[0].tool_calls[0].function.arguments"
ARGUMENTS = PartKind.TOOL_ARGUMENTS
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def texts(text: str) -> dict[str, str]:
    return {part.path: part.text for part in JsonText(PATH, text).parts(ARGUMENTS, "assistant")}


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a":[1]}', {"a": [1]}), ("[", "["), ("NaN", "NaN"), ('{"a":1,"a":2}', '{"a":1,"a":2}')],
)
def test_the_value_of_a_text_is_what_its_json_says(text: str, value: object) -> None:
    assert value_of(text) == value


def test_escapes_are_decoded_before_anybody_looks() -> None:
    assert texts('{"to": "a\\u0040b.example"}')[f"{PATH}#.to"] == "a@b.example"


def test_a_long_number_is_a_text_and_a_short_one_is_not() -> None:
    found = texts('{"card": 4111111111111111, "n": 3, "ok": true}')
    assert found[f"{PATH}#.card"] == "4111111111111111"
    assert f"{PATH}#.n" not in found
    assert f"{PATH}#.ok" not in found


def test_a_key_that_stands_twice_hides_nothing() -> None:
    found = texts('{"to": "alice@example.com", "to": "x"}')
    assert "alice@example.com" in found[PATH]


def test_broken_json_is_offered_as_it_stands_and_with_its_escapes_decoded() -> None:
    found = texts('{"to": "a\\u0040b.example"')
    assert found[PATH] == '{"to": "a\\u0040b.example"'
    assert found[PATH + "#"] == '{"to": "a@b.example"'


def test_escapes_decode_as_json_does() -> None:
    text = 'x\\n\\t\\\\u0040 \\/ \\" \\u00e9 \\uzzzz'
    assert texts(text)[PATH + "#"] == 'x\n\t\\u0040 / " \u00e9 uzzzz'


def test_a_redaction_leaves_valid_json_valid() -> None:
    text = JsonText(PATH, '{"to": ["a@b.co", "c"], "n": 1.50}')
    new = text.redact(Redactions.of({f"{PATH}#.to[0]": '[E"MAIL]'}))
    assert json.loads(new) == {"to": ['[E"MAIL]', "c"], "n": 1.5}


def test_broken_json_found_guilty_twice_goes_as_a_whole() -> None:
    text = JsonText(PATH, "a\\b@x.co a\\u0040b.co")
    assert text.redact(Redactions.of({PATH: "1", PATH + "#": "2"})) == "[REDACTED]"
    assert text.redact(Redactions.of({PATH: "1"})) == "1"
    assert text.redact(Redactions.of({PATH + "#": "2"})) == "2"


def test_keys_that_become_one_are_kept_apart() -> None:
    redactions = Redactions.of({f"x.{key}.~key": "[K]" for key in "abc"})
    new = replace_leaves({"a": 1, "b": 2, "c": 3}, "x", redactions)
    assert new == {"[K]": 1, "[K]_2": 2, "[K]_3": 3}


def test_many_keys_that_become_one_stay_short() -> None:
    document = {f"k{i}": i for i in range(5000)}
    new = replace_leaves(document, "x", Redactions.of({f"x.{key}.~key": "[K]" for key in document}))
    assert list(new.values()) == list(range(5000))
    assert max(map(len, new)) == len("[K]_5000")


@given(json_values)
def test_every_part_has_a_path_of_its_own(value: object) -> None:
    paths = [part.path for part in json_parts(value, "x", ARGUMENTS, "assistant")]
    assert len(paths) == len(set(paths))


@given(json_values)
def test_nothing_named_means_nothing_changed(value: object) -> None:
    assert replace_leaves(value, "x", Redactions.of({"elsewhere": "y"})) == value


@given(json_values)
def test_every_text_that_is_named_is_replaced(value: object) -> None:
    parts = json_parts(value, "x", ARGUMENTS, "assistant")
    new = replace_leaves(value, "x", Redactions.of({part.path: "\u2400" for part in parts}))
    left = json_parts(new, "x", ARGUMENTS, "assistant")
    assert {part.text.rstrip("_0123456789") for part in left} <= {"\u2400"}


def test_a_key_with_signs_of_the_notation_is_quoted() -> None:
    assert member_path("x", "a.b") == 'x["a.b"]'
    assert json.loads(member_path("", 'f#g"')) == ['f#g"']
    assert key_path(member_path("", "a")) == "a.~key"


def test_json_that_nests_without_end_is_taken_for_text() -> None:
    deep = "[" * 900 + '"a\\u0040b.co"' + "]" * 900
    found = texts(deep)
    assert set(found) == {PATH, PATH + "#"}
    assert "a@b.co" in found[PATH + "#"]
    assert "a@b.co" not in JsonText(PATH, deep).redact(Redactions.of({PATH + "#": "x"}))


@pytest.mark.parametrize("kind", ["thinking", "reasoning.text"])
def test_a_signed_thought_that_is_changed_loses_its_signature(kind: str) -> None:
    thought = {"type": kind, "thinking": "of anna", "signature": "c2ln"}
    assert replace_members(thought, "t", Redactions.of({"t.thinking": "of [NAME]"})) == {
        "type": kind,
        "thinking": "of [NAME]",
    }
    assert replace_members(thought, "t", Redactions.of({"other": "x"})) == thought


def test_what_else_has_a_signature_keeps_it() -> None:
    letter = {"type": "letter", "to": "anna", "signature": "Best, Bo"}
    assert replace_members(letter, "t", Redactions.of({"t.to": "[NAME]"})) == {**letter, "to": "[NAME]"}


def test_a_schema_that_names_several_types_is_no_thought() -> None:
    schema = {"properties": {"to": {"type": ["string", "null"], "default": "x"}}}
    new = replace_members(schema, "s", Redactions.of({"s.properties.to.default": "y"}))
    assert new == {"properties": {"to": {"type": ["string", "null"], "default": "y"}}}

"""Texts that must be JSON, and of a form."""

import time

import pytest

from guardrails.check import Match, Run
from guardrails.decoding import ConfigError
from tests.guardrails.checks.finding import built, found

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]", " 42\n", '"words"', "null", '{"a": {"b": [{}]}}'])
def test_json_is_json(text: str) -> None:
    assert built("json").find(Run(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words",
        '{"a": 1',
        '{"a": 1} and words',
        '```json\n{"a": 1}\n```',
        "{'a': 1}",
        "[NaN]",
        "[" * 5_000,
    ],
)
def test_all_else_is_not(text: str) -> None:
    assert built("json").find(Run(text)) == [Match("not_json", 0, len(text))]


@pytest.mark.parametrize(
    "text",
    ['Sure: {"a": {"b": 1}} there you are', '```json\n{"a": {"b": [1]}}\n```', "[1]", '{x {"a": 1}', "42"],
)
def test_json_may_stand_anywhere_if_it_is_allowed_to(text: str) -> None:
    assert built("json", {"where": "anywhere"}).find(Run(text)) == []


def test_without_any_it_is_not_json_anywhere() -> None:
    check = built("json", {"where": "anywhere"})
    assert check.find(Run("{no} [json] 42")) == [Match("not_json", 0, 14)]


def test_a_schema_names_what_does_not_hold_and_where() -> None:
    check = built("json", {"schema": PERSON})
    assert check.find(Run('{"name": "Ada", "age": 36}')) == []
    assert found(check, '{"name": "Ada", "age": -1}') == [("schema.minimum", "-1")]
    assert found(check, '{"name": 5, "age": "x"}') == [("schema.type", "5"), ("schema.type", '"x"')]
    assert found(check, '{"age": 1}') == [("schema.required", '{"age": 1}')]
    text = '{"name": "Ada", "x": 1}'
    assert found(check, text) == [("schema.additionalProperties", text)]


def test_the_place_of_a_fault_counts_code_points() -> None:
    check = built("json", {"where": "anywhere", "schema": PERSON})
    text = 'voil\u00e0 \U0001f600: {"name": "\u00e9", "age": "x"}'
    assert found(check, text) == [("schema.type", '"x"')]


def test_no_word_of_a_text_becomes_a_rule() -> None:
    check = built("json", {"schema": {"additionalProperties": {"type": "integer"}}})
    assert found(check, '{"jane@example.com": "x"}') == [("schema.type", '"x"')]
    check = built("json", {"schema": {"properties": {"jane": False}, "patternProperties": {"^x": False}}})
    assert {rule for rule, _ in found(check, '{"jane": 1, "xy": 2}')} == {"schema.false"}


def test_of_several_values_one_that_is_right_is_enough() -> None:
    check = built("json", {"where": "anywhere", "schema": PERSON})
    assert check.find(Run('[1] {"name": 1} {"name": "Ada"}')) == []
    assert found(check, '[1] {"name": 1}') == [("schema.type", "1")]


def test_keys_are_looked_for_at_the_top() -> None:
    check = built("json", {"keys": ["a", "b"]})
    assert check.find(Run('{"a": 1, "b": null, "c": 2}')) == []
    assert found(check, '{"a": {"b": 1}}') == [("missing_key", '{"a": {"b": 1}}')]
    assert found(check, '["a", "b"]') == [("missing_key", '["a", "b"]')]


def test_a_repeated_key_is_found_unless_allowed() -> None:
    text = '{"name": 1, "name": "Ada"}'
    assert found(built("json", {"schema": PERSON}), text) == [("duplicate_key", text)]
    assert built("json", {"schema": PERSON, "duplicate_keys": True}).find(Run(text)) == []


def test_findings_are_bounded() -> None:
    check = built("json", {"schema": {"items": {"type": "string"}}})
    assert len(check.find(Run("[" + "1," * 999 + "1]"))) == 10


def test_a_text_is_held_to_its_end() -> None:
    assert built("json").is_open("{} ", 0)


def test_half_a_surrogate_pair_is_not_json() -> None:
    check = built("json", {"schema": {"type": "object", "properties": {"a": {"maxLength": 1}}}})
    assert found(check, r'{"a": "\ud800"}') == [("not_json", r'{"a": "\ud800"}')]


@pytest.mark.parametrize(
    ("schema", "place", "message"),
    [
        ({"properties": {"a": {"type": "text"}}}, ".properties.a.type", "text"),
        ({"items": {"pattern": "(?=a)b"}}, ".items.pattern", "regex"),
        ({"items": {"pattern": r"(a)\1"}}, ".items.pattern", "regex"),
        ({"allOf": [{}, {"minimum": "x"}]}, ".allOf[1].minimum", "x"),
        ({"$ref": "http://127.0.0.1:9/schema"}, "", "nothing is fetched"),
        ({"$ref": "file:///etc/hostname"}, "", "nothing is fetched"),
        ({"$ref": "#/nowhere"}, "", "nowhere"),
        ({"$schema": "http://example.com/own"}, "", "meta-schema"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_its_place(
    schema: dict[str, object], place: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        built("json", {"schema": schema})
    assert raised.value.path == f"guardrails.any.checks[0].json.schema{place}"


def test_a_pattern_of_a_schema_cannot_stall() -> None:
    check = built("json", {"schema": {"pattern": "^(a+)+$"}})
    began = time.process_time()
    assert found(check, '"' + "a" * 50_000 + '!"')[0][0] == "schema.pattern"
    assert time.process_time() - began < 1

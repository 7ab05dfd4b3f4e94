"""JSON as Portkey judges it, and however deep it nests."""

import pytest

from guardrails.config import ConfigError
from guardrails.portkey.json_verdicts import json_keys, json_schema
from tests.guardrails.portkey.subjects import answered, verdict

SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "object"}}}
NESTED = 'Here it is: {"a": {"b": {"c": [1, {"d": "}"}]}}} - done.'


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (NESTED, True),
        ('```json\n{"a": {}}\n```', True),
        ('```\n{"a": {}}\n```', True),
        ('{"a": 1}', False),
        ('{"a": 1} and {"a": {}}', True),
        ("no JSON at all", False),
        ('{"a": {}', False),
    ],
)
def test_some_value_is_valid(text: str, holds: bool) -> None:
    assert verdict(json_schema({"schema": SCHEMA}, "p"), answered(text)) is holds


def test_not_wants_a_value_that_is_invalid() -> None:
    inverted = json_schema({"schema": SCHEMA, "not": True}, "p")
    assert verdict(inverted, answered('{"a": 1}'))
    assert not verdict(inverted, answered(NESTED))
    assert not verdict(inverted, answered("no JSON at all"))


@pytest.mark.parametrize(
    ("operator", "text", "holds"),
    [
        ("any", NESTED, True),
        ("all", NESTED, False),
        ("all", '{"a": 1, "b": {"c": 2}}', True),
        ("none", '{"c": 1}', True),
        ("none", '{"c": 1} {"a": 1}', False),
        ("none", "no JSON", False),
        ("any", '["a", "b"]', False),
        ("none", '["a", "b"]', True),
    ],
)
def test_keys_stand_at_the_top_of_a_value(operator: str, text: str, holds: bool) -> None:
    assert verdict(json_keys({"keys": ["a", "b"], "operator": operator}, "p"), answered(text)) is holds


def test_a_schema_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^p\.schema"):
        json_schema({"schema": {"type": "objekt"}}, "p")
    with pytest.raises(ConfigError, match=r"^p\.keys"):
        json_keys({"keys": []}, "p")

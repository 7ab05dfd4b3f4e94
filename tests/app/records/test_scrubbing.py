import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.scrubbing import Remembering, scrubbed, scrubbed_text

SECRET = "a@b.example"


def hide(text: str) -> str:
    return text.replace(SECRET, "[EMAIL]")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("to a@b.example", "to [EMAIL]"),
        ('{"to": "a\\u0040b.example"}', '{"to":"[EMAIL]"}'),
        ('["a\\u0040b.example", 1]', '["[EMAIL]",1]'),
        ('{"a\\u0040b.example": 1}', '{"[EMAIL]":1}'),
        ('"a\\u0040b.example"', '"[EMAIL]"'),
        ('broken {"to": "a\\u0040b.example', 'broken {"to": "[EMAIL]'),
        ("no secret \\d+ here", "no secret \\d+ here"),
        ('{"nothing": "\\n"}', '{"nothing": "\\n"}'),
    ],
)
def test_a_text_is_seen_as_it_stands_and_as_it_decodes(text: str, seen: str) -> None:
    assert scrubbed_text(text, hide) == seen


def test_json_in_json_in_json_is_seen() -> None:
    inner = '{"to": "a\\u0040b.example"}'
    outer = json.dumps({"arguments": json.dumps({"arguments": inner})})
    seen = scrubbed_text(outer, hide)
    assert json.loads(json.loads(json.loads(seen)["arguments"])["arguments"]) == {"to": "[EMAIL]"}


def test_values_of_every_kind_are_kept() -> None:
    value = {"a": [1, 1.5, True, None, "x"], "b": {}, "c": []}
    assert scrubbed(value, hide) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(JSON)
def test_where_there_is_nothing_to_hide_a_value_is_equal(value: object) -> None:
    assert scrubbed(value, str) == value


def test_a_short_harmless_text_is_asked_about_once() -> None:
    asked: list[str] = []

    def redact(text: str) -> str:
        asked.append(text)
        return hide(text)

    remembering = Remembering(redact)
    long = "long " * 20
    for text in ("role", SECRET, long) * 2:
        assert remembering(text) == hide(text)
    assert asked == ["role", SECRET, long, SECRET, long]


def test_not_more_is_remembered_than_fits() -> None:
    remembering = Remembering(str)
    for i in range(10_000):
        remembering(str(i))
    assert len(remembering._harmless) == 4096


def test_a_value_is_seen_behind_its_name() -> None:
    def redact(text: str) -> str:
        return text.replace("anna", "[NAME]").replace('"password": "hunter', '"password": "[SECRET]')

    value = {"password": "hunter2", "anna": ["hunter2"], "x": {"name": "password", "value": "hunter2"}}
    assert scrubbed(value, redact) == {
        "password": "[SECRET]2",
        "[NAME]": ["hunter2"],
        "x": {"name": "password", "value": "[SECRET]2"},
    }
    assert scrubbed('{"password": "hunter2", "a": "\\n"}', redact) == '{"password":"[SECRET]2","a":"\\n"}'


def test_a_value_whose_name_is_part_of_what_is_hidden_goes_whole() -> None:
    def redact(text: str) -> str:
        return text.replace('password": "hunter2', "[SECRET]")

    assert scrubbed({"password": "hunter2"}, redact) == {"password": "[REDACTED]"}


def test_json_with_more_texts_than_can_be_told_apart_goes_whole() -> None:
    assert scrubbed_text("[" + ",".join(['"a\\n"'] * 100_001) + "]", hide) == "[REDACTED]"

"""JSON's escapes, wherever they stand."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.domain.json_escapes import says_the_same, unescaped


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])))
def test_what_json_escapes_is_decoded(text: str) -> None:
    assert unescaped(json.dumps(text)[1:-1]) == text


def test_what_is_no_escape_stays() -> None:
    assert unescaped("a \\uzzzz é") == "a uzzzz é"
    assert unescaped("") == ""


def test_ways_to_write_a_value_say_the_same() -> None:
    assert says_the_same('{"a": "\\u00e9\\n", "n": [CARD]}', '{"a":"é\\n","n":"[CARD]"}')
    assert says_the_same('["[\\\\\\"\\\\\\\\u00e9\\\\\\"]"]', '["[\\"é\\"]"]')
    assert says_the_same('{"a": "[EMAIL_KVQZMD]"}', '{"a": "[EMAIL_BBBBBB_2]"}')
    assert not says_the_same('{"a": "[EMAIL_KVQZMD]"}', '{"a": "[PHONE_KVQZMD]"}')
    assert not says_the_same('{"a": "x"}', '{"a": "[NAME]"}')

"""The texts of a JSON value, with their paths and names."""

import pytest

from app.domain.json_leaves import holds_texts, json_parts, name_of
from app.domain.parts import request_parts
from guardrails.part import PartKind


def names(value: object) -> dict[str, str]:
    return {part.text: part.name for part in json_parts(value, "", PartKind.FIELD, "")}


def test_a_value_has_the_name_of_its_member_and_so_have_the_items_of_a_list() -> None:
    found = names({"password": "a", "keys": ["b", {"inner": 12345678}], "x": {"y": "c"}})
    assert found == {
        "password": "", "a": "password", "keys": "", "b": "keys", "inner": "", "12345678": "inner",
        "x": "", "y": "", "c": "y",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ({"name": "PASSWORD", "value": "v"}, "PASSWORD"),
        ({"key": "PASSWORD", "value": "v"}, "PASSWORD"),
        ({"name": 1, "value": "v"}, "outer"),
        ({"value": "v"}, "outer"),
    ],
)
def test_a_value_may_be_named_by_another_member(member: dict[str, object], name: str) -> None:
    assert name_of("value", member, "outer") == name
    assert names({"outer": [member]})["v"] == name


def test_the_protocol_s_own_names_tell_nothing() -> None:
    messages = [{"role": "user", "content": "hi", "name": "anna", "password": {"default": "p"}}]
    parts = request_parts({"messages": messages, "token": "t", "user": "u"})
    assert {part.text: part.name for part in parts} == {
        "hi": "", "anna": "", "password": "", "p": "password", "t": "token", "u": "",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["", [], {}, 5, None, True])
def test_where_there_is_no_text_no_path_is_worth_writing(value: object) -> None:
    assert not holds_texts(value)

"""How a target changes the parameters of a request."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.config_error import ConfigError
from app.routing.params import Every, Params, ordered, read_drop_path

DOCUMENT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": [{"type": "text", "cache_control": {"scope": 1}}, {"type": "text"}]},
        {"role": "user", "content": "b"},
        {"role": "user", "content": "c"},
    ],
    "response_format": {"type": "json_schema", "json_schema": {}},
    "tools": [{"function": {"name": "a", "strict": True}}, {"function": {"name": "b", "strict": True}}],
    "logprobs": True,
}


def _dropped(*paths: str) -> dict[str, Any]:
    before = copy.deepcopy(DOCUMENT)
    result = Params(drop=ordered(tuple(read_drop_path(path, "p") for path in paths))).applied(DOCUMENT)
    assert before == DOCUMENT
    return result


def test_defaults_fill_then_overrides_replace_then_the_rest_is_dropped() -> None:
    params = Params({"n": None, "seed": 1, "user": "u"}, {"top_p": 0.5, "stop": "x", "seed": 2}, (("user",),))
    document = {"model": "m", "user": "caller", "seed": 9, "stop": None}
    assert params.applied(document) == {"model": "m", "seed": 1, "stop": None, "top_p": 0.5, "n": None}
    assert document["user"] == "caller"


def test_without_changes_the_document_itself_is_sent() -> None:
    assert Params().applied(DOCUMENT) is DOCUMENT


def test_a_key_is_dropped() -> None:
    assert "logprobs" not in _dropped("logprobs")
    assert _dropped("response_format.json_schema")["response_format"] == {"type": "json_schema"}


def test_an_item_is_dropped() -> None:
    assert [one["content"] for one in _dropped("messages[0]")["messages"]] == ["b", "c"]


def test_items_are_told_by_the_places_that_they_had() -> None:
    assert [one["content"] for one in _dropped("messages[0]", "messages[1]")["messages"]] == ["c"]


def test_a_key_of_one_item_is_dropped() -> None:
    tools = _dropped("tools[0].function.strict")["tools"]
    assert [sorted(tool["function"]) for tool in tools] == [["name"], ["name", "strict"]]


def test_a_key_of_every_item_is_dropped() -> None:
    tools = _dropped("tools[*].function.strict", "tools[*].function.strict")["tools"]
    assert [sorted(tool["function"]) for tool in tools] == [["name"], ["name"]]
    content = _dropped("messages[*].content[*].cache_control.scope")["messages"][0]["content"]
    assert content[0]["cache_control"] == {}


def test_all_items_are_dropped() -> None:
    assert _dropped("tools[*]")["tools"] == []


@pytest.mark.parametrize(
    "path",
    ["seed", "logprobs.a", "tools[7]", "tools[7].function", "model[0]", "model[*].a", "tools.function"],
)
def test_what_is_not_there_is_not_missed(path: str) -> None:
    assert _dropped(path) == DOCUMENT


@pytest.mark.parametrize(
    "path", ["", ".", "a.", ".a", "a..b", "[0]", "a[", "a[]", "a[-1]", "a[1", "a]", "a[*]b", "a[1].", 5]
)
def test_what_is_no_path_is_refused(path: object) -> None:
    with pytest.raises(ConfigError):
        read_drop_path(path, "p")


@pytest.mark.parametrize("path", ["model", "messages", "input", "prompt"])
def test_what_is_asked_cannot_be_dropped(path: str) -> None:
    with pytest.raises(ConfigError, match="what is asked"):
        read_drop_path(path, "p")


def test_a_path_is_keys_places_and_every_item() -> None:
    assert read_drop_path("a b[0][*].c-d", "p") == ("a b", 0, Every.ITEM, "c-d")


JSON = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
)
PATHS = st.tuples(
    st.sampled_from("ab"),
    st.lists(st.sampled_from([".a", ".b", "[0]", "[1]", "[*]"]), max_size=3).map("".join),
).map("".join)


@given(st.dictionaries(st.sampled_from("ab"), JSON), st.lists(PATHS, max_size=4))
def test_what_is_dropped_is_what_the_paths_lead_to_in_the_document_as_it_was(
    document: dict[str, Any], paths: list[str]
) -> None:
    before = copy.deepcopy(document)
    drop = tuple(read_drop_path(path, "p") for path in paths)
    assert Params(drop=ordered(drop)).applied(document) == _pruned(document, (), drop)
    assert document == before


def _pruned(value: Any, place: tuple[Any, ...], drop: tuple[tuple[Any, ...], ...]) -> Any:
    """Return the value without the places that a path leads to, all of them looked up before any is gone."""
    inner = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    kept = {
        key: _pruned(one, (*place, key), drop)
        for key, one in inner
        if not any(_leads(path, (*place, key)) for path in drop)
    }
    if isinstance(value, dict):
        return kept
    return list(kept.values()) if isinstance(value, list) else value


def _leads(path: tuple[Any, ...], place: tuple[Any, ...]) -> bool:
    return len(path) == len(place) and all(
        isinstance(key, int) if segment is Every.ITEM else segment == key
        for segment, key in zip(path, place, strict=True)
    )

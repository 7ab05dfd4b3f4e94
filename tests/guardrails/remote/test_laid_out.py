"""Texts are laid out where they stand in a request, and read from there again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.part import Part, PartKind
from guardrails.remote.laid_out import laid_out, text_at

PARTS = (
    Part("messages[0].content", "Be kind.", role="system"),
    Part("messages[1].content[0].text", "What is this?"),
    Part("messages[1].content[2].text", "And this?"),
    Part("messages[1].name", "ann", PartKind.FIELD),
    Part("messages[2].tool_calls[0].function.name", "look_up", PartKind.FIELD, "assistant"),
    Part("user", "u-1", PartKind.FIELD, ""),
    Part("stop[1]", "END", PartKind.FIELD, ""),
)


def test_texts_stand_where_they_stood() -> None:
    assert laid_out(PARTS) == {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {},
                    {"type": "text", "text": "And this?"},
                ],
                "name": "ann",
            },
            {"role": "assistant", "tool_calls": [{"function": {"name": "look_up"}}]},
        ],
        "user": "u-1",
        "stop": [{}, "END"],
    }


def test_an_answer_is_laid_out_as_one() -> None:
    part = Part("choices[0].message.content", "Yes.", role="assistant")
    assert laid_out([part]) == {"choices": [{"message": {"role": "assistant", "content": "Yes."}}]}


@pytest.mark.parametrize("part", PARTS)
def test_a_text_is_read_from_where_it_stands(part: Part) -> None:
    assert text_at(laid_out(PARTS), part.path) == part.text


@pytest.mark.parametrize(
    "path",
    [
        "messages",
        "messages[0]",
        "messages[9].content",
        "messages[1].content",
        "messages[1].content[1].text",
        "stop[0]",
        "user.name",
        "other",
        "",
        'metadata["a.b"]',
    ],
)
def test_where_no_text_stands_there_is_none(path: str) -> None:
    assert text_at(laid_out(PARTS), path) is None


def test_what_cannot_stand_beside_others_is_left_out() -> None:
    parts = [Part("a", "text"), Part("a.b", "under"), Part("a[0]", "in"), Part('b["c d"]', "quoted")]
    assert laid_out(parts) == {"a": "text"}


PATHS = st.lists(st.sampled_from(["a", "b", "[0]", "[1]", "content", "text"]), min_size=1, max_size=6)


@given(paths=st.lists(PATHS, max_size=8))
def test_any_paths_make_a_document(paths: list[list[str]]) -> None:
    written = ["x" + "".join(step if step[0] == "[" else f".{step}" for step in path) for path in paths]
    document = laid_out(Part(path, f"text {place}") for place, path in enumerate(written))
    assert json.loads(json.dumps(document)) == document
    if written:
        assert text_at(document, written[0]) == "text 0"

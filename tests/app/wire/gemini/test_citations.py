"""Sources of an answer as annotations, in characters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.gemini.citations import annotations

TEXT = "Zürich is in Switzerland."


def grounding(segment: dict[str, Any], *indices: Any) -> dict[str, Any]:
    return {
        "groundingChunks": [
            {"web": {"uri": "https://a.example", "title": "A"}},
            {"web": {"uri": "https://b.example"}},
            "x",
        ],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": list(indices)}],
    }


def places(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    said = [annotation["url_citation"] for annotation in found]
    return [(citation["url"], TEXT[citation["start_index"] : citation["end_index"]]) for citation in said]


def test_bytes_become_characters() -> None:
    found = annotations(TEXT, grounding({"startIndex": 0, "endIndex": 7, "text": "Zürich"}, 0, 1), None)
    assert found[0] == {
        "type": "url_citation",
        "url_citation": {"start_index": 0, "end_index": 6, "title": "A", "url": "https://a.example"},
    }
    assert places(found) == [("https://a.example", "Zürich"), ("https://b.example", "Zürich")]


def test_a_segment_in_the_wrong_place_is_found_by_its_text() -> None:
    found = annotations(TEXT, grounding({"startIndex": 1, "endIndex": 4, "text": "Switzerland"}, 0), None)
    assert places(found) == [("https://a.example", "Switzerland")]


def test_a_citation_is_its_own_segment() -> None:
    citation = {"startIndex": 11, "endIndex": 13, "uri": "https://c.example", "title": "C"}
    assert places(annotations(TEXT, None, {"citations": [citation, {"endIndex": 3}]})) == [
        ("https://c.example", "in")
    ]


@pytest.mark.parametrize(
    ("segment", "indices"),
    [
        ({"text": "Bern"}, [0]),
        ({"startIndex": 5, "endIndex": 900}, [0]),
        ({"startIndex": 5, "endIndex": 5}, [0]),
        ({"text": "Zürich"}, [7, -1, 2, "0"]),
        ({}, [0]),
        ("x", [0]),
    ],
)
def test_a_source_without_a_place_is_no_annotation(segment: Any, indices: list[Any]) -> None:
    assert annotations(TEXT, grounding(segment, *indices), None) == []


@pytest.mark.parametrize("junk", [None, 7, [], {"groundingSupports": [7], "citations": [7]}])
def test_junk_is_no_source(junk: Any) -> None:
    assert annotations(TEXT, junk, junk) == []


@given(st.text(max_size=30), st.data())
def test_any_segment_of_any_text_is_found_where_it_is(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    segment = {
        "startIndex": len(text[:start].encode()),
        "endIndex": len(text[:end].encode()),
        "text": text[start:end],
    }
    for annotation in annotations(text, grounding(segment, 0), None):
        citation = annotation["url_citation"]
        assert (citation["start_index"], citation["end_index"]) == (start, end)

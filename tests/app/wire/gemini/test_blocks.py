"""Gemini's parts as blocks, each whole, whether they come at once or piece by piece."""

from app.domain.events import Extra
from app.wire.entries import Entries
from app.wire.gemini.blocks import ContentBlocks


def block(index: int, **fields: object) -> Extra:
    return Extra(0, {"content_blocks": [{**fields, "index": index}]})


def test_a_text_is_said_where_another_kind_begins_and_at_the_end() -> None:
    made = ContentBlocks(Entries(0))
    assert [made.text("thinking", "h"), made.text("thinking", "m")] == [[], []]
    assert made.text("text", "a") == [block(0, type="thinking", thinking="hm")]
    assert made.end() == [block(1, type="text", text="a")]
    assert made.end() == []


def test_an_image_has_anthropics_form_and_ends_a_text() -> None:
    made = ContentBlocks(Entries(0))
    made.text("text", "a")
    source = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    assert made.image({"mimeType": "image/png", "data": "AA=="}) == [
        block(0, type="text", text="a"),
        block(1, type="image", source=source),
    ]
    assert made.text("text", "b") == []
    assert made.end() == [block(2, type="text", text="b")]


def test_what_is_googles_own_has_its_own_name() -> None:
    made = ContentBlocks(Entries(0))
    code = {"language": "PYTHON", "code": "1"}
    assert made.other({"executableCode": code}) == [block(0, type="executableCode", executableCode=code)]

"""Parts as blocks: what the vendor takes goes there, what it does not is refused by the caller's path."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.anthropic.blocks import BlockWriter, keep_last_marks
from app.wire.conversation_parts import read_parts
from app.wire.params import Params

MARK = {"type": "ephemeral", "ttl": "1h"}


def write(*parts: dict[str, Any], fetches: bool = True, **abilities: Any) -> list[dict[str, Any]]:
    writer = BlockWriter("a test", Abilities(**abilities), fetches=fetches)
    return writer.user(read_parts({"content": list(parts)}, "messages[0]"))


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def file(**fields: Any) -> dict[str, Any]:
    return {"type": "file", "file": fields}


@pytest.mark.parametrize(
    ("part", "source"),
    [
        (image("https://a.example/b.png"), {"type": "url", "url": "https://a.example/b.png"}),
        (image("data:image/jpg;base64,AAAA"), {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"}),
        (
            file(file_data="data:image/gif;base64,AAAA"),
            {"type": "base64", "media_type": "image/gif", "data": "AAAA"},
        ),
    ],
)
def test_an_image_is_a_url_or_its_bytes(part: dict[str, Any], source: dict[str, Any]) -> None:
    assert write({**part, "cache_control": MARK}) == [
        {"type": "image", "source": source, "cache_control": MARK}
    ]


@pytest.mark.parametrize(
    ("part", "source"),
    [
        (file(file_data="JVBERg=="), {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}),
        (file(file_data="https://a.example/b.pdf"), {"type": "url", "url": "https://a.example/b.pdf"}),
        (
            file(file_data="data:text/csv;base64,w7w="),
            {"type": "text", "media_type": "text/plain", "data": "ü"},
        ),
        (file(file_id="file_1"), {"type": "file", "file_id": "file_1"}),
    ],
)
def test_a_document_is_a_pdf_a_text_a_url_or_an_upload(part: dict[str, Any], source: dict[str, Any]) -> None:
    assert write(part) == [{"type": "document", "source": source}]


@pytest.mark.parametrize(
    ("part", "circumstances", "param"),
    [
        (image("data:image/tiff;base64,AAAA"), {}, ".image_url.url"),
        (image("gs://a/b.png"), {}, ".image_url.url"),
        (image("https://a.example/b.png"), {"fetches": False}, ".image_url.url"),
        (image("data:image/png;base64,AAAA"), {"vision": False}, ""),
        (file(file_data="data:image/png;base64,AAAA"), {"vision": False}, ""),
        (file(file_data="data:image/tiff;base64,AAAA"), {}, ".file.file_data"),
        (file(file_data="data:application/zip;base64,AAAA"), {}, ".file.file_data"),
        (file(file_data="data:text/plain;base64,/w=="), {}, ".file.file_data"),
        (file(file_data="JVBERg=="), {"documents": False}, ""),
        (file(file_data="https://a.example/b.pdf"), {"fetches": False}, ".file.file_data"),
        (file(file_id="file_1"), {"fetches": False}, ".file.file_id"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, {}, ""),
        ({"type": "novel"}, {}, ""),
        ({"type": "image", "source": {}}, {"vision": False}, ""),
        ({"type": "document", "source": {}}, {"documents": False}, ""),
    ],
)
def test_what_cannot_be_taken_is_refused(part: dict[str, Any], circumstances: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(part, **circumstances)
    assert caught.value.param == f"messages[0].content[0]{param}"


def test_blocks_of_the_vendor_s_own_pass() -> None:
    block = {"type": "search_result", "source": "s", "title": "t", "content": []}
    assert write({**block, "cache_control": MARK}) == [{**block, "cache_control": MARK}]


def test_the_model_s_own_turns_hold_text_alone() -> None:
    parts = read_parts(
        {"content": [{"type": "text", "text": "a"}, image("https://a.example")]}, "messages[1]"
    )
    writer = BlockWriter("a test", Abilities(), fetches=True)
    with pytest.raises(InvalidRequest) as caught:
        writer.assistant(parts)
    assert caught.value.param == "messages[1].content[1]"
    assert writer.assistant(parts[:1]) == [{"type": "text", "text": "a"}]


@pytest.mark.parametrize(("count", "others", "kept"), [(3, 0, 3), (6, 0, 4), (4, 1, 3)])
def test_of_too_many_marks_the_last_are_kept(count: int, others: int, kept: int) -> None:
    marked: list[dict[str, Any]] = [{"n": n, "cache_control": MARK} for n in range(count)]
    params = Params({}, "drop", "a test")
    keep_last_marks(marked, params, others=others)
    assert [block["n"] for block in marked if "cache_control" in block] == list(range(count))[-kept:]
    assert params.dropped == (("message.cache_control",) if kept < count else ())

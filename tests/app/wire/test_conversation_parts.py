from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from app.wire.conversation import AudioPart, FilePart, ImagePart, OtherPart, Part, TextPart
from app.wire.conversation_parts import cache_mark, read_parts, read_texts

MARK = {"type": "ephemeral", "ttl": "1h"}


def one(item: dict[str, Any]) -> Part:
    (part,) = read_parts({"content": [item]}, "m")
    return part


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"content": None},
        {"content": ""},
        {"content": []},
        {"content": [{"type": "text", "text": ""}, {"type": "text"}, {"type": "refusal", "refusal": None}]},
        {"content": None, "refusal": ""},
    ],
)
def test_empty_texts_are_nothing(message: dict[str, Any]) -> None:
    assert read_parts(message, "m") == ()


def test_texts_keep_their_place_and_mark() -> None:
    assert read_parts({"content": "a", "cache_control": MARK}, "m") == (TextPart("a", "m.content", MARK),)
    items = [{"type": "text", "text": ""}, {"type": "text", "text": "b", "cache_control": MARK}]
    refusal = {"type": "refusal", "refusal": "c"}
    assert read_parts({"content": [*items, refusal], "refusal": "d"}, "m") == (
        TextPart("b", "m.content[1]", MARK),
        TextPart("c", "m.content[2]"),
        TextPart("d", "m.refusal"),
    )


@pytest.mark.parametrize(
    ("image", "part"),
    [
        ({"url": "https://a.example/b", "detail": "low"}, {"url": "https://a.example/b", "detail": "low"}),
        ("gs://a/b", {"url": "gs://a/b"}),
        ({"url": "data:image/jpg;base64,AAAA"}, {"media_type": "image/jpeg", "base64": "AAAA"}),
        ("DATA:image/png;base64,AAAA", {"media_type": "image/png", "base64": "AAAA"}),
    ],
)
def test_an_image_is_a_url_or_bytes(image: Any, part: dict[str, Any]) -> None:
    found = one({"type": "image_url", "image_url": image, "cache_control": MARK})
    assert found == ImagePart("m.content[0]", **part, cache=MARK)


@pytest.mark.parametrize(
    ("file", "part"),
    [
        (
            {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"},
            {"media_type": "application/pdf", "base64": "AAAA", "filename": "a.pdf"},
        ),
        ({"file_data": "AAAA"}, {"media_type": "application/pdf", "base64": "AAAA"}),
        ({"file_data": "https://a.example/b.pdf"}, {"url": "https://a.example/b.pdf"}),
        ({"file_url": "https://a.example/b.pdf"}, {"url": "https://a.example/b.pdf"}),
        ({"file_id": "file-1"}, {"file_id": "file-1"}),
    ],
)
def test_a_file_is_bytes_a_url_or_an_id(file: dict[str, Any], part: dict[str, Any]) -> None:
    assert one({"type": "file", "file": file, "cache_control": MARK}) == FilePart(
        "m.content[0]", **part, cache=MARK
    )


@pytest.mark.parametrize("data", ["AAAA", "data:audio/wav;base64,AAAA"])
def test_sound_is_bytes(data: str) -> None:
    found = one({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})
    assert found == AudioPart("m.content[0]", "wav", "AAAA")


@pytest.mark.parametrize(
    "item", [{"type": "video_url", "video_url": 1}, {"type": "image_url"}, {"type": "file"}]
)
def test_what_is_not_known_is_kept(item: dict[str, Any]) -> None:
    assert one(item) == OtherPart("m.content[0]", item["type"], item)


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"type": "image_url", "image_url": {"url": "SECRET"}}, "image_url.url"),
        ({"type": "image_url", "image_url": "SECRET"}, "image_url"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,SECRET!"}}, "image_url.url"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}, "image_url.url"),
        ({"type": "input_audio", "input_audio": {"data": "!", "format": "wav"}}, "input_audio.data"),
        ({"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}, "input_audio.data"),
        ({"type": "file", "file": {"file_data": "SECRET!"}}, "file.file_data"),
        ({"type": "file", "file": {"file_url": "SECRET"}}, "file.file_url"),
        ({"type": "file", "file": {}}, "file"),
    ],
)
def test_media_that_are_none_are_refused_and_not_quoted(item: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        one(item)
    assert caught.value.param == f"m.content[0].{place}"
    assert "SECRET" not in caught.value.message


def test_instructions_are_text() -> None:
    assert read_texts({"content": "a"}, "m") == (TextPart("a", "m.content"),)
    image = {"type": "image_url", "image_url": {"url": "https://a.example"}}
    with pytest.raises(InvalidRequest) as caught:
        read_texts({"content": [{"type": "text", "text": "a"}, image]}, "m")
    assert caught.value.param == "m.content[1]"


@pytest.mark.parametrize(
    ("item", "mark"),
    [
        ({}, None),
        ({"cache_control": None}, None),
        ({"cache_control": "x"}, None),
        ({"cache_control": MARK}, MARK),
        ({"prompt_cache_breakpoint": {"mode": "explicit"}}, {"type": "ephemeral"}),
        ({"prompt_cache_breakpoint": None}, None),
    ],
)
def test_a_mark_for_the_cache_is_anthropic_s_or_openai_s(item: dict[str, Any], mark: Any) -> None:
    assert cache_mark(item) == mark

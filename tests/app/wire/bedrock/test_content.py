"""Parts as content blocks."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.bedrock.content import Block, ContentWriter, cache_point, with_text
from app.wire.conversation import AudioPart, FilePart, ImagePart, OtherPart, Part, TextPart

PATH = "messages[0].content[0]"


def _blocks(*parts: Part, abilities: Abilities | None = None, texts_only: bool = False) -> list[Block]:
    writer = ContentWriter(abilities or Abilities(audio=True), "a test")
    return writer.blocks(parts, texts_only=texts_only)


def _refused(part: Part, abilities: Abilities | None = None, *, texts_only: bool = False) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        _blocks(part, abilities=abilities, texts_only=texts_only)
    return caught.value


def test_blank_texts_are_left_out_with_their_marks() -> None:
    assert _blocks(TextPart(" \n", PATH, {"type": "ephemeral"}), TextPart("a", PATH)) == [{"text": "a"}]


@pytest.mark.parametrize(
    ("mark", "point"),
    [
        ({"type": "ephemeral"}, {"type": "default"}),
        ({"type": "ephemeral", "ttl": "1h"}, {"type": "default", "ttl": "1h"}),
        ({"type": "ephemeral", "ttl": "9h"}, {"type": "default"}),
        ({"type": "ephemeral", "ttl": ["1h"]}, {"type": "default"}),
    ],
)
def test_a_mark_for_the_cache_stands_behind_its_part(mark: dict[str, Any], point: dict[str, str]) -> None:
    assert _blocks(TextPart("a", PATH, mark)) == [{"text": "a"}, {"cachePoint": point}]
    assert cache_point(None) is None


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_an_image_is_sent_by_its_bytes(kind: str) -> None:
    image = ImagePart(PATH, media_type=f"image/{kind}", base64="QUJD")
    assert _blocks(image) == [{"image": {"format": kind, "source": {"bytes": "QUJD"}}}]


def test_an_image_in_s3_is_named() -> None:
    source = {"s3Location": {"uri": "s3://bucket/a.webp"}}
    assert _blocks(ImagePart(PATH, url="s3://bucket/a.webp")) == [
        {"image": {"format": "webp", "source": source}}
    ]


@pytest.mark.parametrize("url", ["https://example.com/a.png", "gs://bucket/a.png", "s3://B/a.png"])
def test_what_must_be_fetched_is_refused_with_the_way_out(url: str) -> None:
    error = _refused(ImagePart(PATH, url=url))
    assert error.param == f"{PATH}.image_url.url"
    assert "inlined" in error.message


def test_an_image_of_another_type_is_refused() -> None:
    assert "png, jpeg, gif, webp" in _refused(ImagePart(PATH, media_type="image/tiff", base64="QUJD")).message


@pytest.mark.parametrize("part", [ImagePart(PATH, media_type="image/png"), FilePart(PATH, "application/pdf")])
def test_what_is_empty_is_refused(part: Part) -> None:
    assert "empty" in _refused(part).message


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("report.pdf", "report"),
        ("Q3_2026  (final)[1]-x.pdf", "Q3 2026 (final)[1]-x"),
        ("Übersicht.pdf", "bersicht"),
        ("日本.pdf", "document"),
        (None, "document"),
        ("x" * 300 + ".pdf", "x" * 192),
    ],
)
def test_a_document_has_a_name_that_is_allowed(filename: str | None, name: str) -> None:
    part = FilePart(PATH, "application/pdf", "QUJD", filename=filename)
    assert _blocks(part) == [{"document": {"format": "pdf", "name": name, "source": {"bytes": "QUJD"}}}]


def test_no_two_documents_have_the_same_name() -> None:
    part = FilePart(PATH, "text/csv", "QUJD", filename="a.csv")
    assert [block["document"]["name"] for block in _blocks(part, part, part)] == ["a", "a 2", "a 3"]


def test_a_document_of_a_type_nobody_knows_goes_by_its_name() -> None:
    part = FilePart(PATH, "application/octet-stream", "QUJD", filename="notes.MARKDOWN")
    assert _blocks(part)[0]["document"]["format"] == "md"
    assert _refused(FilePart(PATH, "application/zip", "QUJD")).param == f"{PATH}.file"


def test_an_upload_is_refused() -> None:
    assert _refused(FilePart(PATH, file_id="file-1")).param == f"{PATH}.file.file_id"


@pytest.mark.parametrize(
    ("part", "abilities"),
    [
        (ImagePart(PATH, media_type="image/png", base64="QUJD"), Abilities(vision=False)),
        (FilePart(PATH, "application/pdf", "QUJD"), Abilities(documents=False)),
        (AudioPart(PATH, "wav", "QUJD"), Abilities()),
        (AudioPart(PATH, "midi", "QUJD"), Abilities(audio=True)),
        (OtherPart(PATH, "hologram", {}), Abilities()),
    ],
)
def test_what_the_model_does_not_take_is_refused_by_its_place(part: Part, abilities: Abilities) -> None:
    error = _refused(part, abilities)
    assert (error.param, error.code) == (PATH, "unsupported_parameter")


def test_sound_is_sent_by_its_bytes() -> None:
    assert _blocks(AudioPart(PATH, "mp3", "QUJD")) == [
        {"audio": {"format": "mp3", "source": {"bytes": "QUJD"}}}
    ]


def test_media_are_the_users() -> None:
    part = ImagePart(PATH, media_type="image/png", base64="QUJD")
    assert _refused(part, texts_only=True).param == PATH


def test_a_message_has_a_text_where_it_must() -> None:
    document: Block = {"document": {}}
    assert with_text([]) == [{"text": "."}]
    assert with_text([{"cachePoint": {}}])[0] == {"text": "."}
    assert with_text([document]) == [{"text": "."}, document]
    assert with_text([document, {"text": "a"}]) == [document, {"text": "a"}]
    assert with_text([{"image": {}}]) == [{"image": {}}]

"""Media as Gemini's parts, by the rules of either host."""

from typing import Any

import pytest

from app.domain.abilities import Abilities
from app.domain.errors import InvalidRequest
from app.wire.gemini.parts import Host
from tests.gemini import GEMINI_2, GEMINI_3, body, contents, user

PNG = "data:image/png;base64,aGk="
VIDEO = "https://www.youtube.com/watch?v=9hE5-98ZeCg"
UPLOAD = "https://generativelanguage.googleapis.com/v1beta/files/abc"


def image(url: str, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def file(**fields: Any) -> dict[str, Any]:
    return {"type": "file", "file": fields}


def part(item: dict[str, Any], host: Host = "gemini", **fields: Any) -> Any:
    return contents(user([item]), host=host, **fields)[0]["parts"][0]


def test_bytes_stand_inline() -> None:
    assert part(image(PNG)) == {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    assert part(file(file_data="data:application/pdf;base64,aGk=")) == {
        "inlineData": {"mimeType": "application/pdf", "data": "aGk="}
    }
    sound = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "mp3"}}
    assert part(sound) == {"inlineData": {"mimeType": "audio/mp3", "data": "aGk="}}


@pytest.mark.parametrize("url", ["https://example.com/a.png", "http://example.com/a", "gs://b/a.png"])
def test_the_gemini_api_fetches_no_urls(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        part(image(url))
    assert caught.value.param == "messages[0].content[0].image_url.url"
    assert "send the data itself" in caught.value.message
    assert "example.com" not in caught.value.message


def test_the_gemini_api_reads_videos_and_uploads() -> None:
    assert part(image(VIDEO)) == {"fileData": {"fileUri": VIDEO}}
    assert part(image(UPLOAD)) == {"fileData": {"fileUri": UPLOAD}}
    assert part(file(file_id="files/abc")) == {"fileData": {"fileUri": UPLOAD}}
    assert part(file(file_id=UPLOAD, filename="a.pdf")) == {"fileData": {"fileUri": UPLOAD}}
    assert part(file(file_id="files/abc", filename="a.pdf")) == {
        "fileData": {"mimeType": "application/pdf", "fileUri": UPLOAD}
    }


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        ("gs://bucket/a.PNG", "image/png"),
        ("https://example.com/a.webp?x=.png", "image/webp"),
        ("https://example.com/a", "image/jpeg"),
        (VIDEO, "video/*"),
    ],
)
def test_vertex_fetches_urls_and_is_told_what_is_there(url: str, media_type: str) -> None:
    assert part(image(url), "vertex") == {"fileData": {"mimeType": media_type, "fileUri": url}}


def test_a_file_on_vertex_is_what_its_name_says() -> None:
    def written(**fields: str) -> Any:
        return part(file(**fields), "vertex")["fileData"]["mimeType"]

    assert written(file_data="gs://b/a.txt") == "text/plain"
    assert written(file_data="https://example.com/a", filename="a.csv") == "text/csv"
    assert written(file_id="gs://b/a") == "application/pdf"


@pytest.mark.parametrize(
    ("item", "host"),
    [
        (image("s3://b/a.png"), "vertex"),
        (file(file_id="file-abc"), "gemini"),
        (file(file_id="files/abc"), "vertex"),
        (file(filename="a"), "gemini"),
        (image("https://[broken/a.png"), "vertex"),
        ({"type": "hologram"}, "gemini"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_place(item: dict[str, Any], host: Host) -> None:
    with pytest.raises(InvalidRequest) as caught:
        part(item, host)
    assert (caught.value.param or "").startswith("messages[0].content[0].")


@pytest.mark.parametrize(
    ("item", "abilities"),
    [(image(PNG), Abilities(vision=False)), (file(file_data="aGk="), Abilities(documents=False))],
)
def test_a_model_that_does_not_see_is_shown_nothing(item: dict[str, Any], abilities: Abilities) -> None:
    with pytest.raises(InvalidRequest):
        part(item, abilities=abilities)


@pytest.mark.parametrize(
    ("detail", "level"),
    [
        ("low", "MEDIA_RESOLUTION_LOW"),
        ("high", "MEDIA_RESOLUTION_HIGH"),
        ("original", "MEDIA_RESOLUTION_ULTRA_HIGH"),
    ],
)
def test_gemini_3_is_told_the_detail_of_each_image(detail: str, level: str) -> None:
    assert part(image(PNG, detail=detail), abilities=GEMINI_3)["mediaResolution"] == {"level": level}


def test_others_are_told_the_finest_of_all_images() -> None:
    def resolution(*details: str) -> Any:
        images = [image(PNG, detail=detail) for detail in details]
        found = body({"messages": [user(images)]}, abilities=GEMINI_2)
        return found.get("generationConfig", {}).get("mediaResolution")

    assert resolution("low", "low") == "MEDIA_RESOLUTION_LOW"
    assert resolution("low", "high") == "MEDIA_RESOLUTION_HIGH"
    assert resolution("original") == "MEDIA_RESOLUTION_HIGH"
    assert resolution("auto") is None

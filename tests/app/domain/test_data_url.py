import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.data_url import Media, parse_data_url, standard_base64


@pytest.mark.parametrize(
    "url", ["https://a.example/b.png", "", "data", "gs://b/o", "xdata:image/png;base64,AA=="]
)
def test_another_url_is_none(url: str) -> None:
    assert parse_data_url(url) is None


@pytest.mark.parametrize(
    ("url", "media_type", "data"),
    [
        ("data:image/png;base64,AAEC", "image/png", b"\0\1\2"),
        ("data:IMAGE/PNG;base64,AAEC", "image/png", b"\0\1\2"),
        ("DATA:image/svg+xml;BASE64,AAEC", "image/svg+xml", b"\0\1\2"),
        ("data:image/png;name=a.png;q=1;base64,AAEC", "image/png", b"\0\1\2"),
        ("data:text/plain;charset=utf-8,a%20b", "text/plain", b"a b"),
        ("data:,a%2Cb", "text/plain", b"a,b"),
        ("data:;base64,YQ", "text/plain", b"a"),
        ("data:image/png;base64,-_8%3D", "image/png", b"\xfb\xff"),
        ("data:image/png;base64,AA\r\nEC\n", "image/png", b"\0\1\2"),
        ("data:image/png;base64,", "image/png", b""),
    ],
)
def test_a_data_url_is_read(url: str, media_type: str, data: bytes) -> None:
    assert parse_data_url(url) == Media(media_type, base64.b64encode(data).decode())


@pytest.mark.parametrize(
    "url",
    [
        "data:",
        "data:image/png",
        "data:image/png;base64",
        "data:image;base64,AAEC",
        "data:image/png;base64;q=1,AAEC",
        "data:image/png;base64,SECRET!",
        "data:image/png;base64,SECRET\N{HANGUL SYLLABLE GAG}",
        "data:image/png;base64,A",
        "data:image/png;base64,AB=C",
        "data:image/png;base64,A===",
        "data:image/png;x=" + "y" * 2000 + ";base64,AAEC",
    ],
)
def test_a_broken_one_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="data") as caught:
        parse_data_url(url)
    assert "SECRET" not in str(caught.value)


_SPACES = st.text(" \t\r\n", max_size=2)


@given(st.binary(max_size=40), st.booleans(), st.booleans(), st.booleans(), _SPACES, st.integers(0, 60))
def test_every_spelling_of_some_bytes_is_one(
    data: bytes, urlsafe: bool, padded: bool, escaped: bool, space: str, place: int
) -> None:
    standard = base64.b64encode(data).decode()
    text = base64.urlsafe_b64encode(data).decode() if urlsafe else standard
    text = text if padded else text.rstrip("=")
    text = text.replace("+", "%2B").replace("=", "%3D") if escaped else text[:place] + space + text[place:]
    assert standard_base64(text) == standard


@given(st.text("AQg+/=-_% \n2B", max_size=12) | st.text(max_size=8))
def test_what_is_taken_can_be_decoded_and_stays(text: str) -> None:
    try:
        found = standard_base64(text)
    except ValueError:
        return
    base64.b64decode(found, validate=True)
    assert standard_base64(found) == found


def test_what_is_standard_already_is_not_copied() -> None:
    text = base64.b64encode(b"x" * 1000).decode()
    assert standard_base64(text) is text

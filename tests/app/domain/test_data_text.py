import base64
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.data_text import data_text_part, redacted_data_url
from app.domain.parts import redact_request, request_parts
from guardrails.part import PartKind

MAIL = "anna@example.com"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def said(url: str) -> str | None:
    part = data_text_part("p", url, PartKind.TEXT, "user")
    return None if part is None else part.text


@pytest.mark.parametrize(
    "url",
    [
        f"data:text/plain;base64,{b64(MAIL)}",
        f"DATA:Text/Plain;charset=utf-8;BASE64,{b64(MAIL)}",
        f"data:text/plain;base64,{b64(MAIL).replace('=', '%3d')}",
        f"data:,{MAIL}",
        "data:text/plain,anna%40example.com",
        "data:image/png,anna%40example.com",
        f"data:application/json;base64,{b64(MAIL)}",
        f"data:image/svg+xml;base64,{b64(MAIL)}",
        f"data:application/octet-stream;base64,{b64(MAIL)}",
        f"data:application/x-javascript;base64,{b64(MAIL)}",
        f"data:image/png;base64,{b64(MAIL)}",
        f"data:image/x;base64,{b64(MAIL + chr(0))}",
        f"data:text;base64,{b64(MAIL)}",
    ],
)
def test_text_in_a_data_url_is_seen_as_whoever_gets_it_decodes_it(url: str) -> None:
    assert said(url) == MAIL


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + Random(1).randbytes(3_000)).decode()
SOUND = base64.b64encode(b"ID3" + Random(2).randbytes(9_000)).decode()


@pytest.mark.parametrize(
    "text",
    [MAIL + " says hello" * 90, "Привет, это я. " * 60 + MAIL, "\xff\x00" * 99 + f" {MAIL} says hello" * 90],
)
def test_long_text_in_bare_base64_is_seen_and_written_back(text: str) -> None:
    octets = text.encode("latin-1" if "\xff" in text else "utf-8")
    bare = base64.b64encode(octets).decode()
    assert len(bare) >= 1024
    assert MAIL in (said(bare) or "")
    assert redacted_data_url(bare, "[EMAIL]") == b64("[EMAIL]")


@pytest.mark.parametrize(
    "url",
    [
        *(f"data:image/png;base64,{PNG}", f"data:;base64,{PNG}", f"data:text;base64,{PNG}", PNG, SOUND),
        *("A" * 2_000, b64(MAIL), base64.b64encode(Random(3).randbytes(3_000)).decode()),
    ],
)
def test_media_and_short_base64_are_no_documents(url: str) -> None:
    assert said(url) is None
    assert redacted_data_url(url, "x") is None


@pytest.mark.parametrize("url", ["https://a/b", "data:text/plain;base64,*", "", "data:"])
def test_what_is_no_text_is_none(url: str) -> None:
    assert said(url) is None
    assert redacted_data_url(url, "x") is None


@given(st.text(), st.text())
def test_another_text_is_read_back(text: str, other: str) -> None:
    new = redacted_data_url(f"data:text/plain;base64,{b64(text)}", other)
    assert new is not None
    assert said(new) == other


def test_a_head_that_says_nothing_stays() -> None:
    assert redacted_data_url(f"data:text;base64,{b64(MAIL)}", "x") == f"data:text;base64,{b64('x')}"


def test_a_request_is_redacted_inside_of_its_documents() -> None:
    file = {"type": "file", "file": {"file_data": f"data:text/plain;base64,{b64('to ' + MAIL)}"}}
    document = {"messages": [{"role": "user", "content": [file]}]}
    path = "messages[0].content[0].file.file_data#"
    (part,) = [part for part in request_parts(document) if part.path.startswith("messages[0].content")]
    assert (part.path, part.text) == (path, f"to {MAIL}")
    new = redact_request(document, {path: "to [EMAIL]"})
    assert new["messages"][0]["content"][0]["file"] == {
        "file_data": f"data:text/plain;base64,{b64('to [EMAIL]')}"
    }

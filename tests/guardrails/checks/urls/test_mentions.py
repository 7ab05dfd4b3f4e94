"""Where URLs stand in texts."""

import pytest

from guardrails.checks.urls.mentions import MAX_ALT_CHARS, in_progress, mentions


def _urls(text: str, *, bare_hosts: bool = False) -> list[str]:
    return [text[mention.start : mention.end] for mention in mentions(text, bare_hosts=bare_hosts)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.example/x.", ["https://a.example/x"]),
        ("to //10.0.0.1/x, ok", ["//10.0.0.1/x"]),
        ("https://a.example/?u=//10.0.0.1/x", ["https://a.example/?u=//10.0.0.1/x"]),
        ("(https://a.example/x_(y)), https://b.example/!", ["https://a.example/x_(y)", "https://b.example/"]),
        ('"https://a.example" and <https://b.example/c>', ["https://a.example", "https://b.example/c"]),
        ("http://[::1]:80/x", ["http://[::1]:80/x"]),
        ("[a](https://a.example/b_(c))d", ["https://a.example/b_(c)"]),
        ("[a](</\\a.example>) [b](b.png) [c](#c)", ["/\\a.example"]),
        ("[1]: //a.example/x 'title'", ["//a.example/x"]),
        ("<img alt='a b' src = \"//a.example/x\">", ["//a.example/x"]),
        ("<a href=https:a.example>", ["https:a.example"]),
        ("background:url( '//a.example/x' )", ["//a.example/x"]),
        ("// a comment, a//b and c:\\d", []),
        ("source: none, data = 5, href=#top", []),
        ("看https://a.example/x。好", ["https://a.example/x"]),
        ("https://例え.jp/x 次", ["https://例え.jp/x"]),
        ("[x](https://a.example/?q=中文)", ["https://a.example/?q=中文"]),
        ("![a](//a.example/1)![b](//b.example/2)", ["//a.example/1", "//b.example/2"]),
        ("naïve \U0001f600 https://a.example", ["https://a.example"]),
        ("https://\u3000words", []),
        ("javascript: the good parts", []),
        ("data:text/html;base64,PHA+ is", ["data:text/html;base64,PHA+"]),
    ],
)
def test_urls_are_found(text: str, expected: list[str]) -> None:
    assert _urls(text) == expected


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ("![a](//a.example)", True),
        ("![a [b] c\nd](//a.example)", True),
        ("[![a](//a.example/1)](//b.example/2)", True),
        ("[a](//a.example)", False),
        ("![a] [b](//a.example)", False),
        (f"![{'a' * MAX_ALT_CHARS}](//a.example)", False),
        ("![a][1]\n[1]: //a.example", True),
        ("<img src=//a.example>", True),
        ("<a href=//a.example>", False),
        ("url(//a.example)", True),
        ("<https://a.example>", False),
    ],
)
def test_what_is_shown_is_told_from_what_is_clicked(text: str, loads: bool) -> None:
    assert mentions(text)[0].loads is loads


def test_a_host_without_a_scheme_counts_if_asked_to() -> None:
    text = "see a.example/x, jane@b.example, https://c.example/d.example, v1.2 and e.g. this. (www.f.example)"
    assert _urls(text) == ["https://c.example/d.example"]
    assert _urls(text, bare_hosts=True) == ["a.example/x", "https://c.example/d.example", "www.f.example"]


@pytest.mark.parametrize(
    "text",
    [
        *("![a ", "![a b\n", "![a](  ", "[a](\t", "[1]: ", "src = ", 'src="\n', "href ", "url( "),
        *("https://例", "//例", "[x](https://a.example/中", "![中", "x src=//中"),
    ],
)
def test_what_may_go_on_is_open(text: str) -> None:
    assert in_progress(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example ",
        "words ",
        "中",
        "![a](//b) ",
        "[a ",
        "src=x ",
        "![" + "a" * MAX_ALT_CHARS + " ",
        "a! [",
    ],
)
def test_what_is_over_is_not(text: str) -> None:
    assert not in_progress(text + " " if text.endswith("[") else text)

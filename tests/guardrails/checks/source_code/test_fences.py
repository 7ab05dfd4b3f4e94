"""Fenced blocks, as models write them."""

import pytest

from guardrails.checks.source_code.fences import fences, in_progress


def _blocks(text: str) -> list[tuple[str, str]]:
    return [(fence.tag, text[fence.inside_start : fence.inside_end]) for fence in fences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```py\nx = 1\n```", [("py", "x = 1")]),
        ("a\n```C++\nx;\n```\nb\n~~~\ny\n~~~\n", [("c++", "x;"), ("", "y")]),
        ("```a\n1\n```\n```b\n2\n```", [("a", "1"), ("b", "2")]),
        ("````md\n```py\nx\n```\n````", [("md", "```py\nx\n```")]),
        ("~~~\n```\n~~~", [("", "```")]),
        ("Sure: ```sql\nSELECT 1\n```", [("sql", "SELECT 1")]),
        ("- item\n  ```sh\n  ls\n  ```", [("sh", "  ls")]),
        ("> ```\n> x\n> ```", [("", "> x")]),
        ("``` {.python .numberLines}\nx\n```", [("python", "x")]),
        ('```python title="x.py"\nx\n```', [("python", "x")]),
        ("```python:src/a.py\nx\n```", [("python", "x")]),
        ("```language-rust\nx\n```", [("rust", "x")]),
        ("```py\r\nx\r\n```\r\nb", [("py", "x\r")]),
        ("```\n```", [("", "")]),
        ("```py\nnever closed", [("py", "never closed")]),
        ("```py\n```` x\n``\n", [("py", "```` x\n``\n")]),
        ("看\u3002```py\nx\n```", [("py", "x")]),
        ("inline ```code``` and `more`\n", []),
        ("word```py\nx\n", []),
        ("``\nx\n``", []),
        ("```py", []),
    ],
)
def test_blocks_are_found_with_their_tags(text: str, expected: list[tuple[str, str]]) -> None:
    assert _blocks(text) == expected


def test_a_block_covers_its_marks() -> None:
    text = "é a\n```py\nx\n``` \nb"
    (fence,) = fences(text)
    assert text[fence.start : fence.end] == "```py\nx\n```"


@pytest.mark.parametrize(
    "text", ["```py\n", "```py\nx ", "``` ", "a ```py x ", "```\nx\n``` ", "中```中", "~~~\n```\n"]
)
def test_a_block_that_may_go_on_is_open(text: str) -> None:
    assert in_progress(text)


@pytest.mark.parametrize(
    "text", ["", "words ", "```py\nx\n```\n", "```a``` ", "a```py ", "```\nx\n```\nwords "]
)
def test_what_is_over_is_not(text: str) -> None:
    assert not in_progress(text)

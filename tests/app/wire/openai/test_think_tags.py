"""Reasoning between tags at the beginning of a text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.wire.openai.think_tags import ThinkSplitter

FRAGMENTS = st.sampled_from(["<think>", "</think>", "<", "</", "think>", "\n", " ", "a", "b<c", "é😀"])


def _split(pieces: list[str]) -> dict[str, str]:
    splitter = ThinkSplitter()
    found = [part for piece in pieces for part in splitter.feed(piece)] + splitter.close()
    assert all(text for _, text in found)
    texts: dict[str, str] = {}
    for channel, text in found:
        texts[channel] = texts.get(channel, "") + text
    return texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>\nWhy?\n</think>\n\nSo.", {"reasoning_content": "Why?\n", "content": "So."}),
        ("\n <think>Why?</think>So.", {"reasoning_content": "Why?", "content": "So."}),
        ("<think>\n\n</think>\n\nSo.", {"content": "So."}),
        ("<think>Why", {"reasoning_content": "Why"}),
        ("<think>Why</thi", {"reasoning_content": "Why</thi"}),
        ("So. <think>no</think>", {"content": "So. <think>no</think>"}),
        ("  So.", {"content": "  So."}),
        ("<thin ice", {"content": "<thin ice"}),
        ("<thi", {"content": "<thi"}),
        ("<think>a</think>b</think>c", {"reasoning_content": "a", "content": "b</think>c"}),
        ("<think>a</think><think>b</think>", {"reasoning_content": "a", "content": "<think>b</think>"}),
        ("  ", {"content": "  "}),
        ("", {}),
    ],
)
def test_a_text_is_split(text: str, expected: dict[str, str]) -> None:
    assert _split([text]) == expected
    assert _split(list(text)) == expected


@given(st.lists(FRAGMENTS).map("".join), st.data())
@example("<think>\r\na</think>\n<b", None)
def test_how_a_text_was_cut_makes_no_difference(text: str, data: st.DataObject | None) -> None:
    cuts = [] if data is None else sorted(data.draw(st.lists(st.integers(0, len(text)))))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert _split(pieces) == _split([text]) == _split(list(text))


@given(st.lists(FRAGMENTS).map("".join))
def test_nothing_but_tags_and_line_breaks_is_lost(text: str) -> None:
    texts = _split([text])
    joined = texts.get("reasoning_content", "") + texts.get("content", "")
    kept = [char for char in text.replace("<think>", "", 1).replace("</think>", "", 1) if char.strip()]
    found = [char for char in joined.replace("<think>", "", 1).replace("</think>", "", 1) if char.strip()]
    assert len(found) >= len(kept) - len("<think></think>")


def test_what_is_certain_is_not_held_back() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("<think>ab</") == [("reasoning_content", "ab")]
    assert splitter.feed("cd") == [("reasoning_content", "</cd")]
    assert splitter.feed("</think>x") == [("content", "x")]
    assert splitter.is_through

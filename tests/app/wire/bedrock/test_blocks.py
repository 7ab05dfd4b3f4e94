"""Blocks that count only when they are whole."""

from typing import Any

import pytest

from app.domain.errors import UpstreamBroken
from app.wire.bedrock.blocks import OpenBlock, json_or_text, lists_of


def _block(kind: str, *pieces: Any, signature: str = "", **fields: Any) -> OpenBlock:
    block = OpenBlock(kind, fields)
    block.pieces.extend(pieces)
    block.signature = signature
    return block


def test_a_signed_thought_is_given_whole_to_be_sent_back() -> None:
    said = {"type": "thinking", "thinking": "ab", "signature": "s"}
    assert lists_of(_block("thought", "a", "b", signature="s"), strict=True) == {"thinking_blocks": [said]}


def test_a_thought_without_a_signature_is_only_for_those_who_want_all_blocks() -> None:
    block = _block("thought", "a")
    said = {"type": "thinking", "thinking": "a", "signature": ""}
    assert lists_of(block, strict=True) == {}
    assert lists_of(block, strict=False) == {"content_blocks": [said]}


def test_sealed_thoughts_are_put_together_as_bytes() -> None:
    said = {"type": "redacted_thinking", "data": "YWJj"}
    assert lists_of(_block("redacted", "YQ==", "YmM="), strict=True) == {"thinking_blocks": [said]}


def test_sealed_thoughts_that_are_not_base64_are_broken() -> None:
    with pytest.raises(UpstreamBroken):
        lists_of(_block("redacted", "a", "YmM="), strict=True)


def test_texts_are_repeated_for_those_who_want_all_blocks() -> None:
    block = _block("text", "a", "b")
    assert lists_of(block, strict=True) == {}
    assert lists_of(block, strict=False) == {"content_blocks": [{"type": "text", "text": "ab"}]}


def test_what_awss_own_tools_did_has_names_of_its_own() -> None:
    call = lists_of(_block("server_tool", '{"q"', ":1}", id="s", name="n"), strict=True)
    assert call == {"server_tool_calls": [{"id": "s", "name": "n", "input": {"q": 1}}]}
    result = lists_of(
        _block("server_result", {"text": "a"}, {"text": "b"}, {"json": 1}, toolUseId="s"), strict=True
    )
    assert result == {"server_tool_results": [{"toolUseId": "s", "content": [{"text": "ab"}, {"json": 1}]}]}


def test_json_that_was_cut_short_is_text() -> None:
    assert [json_or_text(text) for text in ("", "[1]", "[1")] == [{}, [1], "[1"]


def test_a_block_that_says_nothing_says_nothing() -> None:
    assert lists_of(_block("ignored", "x"), strict=False) == {}

"""Portkey's content blocks, in pieces or at the end."""

from app.domain.events import Extra
from app.wire.gemini.blocks import ContentBlocks
from app.wire.openai.fold import Fold


def blocks(*, stream: bool) -> tuple[list[Extra], dict[str, object]]:
    made = ContentBlocks(0, stream=stream)
    said = [
        *made.text("thinking", "hm"),
        *made.text("thinking", "m"),
        *made.text("text", "a"),
        *made.image("data:x"),
    ]
    said += made.text("text", "b")
    return said, made.end()


def test_a_whole_answer_has_them_together() -> None:
    said, end = blocks(stream=False)
    assert said == []
    assert end == {
        "content_blocks": [
            {"type": "thinking", "thinking": "hmm"},
            {"type": "text", "text": "a"},
            {"type": "image_url", "image_url": {"url": "data:x"}},
            {"type": "text", "text": "b"},
        ]
    }


def test_a_stream_has_them_in_pieces_that_fold_together() -> None:
    said, end = blocks(stream=True)
    assert end == {}
    assert said[0] == Extra(0, {"content_blocks": [{"index": 0, "delta": {"thinking": "hm"}}]})
    fold = Fold()
    for extra in said:
        fold.add(extra)
    assert fold.document()["choices"][0]["message"]["content_blocks"] == [
        {"index": 0, "delta": {"thinking": "hmm"}},
        {"index": 1, "delta": {"text": "a"}},
        {"index": 2, "delta": {"type": "image_url", "image_url": {"url": "data:x"}}},
        {"index": 3, "delta": {"text": "b"}},
    ]


def test_nothing_said_is_nothing() -> None:
    assert ContentBlocks(0, stream=False).end() == {}

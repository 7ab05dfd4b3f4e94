"""Parts of one message are read as one text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.parts import redact_request, request_parts
from app.domain.spelled_parts import Spelling, in_pieces, spellings
from guardrails import Engine, Part
from guardrails.config import guardrail

PII = {"checks": [{"pii": {"entities": ["card", "email"]}}], "action": "redact"}


def message(*texts: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": text} for text in texts]
    return {"model": "m", "messages": [{"role": "user", "content": content}]}


async def redacted(*texts: str) -> tuple[list[str], list[tuple[str, int, int]]]:
    document = message(*texts)
    parts = request_parts(document)
    spelled = spellings(parts)
    engine = Engine([guardrail("pii", PII)], b"key")
    screening = in_pieces(await engine.screen([*parts, *(one.part for one in spelled)]), spelled)
    new = redact_request(document, screening.redacted)
    found = [(one.part[20], one.start, one.end) for one in screening.verdicts[0].findings]
    return [piece["text"] for piece in new["messages"][0]["content"]], found


@pytest.mark.parametrize(
    ("texts", "new", "found"),
    [
        (("card 4111 1111", " 1111 1111 ok"), ["card [CARD]", " ok"], [("0", 5, 14), ("1", 0, 10)]),
        (("anna@", "example", ".com"), ["[EMAIL]", "", ""], [("0", 0, 5), ("1", 0, 7), ("2", 0, 4)]),
        (("a@b.example ", "and c@d.example"), ["[EMAIL] ", "and [EMAIL]"], [("0", 0, 11), ("1", 4, 15)]),
        (("nothing", "here"), ["nothing", "here"], []),
        (("a@b.example",), ["[EMAIL]"], [("0", 0, 11)]),
    ],
)  # fmt: skip
async def test_what_crosses_a_border_leaves_no_half_behind(
    texts: tuple[str, ...], new: list[str], found: list[tuple[str, int, int]]
) -> None:
    assert await redacted(*texts) == (new, found)


def test_only_parts_of_one_message_belong_together() -> None:
    document = message("a", "b")
    document["messages"] += [{"role": "user", "content": "c"}, *message("d", "e")["messages"]]
    assert [(one.part.path, one.part.text) for one in spellings(request_parts(document))] == [
        ("messages[0].content", "ab"),
        ("messages[2].content", "de"),
    ]


@given(st.lists(st.text(min_size=1, max_size=4), min_size=2, max_size=5), st.data())
def test_a_stretch_of_the_whole_is_the_same_in_its_pieces(texts: list[str], data: st.DataObject) -> None:
    whole = "".join(texts)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    pieces = tuple(Part(str(i), text) for i, text in enumerate(texts))
    stretches = list(Spelling(Part("w", whole), pieces).within(start, end))
    assert "".join(piece.text[begin:stop] for piece, begin, stop in stretches) == whole[start:end]
    assert stretches

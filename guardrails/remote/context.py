"""What a model that judges a passage is told beside it: what it is an answer to.

A model that is asked whether "Yes, all of them." is harmful must know the question. What a user or a tool
said is judged by itself: what came before it has been judged already, and the fewer words there are, the
more often the same question can be answered from memory.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from guardrails.check import Passage
from guardrails.part import Part, PartKind
from guardrails.verdict import Side


class Turn(msgspec.Struct, frozen=True):
    """What one side says in a conversation of two."""

    role: Literal["user", "assistant"]
    text: str


def turns(passage: Passage) -> tuple[Turn, ...]:
    """Return the turns to be put to a judge; the passage is the end of the last one.

    All that no assistant says counts as said by the user. An answer to nothing has an empty question: every
    template wants the user to begin.
    """
    said = passage.before + passage.text
    if not is_answer(passage.part):
        return (Turn("user", said),)
    return Turn("user", question(passage)), Turn("assistant", said)


def is_answer(part: Part) -> bool:
    """Return whether a model said it, now or in an earlier turn."""
    return part.role == "assistant"


def question(passage: Passage) -> str:
    """Return what the user said last before the passage's part, "" if nothing."""
    before = list(_before(passage))
    while before and not _is_asked(before[-1]):
        before.pop()
    asked: list[str] = []
    while before and _is_asked(before[-1]):
        asked.append(before.pop().text)
    return "\n".join(reversed(asked))


def _before(passage: Passage) -> Iterable[Part]:
    for part in passage.conversation.parts:
        if part.path == passage.part.path:
            return
        yield part


def _is_asked(part: Part) -> bool:
    return part.role == "user" and part.kind is PartKind.TEXT


def side(passage: Passage) -> Side:
    """Return which way a passage travels: what stands in no request is of the answer."""
    if not is_answer(passage.part):
        return Side.INPUT
    asked = any(part.path == passage.part.path for part in passage.conversation.parts)
    return Side.INPUT if asked else Side.OUTPUT

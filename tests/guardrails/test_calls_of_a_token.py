"""What a token of a streamed answer costs, in calls: no clock tells that where others run beside it.

The bench (`tests/bench/guard_cost.py`) says what it is in microseconds, and fails nothing. The interpreter
counts calls, those of C too; they are the same on every machine with the same packages.
"""

import sys
from types import FrameType

import pytest

from guardrails import Part
from tests.bench.checks_accuracy import CLEAN, DIRTY
from tests.bench.guard_cost import CONVERSATION, STREAMS, engine_of

TOKEN_CHARS = 4
_PATH = "choices[0].message.content"


async def _calls_a_token(text: str) -> float:
    """Return how many calls of any kind a token of this answer takes, all checks on, once all is warm."""
    engine = engine_of(STREAMS, "output")
    pieces = [text[at : at + TOKEN_CHARS] for at in range(0, len(text), TOKEN_CHARS)]
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    for is_warm in (False, True):
        screen = engine.output(CONVERSATION)
        sys.setprofile(count if is_warm else None)
        try:
            for piece in pieces:
                await screen.feed(Part(_PATH, piece, role="assistant"))
        finally:
            sys.setprofile(None)
        await screen.finish(_PATH)
        await screen.close()
    return counted / len(pieces)


@pytest.mark.parametrize(("text", "most"), [(CLEAN, 70), (DIRTY, 79)])
async def test_a_token_takes_few_calls(text: str, most: float) -> None:
    calls = await _calls_a_token(text)
    assert calls < most

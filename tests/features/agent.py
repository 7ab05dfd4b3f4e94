"""An agent's loop: it thinks, calls two tools, gets their results, answers, and is asked once more."""

from tests.features.asking import Asking
from tests.features.cases import CALLS, QUESTION, TOOLS, called, said
from tests.features.said import Heard, Said

_THOUGHTS = "I must look it up."


async def goes_on(ask: Asking) -> Heard:
    """Go through the loop with messages as they came back; return what was heard at its end."""
    wish = {"tools": TOOLS, "reasoning_effort": "high"}
    first = await ask(Said(calls=CALLS, thoughts=_THOUGHTS), [QUESTION], **wish)
    called(first, *CALLS)
    results = [
        {"role": "tool", "tool_call_id": call_id, "content": f"the swan {number}"}
        for number, call_id in enumerate(first.ids)
    ]
    conversation = [QUESTION, first.message, *results]
    second = said(await ask(Said(), conversation, **wish))
    assert "the swan 1" in second.heard.turns[-1][1]
    answer = {"role": "assistant", "content": second.text}
    said(await ask(Said(), [*conversation, answer, {"role": "user", "content": "And in Rome?"}], **wish))
    return second.heard


def replays(heard: Heard) -> bool:
    """Whether the vendor got back what it had thought, or its signature for it."""
    return any(_THOUGHTS in text or "c2lnbmF0dXJl" in text for _, text in heard.turns)

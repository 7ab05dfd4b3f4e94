"""A stream that a guard model judges goes out sentence by sentence, and ends before harm does."""

from typing import Any

import pytest

from guardrails import Checks, Conversation, Engine, Part, guardrail
from tests.guardrails.remote.completions import completion
from tests.guardrails.remote.wire import asked, services
from tests.upstreams import Received, Upstream

QUESTION = Part("messages[0].content", "How do I open it?")
PATH = "choices[0].message.content"
FIRST = "You should ask a locksmith first. "
GOOD = "He has the tools for it, and he knows whom he may help with a door that is shut. " * 3
BAD = "Or you take a bump key and hit it."


def guard(request: Received, body: Any) -> Any:
    """Object to bump keys, and only in answers to this question."""
    question, answer = (message["content"] for message in body["messages"])
    bad = question == QUESTION.text and "bump key" in answer
    return completion("unsafe\nS2" if bad else "safe")


async def streamed(text: str, *, size: int, **config: object) -> tuple[list[str], Any, list[Received]]:
    """Return what goes out piece by piece, the block, and what the model was asked."""
    async with Upstream(asked(guard)) as upstream, services() as there:
        given = {"family": "llama-guard", "model": "guard", "url": upstream.base_url, **config}
        spec = {"on": ["output"], "checks": [{"chat_guard": given}], "action": "block", "timeout_ms": 5_000}
        engine = Engine([guardrail("g", spec, checks=Checks(there))], b"key")
        screen = engine.output(Conversation(parts=(QUESTION,)))
        pieces = [
            await screen.feed(Part(PATH, text[start : start + size], role="assistant"))
            for start in range(0, len(text), size)
        ]
        pieces.append(await screen.finish(PATH))
        await screen.close()
    return pieces, screen.blocked, upstream.requests


@pytest.mark.parametrize("size", [1, 7, 1_000])
async def test_what_is_harmless_goes_out_before_the_end(size: int) -> None:
    pieces, blocked, _ = await streamed(FIRST + GOOD, size=size)
    assert ("".join(pieces), blocked) == (FIRST + GOOD, None)
    assert size == 1_000 or len([piece for piece in pieces if piece]) >= 2


@pytest.mark.parametrize("size", [1, 7, 1_000])
async def test_what_is_harmful_never_goes_out(size: int) -> None:
    pieces, blocked, requests = await streamed(FIRST + GOOD + BAD, size=size)
    released = "".join(pieces)
    assert blocked is not None
    assert [finding.rule for finding in blocked.findings] == ["non_violent_crimes"]
    assert (FIRST + GOOD).startswith(released)
    assert released.startswith(FIRST) or size == 1_000
    assert "bump" in requests[-1].json()["messages"][1]["content"]


async def test_as_a_whole_it_is_held_to_its_end() -> None:
    pieces, blocked, requests = await streamed(FIRST + GOOD + BAD, size=7, unit="text")
    assert "".join(pieces) == ""
    assert blocked is not None
    assert len(requests) == 1

"""What a remote check must keep: sound matches, errors that are raised, and an end when it is told to.

Whoever runs this brings a service for the check to ask: a fake `Send`, or a server of its own.
"""

import asyncio

from guardrails.asking import ask_remote
from guardrails.check import Passage, RemoteCheck
from guardrails.part import Part

_SOON_S = 1.0


def passage(text: str, *, before: str = "", role: str = "user") -> Passage:
    """Return a passage of a message to ask about."""
    return Passage(text, Part("messages[0].content", before + text, role=role), len(before), before)


async def assert_answers(check: RemoteCheck, asked: Passage) -> None:
    """Ask a check whose service answers well.

    Raises:
        AssertionError: what it answers are no sound matches inside of the passage, or it raised.
    """
    assert isinstance(check, RemoteCheck), "it has all that the port of a remote check asks for"
    outcome = await ask_remote(check, asked, _SOON_S, asyncio.Semaphore())
    assert outcome.error is None, f"it gave no verdict: {outcome.error}"


async def assert_fails(check: RemoteCheck, asked: Passage) -> None:
    """Ask a check whose service is broken: it must raise, never say that nothing was found.

    Raises:
        AssertionError: it answered.
    """
    outcome = await ask_remote(check, asked, _SOON_S, asyncio.Semaphore())
    assert outcome.error is not None, "a broken service passed for one that found nothing"


async def assert_stops(check: RemoteCheck, asked: Passage) -> None:
    """Cancel a check whose service does not answer, as a timeout or another's block does.

    Raises:
        AssertionError: it goes on, or makes an answer of it.
    """

    async def judged() -> None:
        await check.judge(asked)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(judged())
        await asyncio.sleep(0.05)
        assert not task.done(), "its service was to hang"
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=_SOON_S)
        assert done, "it does not stop when it is cancelled"
    assert task.cancelled(), "it made an answer of being cancelled"

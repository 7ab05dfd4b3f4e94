"""Several requests that make up one question."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


async def together(
    asked: Sequence[_Asked], ask: Callable[[_Asked], Awaitable[Sequence[_Answer]]]
) -> list[_Answer]:
    """Return all answers in order; the first that fails cancels the others, and its error is the error."""

    async def answered(one: _Asked) -> Sequence[_Answer]:
        return await ask(one)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(answered(one)) for one in asked]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [answer for task in tasks for answer in task.result()]

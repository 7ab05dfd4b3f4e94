"""Long work in a thread, for as long as somebody waits for it and the service is not asked to stop."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Request

from app.api.body import CallerLeft
from app.api.connection import Drain, while_connected
from app.domain.errors import HandrailError

_Done = TypeVar("_Done")


async def while_wanted(
    request: Request[Any, Any, Any], drain: Drain, work: Callable[[Callable[[], bool]], _Done]
) -> _Done | None:
    """Return what the work gives, None if the caller left before.

    Args:
        request: whose body has been read.
        drain: begun when the service is asked to stop.
        work: is called in a thread with a function that says whether anybody still wants it; the work asks
            that now and then, and ends when it is not so.

    Raises:
        HandrailError: the work did.
    """
    left = threading.Event()
    done: _Done | HandrailError | None = None

    def is_wanted() -> bool:
        return not (left.is_set() or drain.is_begun)

    try:
        async with while_connected(request.receive):
            try:
                done = await asyncio.to_thread(work, is_wanted)
            except HandrailError as error:
                done = error
    except* CallerLeft:
        pass  # nobody is there to be told
    finally:
        left.set()
    if isinstance(done, HandrailError):
        raise done
    return done

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.api.connection import Drain
from app.api.wanted_work import while_wanted
from app.domain.errors import Overloaded


class Asking:
    """What the work needs of a request: whether its caller is there."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}


def work(begun: threading.Event, ended: threading.Event) -> Callable[[Callable[[], bool]], str]:
    """Return work that goes on for as long as it is wanted."""

    def run(is_wanted: Callable[[], bool]) -> str:
        begun.set()
        for _ in range(1000):
            if not is_wanted():
                ended.set()
                break
            time.sleep(0.01)
        return "ended"

    return run


async def test_work_ends_when_its_caller_leaves() -> None:
    request, begun, ended = Asking(), threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as group:
        wanted = while_wanted(request, Drain(5), work(begun, ended))  # type: ignore[arg-type]  # all it asks of a request
        waiting = group.create_task(wanted)
        await asyncio.to_thread(begun.wait, 30)
        assert not ended.is_set()
        request.gone.set()
    assert waiting.result() is None
    assert await asyncio.to_thread(ended.wait, 30)


async def test_work_ends_when_the_service_is_asked_to_stop() -> None:
    drain, begun, ended = Drain(5), threading.Event(), threading.Event()
    async with asyncio.TaskGroup() as group:
        wanted = while_wanted(Asking(), drain, work(begun, ended))  # type: ignore[arg-type]  # as above
        waiting = group.create_task(wanted)
        await asyncio.to_thread(begun.wait, 30)
        assert not ended.is_set()
        drain.begin()
    assert waiting.result() == "ended"
    assert ended.is_set()


async def test_an_error_of_the_work_comes_out_as_it_is() -> None:
    def fail(_is_wanted: Callable[[], bool]) -> None:
        raise Overloaded("no")

    with pytest.raises(Overloaded, match="no"):
        await while_wanted(Asking(), Drain(5), fail)  # type: ignore[arg-type]  # as above

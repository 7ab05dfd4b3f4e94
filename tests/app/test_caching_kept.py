"""What of an answer is not kept for another exchange."""

from typing import Any

import pytest

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.events import (
    Blocked,
)
from app.policy import Policy
from guardrails import Action, Guardrail, Match, Side
from tests.cached_exchanges import Caching
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.planted import Judge
from tests.pipelines import ADDED, body, stream_and_whole, text_of

CUT = UpstreamBroken("The connection broke.")
NOT_KEPT: dict[str, list[Any]] = {
    "an error": [UpstreamRefused("no", status=400)],
    "a cut answer": [*answer_of("Hi")[:2], CUT],
    "a filtered one": answer_of("Hi", reason="content_filter"),
    "one without an end": answer_of("Hi")[:2],
    "one that says nothing": answer_of(""),
}


@stream_and_whole
@pytest.mark.parametrize("script", NOT_KEPT.values(), ids=NOT_KEPT)
async def test_what_is_no_whole_answer_is_not_kept(stream: bool, script: list[Any]) -> None:
    bench = Caching(FakeProvider(*script))
    await bench.ask(body(stream=stream))
    bench.provider.script = answer_of("Hi")
    assert text_of(await bench.ask(body(stream=stream))) == "Hi"
    assert bench.statuses == ["miss", "miss"]
    await bench.ask(body(stream=stream))
    assert bench.statuses[-1] == "hit"


@stream_and_whole
async def test_what_a_guardrail_ended_is_not_kept(stream: bool) -> None:
    bench = Caching(FakeProvider(*answer_of("it is forbidden")), added=ADDED)
    events = await bench.ask(body(stream=stream), guardrails=("added",))
    assert isinstance(events[-1], Blocked)
    assert len(bench.store) == 0
    await bench.ask(body(stream=stream))
    assert bench.statuses == ["miss", "miss"]


@stream_and_whole
async def test_an_answer_to_a_request_that_is_forbidden_meanwhile_is_not_kept(stream: bool) -> None:
    bench = Caching(FakeProvider(*answer_of("Hi")))
    judge = Judge([Match("jailbreak", 0, 1)], delay_s=0.02)
    guard = Guardrail("guard", frozenset({Side.INPUT}), (judge,), Action.BLOCK, timeout_s=5, during=True)
    bench.pipeline.policy = Policy([guard], b"key", "v1")
    (event,) = await bench.ask(body(stream=stream))
    assert isinstance(event, Blocked)
    assert len(bench.provider.requests) == 1
    assert len(bench.store) == 0

import json
from typing import Any

import pytest

from app.domain.errors import UpstreamRefused, UpstreamTimeout, UpstreamUnconnected, UpstreamUnreachable
from app.domain.events import Blocked, ChoiceFinished, Extra, Failed, Started, TextDelta
from app.domain.exchange import Outcome
from app.routing.wish import Wish
from guardrails import Decision, Side
from tests.fakes import FakeProvider, answer_of, router_of
from tests.pipelines import SECRECY, Bench, body, stream_and_whole, text_of

FALLBACK: dict[str, Any] = {
    "strategy": {"mode": "fallback"},
    "targets": [{"provider": "@fake"}, {"provider": "@spare"}],
}
OVERLOADED = UpstreamRefused("busy", status=503, headers=(("retry-after", "0"),))


class Spare(FakeProvider):
    slug = "spare"


def bench_of(first: FakeProvider, spare: FakeProvider, **guardrails: dict[str, Any]) -> Bench:
    bench = Bench(first, **guardrails)
    bench.pipeline.router = router_of(first, spare)
    return bench


def wish(config: dict[str, Any]) -> Wish:
    return Wish(config=json.dumps(config))


@stream_and_whole
@pytest.mark.parametrize(
    "failure",
    [
        OVERLOADED,
        UpstreamRefused("bad key", status=401),
        UpstreamTimeout("late"),
        UpstreamUnreachable("down"),
    ],
)
async def test_a_provider_that_fails_before_its_answer_is_followed_by_the_next(
    failure: Exception, stream: bool
) -> None:
    spare = Spare(*answer_of("hello"))
    bench = bench_of(FakeProvider(failure), spare)
    released = await bench.run(body(stream=stream), wish=wish(FALLBACK))
    assert text_of(released) == "hello"
    assert bench.record.outcome is Outcome.OK
    assert [(one.number, one.provider) for one in bench.record.attempts] == [(1, "fake"), (2, "spare")]
    assert bench.record.provider == "spare"


@stream_and_whole
async def test_a_time_that_the_caller_gave_ends_as_portkey_says_it(stream: bool) -> None:
    given, late = Wish(timeout_s=0.5), UpstreamTimeout("late")
    for asked, expected in ((given, (408, "timeout_error", None)), (Wish(), (504, "upstream_error", "x"))):
        (last,) = await Bench(FakeProvider(late)).run(body(stream=stream), wish=asked)
        assert isinstance(last, Failed)
        error = last.error.body()["error"]
        assert (last.error.status, error["type"], error["code"] and "x") == expected
    *_, last = await Bench(FakeProvider(*answer_of("he")[:2], late)).run(body(stream=True), wish=given)
    assert isinstance(last, Failed)
    assert last.error.status == 504  # it had begun


LATE, UNCONNECTED = UpstreamTimeout("late"), UpstreamUnconnected("no connection")


@stream_and_whole
@pytest.mark.parametrize(
    ("failure", "given_ms", "listed", "follows"),
    [
        (LATE, None, 504, True),
        (LATE, None, 408, False),
        (LATE, 500, 408, True),
        (LATE, 500, 504, False),
        (UNCONNECTED, None, 504, True),
        (UNCONNECTED, None, 503, True),
        (UNCONNECTED, 500, 503, True),
        (UNCONNECTED, 500, 408, False),
    ],
)
async def test_a_timeout_is_what_the_caller_would_be_told(
    failure: Exception, given_ms: int | None, listed: int, follows: bool, stream: bool
) -> None:
    config = {**FALLBACK, "strategy": {"mode": "fallback", "on_status_codes": [listed]}}
    spare = Spare(*answer_of("hello"))
    bench = bench_of(FakeProvider(failure), spare)
    await bench.run(
        body(stream=stream), wish=wish(config | ({"request_timeout": given_ms} if given_ms else {}))
    )
    assert len(spare.requests) == follows


async def test_who_could_not_be_connected_to_is_tried_again_whatever_is_listed() -> None:
    first = FakeProvider(UNCONNECTED)
    config = {"provider": "@fake", "retry": {"attempts": 1, "on_status_codes": [429]}}
    await bench_of(first, Spare()).run(body(), wish=wish(config))
    assert len(first.requests) == 2


@pytest.mark.parametrize(
    "opening",
    [
        [Started({"id": "c"})],
        [Started({"id": "c"}), TextDelta(0, "content", ""), Extra(0, {"refusal": None})],
    ],
)
async def test_an_answer_that_was_only_opened_has_not_begun(opening: list[Any]) -> None:
    spare = Spare(*answer_of("hello"))
    bench = bench_of(FakeProvider(*opening, OVERLOADED), spare)
    assert text_of(await bench.run(body(stream=True), wish=wish(FALLBACK))) == "hello"
    alone = Bench(FakeProvider(*opening, OVERLOADED))
    (last,) = await alone.run(body(stream=True))
    assert isinstance(last, Failed)
    assert alone.record.status_code == 503


async def test_an_answer_that_says_nothing_is_one() -> None:
    events: list[Any] = [Started({"id": "c"}), TextDelta(0, "content", ""), ChoiceFinished(0, "stop", {})]
    assert await Bench(FakeProvider(*events)).run(body(stream=True)) == events


async def test_a_stream_that_has_begun_is_not_glued_to_another() -> None:
    spare = Spare(*answer_of("hello"))
    bench = bench_of(FakeProvider(*answer_of("so far")[:2], OVERLOADED), spare)
    released = await bench.run(body(stream=True), wish=wish(FALLBACK))
    assert isinstance(released[-1], Failed)
    assert spare.requests == []


async def test_a_whole_answer_that_breaks_off_is_asked_of_the_next() -> None:
    spare = Spare(*answer_of("hello"))
    bench = bench_of(FakeProvider(*answer_of("so far")[:2], OVERLOADED), spare)
    assert text_of(await bench.run(body(), wish=wish(FALLBACK))) == "hello"


@stream_and_whole
async def test_the_last_failure_is_the_callers(stream: bool) -> None:
    bench = bench_of(FakeProvider(UpstreamTimeout("late")), Spare(OVERLOADED))
    (last,) = await bench.run(body(stream=stream), wish=wish(FALLBACK))
    assert isinstance(last, Failed)
    assert last.error.status == 503
    assert bench.record.outcome is Outcome.UPSTREAM_ERROR


async def test_a_target_is_asked_again_as_often_as_configured() -> None:
    first = FakeProvider(OVERLOADED)
    bench = bench_of(first, Spare())
    retry = {"attempts": 2, "use_retry_after_header": True}
    await bench.run(body(), wish=wish({"provider": "@fake", "retry": retry}))
    assert len(first.requests) == 3
    assert [one.number for one in bench.record.attempts] == [1, 2, 3]


async def test_a_blocked_answer_may_be_tried_elsewhere_if_the_config_says_so() -> None:
    config = {**FALLBACK, "strategy": {"mode": "fallback", "on_status_codes": [446]}}
    spare = Spare(*answer_of("hello"))
    bench = bench_of(FakeProvider(*answer_of("a forbidden word")), spare, secrecy=SECRECY)
    assert text_of(await bench.run(body(), wish=wish(config))) == "hello"
    assert bench.record.outcome is Outcome.OK
    decisions = [one.decision for one in bench.record.verdicts if one.side is Side.OUTPUT]
    assert decisions == [Decision.PASS]


async def test_a_blocked_request_is_shown_to_nobody_else() -> None:
    config = {**FALLBACK, "input_guardrails": ["secrecy"]}
    config["strategy"] = {"mode": "fallback", "on_status_codes": [446]}
    first, spare = FakeProvider(*answer_of("x")), Spare(*answer_of("y"))
    bench = bench_of(first, spare, secrecy={**SECRECY, "default": False})
    (last,) = await bench.run(body("a forbidden word"), wish=wish(config))
    assert isinstance(last, Blocked)
    assert (first.requests, spare.requests) == ([], [])

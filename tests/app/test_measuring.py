"""What exchanges add to metrics, label by label."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.exchange import Attempt, Outcome
from app.measuring import MAX_MODELS, Measuring, unmeasured
from guardrails import Coverage, Decision, Mode, Side
from telemetry import instruments as of
from telemetry.instruments import Instrument
from telemetry.metrics import OTHER, Metrics, Point
from tests.exchanges import MS, STARTED_NS, attempt, exchange, finding, verdict

CALL = ("chat", "openai", "gpt-4o", "openai")


class Counted:
    def __init__(self) -> None:
        self.metrics = Metrics()
        self.measure = Measuring(
            self.metrics,
            lambda operation: f"/v1/{operation.value}",
            models=["gpt-4o"],
            providers=["openai"],
            callers=["team-a"],
            guardrails=["privacy"],
        )

    def add(self, *attempts: Attempt, **changes: Any) -> None:
        self.measure(exchange(attempts=attempts or (attempt(),), **changes))

    def points(self, instrument: Instrument) -> dict[tuple[str, ...], float]:
        return {point.labels: point.value for point in self.metrics.collect().get(instrument.name, [])}

    def point(self, instrument: Instrument) -> Point:
        (point,) = self.metrics.collect()[instrument.name]
        return point


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_a_streamed_answer(counted: Counted) -> None:
    counted.add(
        attempt(cost_usd=Decimal("0.5")),
        caller="team-a",
        stream=True,
        verdicts=(),
        started_ns=STARTED_NS,
        ended_ns=STARTED_NS + 150 * MS,
        first_release_ns=STARTED_NS + 110 * MS,
        coverage=Coverage(received=9, screened=9, released=8),
        trace_sampled=True,
    )
    assert counted.points(of.EXCHANGES) == {("chat", "ok", "team-a", "true"): 1}
    assert counted.points(of.REQUEST_DURATION) == {("POST", "/v1/chat", "200", ""): pytest.approx(0.15)}
    assert counted.points(of.OVERHEAD) == {("chat",): pytest.approx(0.05)}
    assert counted.points(of.TIME_TO_FIRST_RELEASE) == {("chat",): pytest.approx(0.11)}
    assert counted.points(of.TIME_TO_FIRST_CHUNK) == {CALL: pytest.approx(0.08)}
    assert counted.points(of.OPERATION_DURATION) == {(*CALL, ""): pytest.approx(0.1)}
    assert counted.points(of.TOKEN_USAGE) == {(*CALL, "input"): 3, (*CALL, "output"): 5}
    assert counted.points(of.ATTEMPTS) == {("openai", "gpt-4o", "first", ""): 1}
    assert counted.points(of.COST) == {("openai", "gpt-4o", "team-a"): 0.5}
    assert counted.points(of.CHARACTERS) == {("received",): 9, ("screened",): 9, ("released",): 8}
    (told,) = filter(None, counted.point(of.OPERATION_DURATION).exemplars)
    assert told.span_id == "00f067aa0ba902b8", "an attempt's exemplar names its own span"


def test_an_unsampled_exchange_gives_no_exemplars(counted: Counted) -> None:
    counted.add(trace_sampled=False, verdicts=())
    assert not any(counted.point(of.REQUEST_DURATION).exemplars)


def test_retries_and_fallbacks_and_what_a_cache_gives(counted: Counted) -> None:
    failed = {"error_type": "429", "first_event_ns": None}
    counted.add(
        attempt(1, **failed),
        attempt(2, **failed),
        attempt(3, model="gpt-4o-mini", cost_usd=None),
        verdicts=(),
    )
    counted.add(attempt(cached_exchange_id="0193", cost_usd=Decimal()), verdicts=())
    assert counted.points(of.ATTEMPTS) == {
        ("openai", "gpt-4o", "first", "429"): 1,
        ("openai", "gpt-4o", "retry", "429"): 1,
        ("openai", OTHER, "fallback", ""): 1,
    }
    assert counted.points(of.COST_UNKNOWN) == {("openai", OTHER): 1}
    assert not counted.points(of.COST)


def test_what_callers_name_is_bounded(counted: Counted) -> None:
    for number in range(MAX_MODELS + 5):
        counted.add(attempt(model=f"made-up-{number}"), verdicts=())
        counted.add(attempt(model=f"priced-{number}", cost_usd=Decimal(1)), verdicts=())
    models = {labels[1] for labels in counted.points(of.ATTEMPTS)}
    assert len(models) == MAX_MODELS + 1
    assert OTHER in models
    assert not any(model.startswith("made-up") for model in models)

    counted.add(
        attempt(provider="brought", error_type="their own word", status_code=418),
        caller="gone",
        method="BREW",
        provider="brought",
        outcome=Outcome.UPSTREAM_ERROR,
        error_word="their own word",
        status_code=418,
        verdicts=(verdict(Side.INPUT, finding("messages[0].content", 0, 1), guardrail="sent-with-it"),),
    )
    assert ("_OTHER", "/v1/chat", "418", "418") in counted.points(of.REQUEST_DURATION)
    assert (OTHER, "gpt-4o", "first", "418") in counted.points(of.ATTEMPTS)
    assert ("chat", "upstream_error", OTHER, "true") in counted.points(of.EXCHANGES)
    assert counted.points(of.FINDINGS) == {(OTHER, "input", OTHER): 1}
    assert "their own word" not in str(counted.metrics.collect())


def test_an_error_counts_under_its_word_and_not_under_what_a_provider_calls_it(counted: Counted) -> None:
    counted.add(
        provider="openai",
        outcome=Outcome.UPSTREAM_ERROR,
        error_code="quota of Anna Keller used up",
        error_word="429",
        status_code=429,
        verdicts=(),
    )
    assert counted.points(of.REQUEST_DURATION).keys() == {("POST", "/v1/chat", "429", "429")}


def test_verdicts(counted: Counted) -> None:
    failed = {"decision": Decision.ERROR, "error": "timeout"}
    counted.add(
        verdicts=(
            verdict(Side.INPUT, finding("messages[0].content", 0, 1), finding("messages[0].content", 2, 3)),
            verdict(Side.OUTPUT, **failed),
            verdict(Side.OUTPUT, **failed, blocked=True),
            verdict(Side.OUTPUT, **failed, mode=Mode.MONITOR),
        ),
    )
    assert counted.points(of.VERDICTS) == {
        ("privacy", "input", "redact", "enforce", "false"): 1,
        ("privacy", "output", "error", "enforce", "false"): 1,
        ("privacy", "output", "error", "enforce", "true"): 1,
        ("privacy", "output", "error", "monitor", "false"): 1,
    }
    assert counted.points(of.FINDINGS) == {("privacy", "input", "email"): 2}
    assert counted.points(of.GUARDRAIL_ERRORS) == {
        ("privacy", "output", "timeout", "true"): 1,
        ("privacy", "output", "timeout", "false"): 2,
    }
    assert counted.points(of.GUARDRAIL_DURATION) == {
        ("privacy", "input"): 0.00025,
        ("privacy", "output"): 0.00075,
    }


def test_nothing_is_measured_where_nobody_asks() -> None:
    unmeasured(exchange())

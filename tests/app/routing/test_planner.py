"""Plans: what is tried, in which order, how often, and when it ends."""

from typing import Any

import pytest

from app.routing.conditions import Facts
from app.routing.outcome import OK, Outcome
from app.routing.planner import NO_MATCH, Budget, Ending
from tests.plans import WATCHED, Health, always, each, fallback, run, shown

FAILED = Outcome(status=500)
REFUSED = Outcome(status=401)
BEGAN = Outcome(status=502, began=True)


def test_a_single_target_is_tried_once() -> None:
    taken, ending = run({"provider": "openai"}, always(FAILED))
    assert [(step.leaf.path, step.attempt, step.number, step.wait_s) for step in taken] == [
        ("config", 1, 1, 0.0)
    ]
    assert ending == Ending(FAILED, taken[0], 0)


def test_single_takes_the_first_of_its_targets() -> None:
    assert shown(run({"strategy": {"mode": "single"}, "targets": [{}, {}]}, always(FAILED))[0]) == ["[0]"]


def test_retries_come_after_the_first_attempt_and_wait_longer_each_time() -> None:
    taken, ending = run({"retry": {"attempts": 3}}, always(FAILED))
    assert [step.attempt for step in taken] == [1, 2, 3, 4]
    assert taken[0].wait_s == 0.0
    assert all(0 < step.wait_s <= 2 ** (step.attempt - 2) for step in taken[1:])
    assert ending.retries == -1


@pytest.mark.parametrize(
    ("outcomes", "retries"),
    [
        ([OK], 0),
        ([FAILED, OK], 1),
        ([FAILED, FAILED, OK], 2),
        ([FAILED, FAILED, FAILED], -1),
        ([FAILED, REFUSED], 1),
    ],
)
def test_retries_are_told_as_portkey_tells_them(outcomes: list[Outcome], retries: int) -> None:
    taken, ending = run({"retry": {"attempts": 2}}, each(*outcomes))
    assert (len(taken), ending.outcome, ending.retries) == (len(outcomes), outcomes[-1], retries)


def test_a_provider_that_asks_for_too_long_is_not_asked_again() -> None:
    config = {"retry": {"attempts": 5, "use_retry_after_header": True}}
    taken, ending = run(config, always(Outcome(status=429, retry_after_s=25.0)))
    assert [step.wait_s for step in taken] == [0.0, 25.0, 25.0]
    assert ending.retries == -1
    taken, ending = run(config, always(Outcome(status=429, retry_after_s=60.0)))
    assert (len(taken), ending.retries) == (1, -1)


def test_what_was_waited_for_one_target_is_not_there_for_the_next() -> None:
    target = {"retry": {"attempts": 1, "use_retry_after_header": True}}
    taken, _ = run(fallback(target, target), always(Outcome(status=429, retry_after_s=40.0)))
    assert [(step.leaf.path[-3:], step.wait_s) for step in taken] == [
        ("[0]", 0.0),
        ("[0]", 40.0),
        ("[1]", 0.0),
    ]


def test_a_denied_output_is_asked_for_again_at_once_where_the_config_says_so() -> None:
    config = {"retry": {"attempts": 2, "on_status_codes": [446]}}
    taken, ending = run(config, always(Outcome(status=446)))
    assert [step.wait_s for step in taken] == [0.0, 0.0, 0.0]
    assert ending.retries == -1
    assert len(run(config, always(Outcome(status=446, denied_at="config")))[0]) == 1


@pytest.mark.parametrize("outcome", [FAILED, REFUSED, Outcome(status=446), Outcome(status=408)])
def test_a_fallback_goes_on_after_all_that_is_no_success(outcome: Outcome) -> None:
    taken, ending = run(fallback({}, {}, {}), each(outcome, outcome, OK))
    assert shown(taken) == ["[0]", "[1]", "[2]"]
    assert ending == Ending(OK, taken[2], 0)


@pytest.mark.parametrize("outcome", [OK, Outcome(status=201), Outcome(status=246), BEGAN])
def test_a_fallback_stays_with_an_answer(outcome: Outcome) -> None:
    assert shown(run(fallback({}, {}), always(outcome))[0]) == ["[0]"]


@pytest.mark.parametrize(
    ("codes", "outcome", "count"),
    [
        ([429], Outcome(status=429), 2),
        ([429], FAILED, 1),
        ([], FAILED, 1),
        ([200], OK, 2),
        ([246], Outcome(status=246), 2),
        ([446], Outcome(status=446), 2),
        ([429, 500], Outcome(status=502, is_unreachable=True), 2),
        ([429], Outcome(status=502, is_unreachable=True), 1),
        ([429], Outcome(status=400, is_unsupported=True), 2),
        ([429], Outcome(status=429, began=True), 1),
    ],
)
def test_a_list_of_statuses_says_when_a_fallback_goes_on(
    codes: list[int], outcome: Outcome, count: int
) -> None:
    taken, ending = run(fallback({}, {}, on_status_codes=codes), always(outcome))
    assert (len(taken), ending.outcome) == (count, outcome)


def test_retries_are_made_before_the_fallback() -> None:
    config = {"retry": {"attempts": 1}, **fallback({}, {})}
    taken, ending = run(config, each(FAILED, FAILED, FAILED, OK))
    assert [(step.attempt, step.number) for step in taken] == [(1, 1), (2, 2), (1, 3), (2, 4)]
    assert ending.retries == 1


def test_nothing_follows_once_an_answer_has_begun() -> None:
    config = {"retry": {"attempts": 5, "on_status_codes": [502]}, **fallback(fallback({}, {}), {})}
    assert len(run(config, always(BEGAN))[0]) == 1


def test_an_input_that_a_node_denied_is_not_shown_to_other_targets_below_it() -> None:
    config = fallback(fallback({}, {}), {})
    at_inner = Outcome(status=446, denied_at="config.targets[0]")
    assert shown(run(config, each(at_inner, OK))[0]) == ["[0][0]", "[1]"]
    at_leaf = Outcome(status=446, denied_at="config.targets[0].targets[0]")
    assert shown(run(config, each(at_leaf, OK))[0]) == ["[0][0]", "[0][1]"]
    at_root = Outcome(status=446, denied_at="config")
    assert shown(run(config, each(at_root, OK))[0]) == ["[0][0]"]


def test_the_tenth_target_is_not_below_the_first() -> None:
    config = fallback(*[fallback({}, {}) for _ in range(11)])
    denied = Outcome(status=446, denied_at="config.targets[1]")
    taken, _ = run(config, lambda step: denied if step.leaf.path.startswith("config.targets[10]") else FAILED)
    assert shown(taken)[-2:] == ["[10][0]", "[10][1]"]


def _conditional(default: str | None) -> dict[str, Any]:
    strategy = {
        "mode": "conditional",
        "conditions": [
            {"query": {"metadata.plan": "paid"}, "then": "good"},
            {"query": {"metadata.plan": {"$regex": "."}}, "then": "cheap"},
        ],
        "default": default,
    }
    return {"strategy": strategy, "targets": [{"name": "cheap"}, {"name": "good"}, {"name": "other"}]}


@pytest.mark.parametrize(("plan", "path"), [("paid", "[1]"), ("free", "[0]"), (None, "[2]")])
def test_the_first_condition_that_holds_chooses(plan: str | None, path: str) -> None:
    taken, _ = run(_conditional("other"), always(FAILED), facts=Facts({"plan": plan}))
    assert shown(taken) == [path]


def test_where_no_condition_holds_nothing_is_tried() -> None:
    assert run(_conditional(None), always(OK)) == ([], Ending(NO_MATCH, None, 0))


def test_a_fallback_goes_past_a_strategy_without_a_match() -> None:
    taken, ending = run(fallback(_conditional(None), {}, on_status_codes=[429]), always(FAILED))
    assert (shown(taken), ending.outcome) == (["[1]"], FAILED)
    taken, ending = run(fallback({}, _conditional(None)), always(FAILED))
    assert (shown(taken), ending) == (["[0]"], Ending(FAILED, taken[0], 0))


def test_targets_with_an_open_circuit_are_passed_over() -> None:
    config = {"cb_config": WATCHED, **fallback({}, {}, {})}
    assert shown(run(config, always(FAILED), health=Health("config.targets[1]"))[0]) == ["[0]", "[2]"]
    single = {"cb_config": WATCHED, "strategy": {"mode": "single"}, "targets": [{}, {}]}
    assert shown(run(single, always(FAILED), health=Health("config.targets[0]"))[0]) == ["[1]"]
    drawn = {"cb_config": WATCHED, "strategy": {"mode": "loadbalance"}, "targets": [{}, {}]}
    for seed in range(20):
        assert shown(run(drawn, always(OK), seed=seed, health=Health("config.targets[0]"))[0]) == ["[1]"]


def test_open_circuits_are_ignored_where_all_are_open() -> None:
    config = {"cb_config": WATCHED, **fallback({}, {})}
    barred = Health("config.targets[0]", "config.targets[1]")
    assert shown(run(config, always(FAILED), health=barred)[0]) == ["[0]", "[1]"]


def test_a_strategy_is_passed_over_if_all_below_it_is_open() -> None:
    config = fallback({"cb_config": WATCHED, **fallback({}, {})}, {})
    inner = [f"config.targets[0].targets[{index}]" for index in (0, 1)]
    assert shown(run(config, always(FAILED), health=Health(*inner))[0]) == ["[1]"]
    assert shown(run(config, always(FAILED), health=Health(inner[0]))[0]) == ["[0][1]", "[1]"]


def test_a_conditional_strategy_is_never_passed_over() -> None:
    config = {"cb_config": WATCHED, **fallback(_conditional("other"), {})}
    barred = Health(*(f"config.targets[0].targets[{index}]" for index in range(3)))
    assert shown(run(config, always(FAILED), health=barred)[0]) == ["[0][2]", "[1]"]


def test_a_budget_ends_a_plan_with_what_there_is() -> None:
    config = {"retry": {"attempts": 2}, **fallback({}, {}, {})}
    taken, ending = run(config, always(FAILED), budget=Budget(attempts=4))
    assert shown(taken) == ["[0]", "[0]", "[0]", "[1]"]
    assert ending == Ending(FAILED, taken[3], -1)
    taken, _ = run(fallback(*[{}] * 100), always(FAILED))
    assert len(taken) == Budget().attempts

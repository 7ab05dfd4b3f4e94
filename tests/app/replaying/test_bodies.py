"""What can be heard again is heard, and what cannot says why."""

from typing import Any

import pytest

from app.domain.content import Content
from app.domain.exchange import Outcome
from app.domain.operation import Operation
from app.records.opened_bodies import opened_payloads
from app.records.protection import Protection
from app.replaying.bodies import WHY, Body, Missing, answer_of, is_altered, not_replayed, request_of
from guardrails import Action, Coverage, Decision, Mode, Side, Verdict
from tests.exchanges import exchange, finding, request, response, verdict
from tests.recorded import as_read

BLOCKED = {"decision": Decision.BLOCK, "action": Action.BLOCK, "blocked": True}


@pytest.mark.parametrize(("content", "redacted"), [("full", False), ("redacted", True)])
def test_bodies_come_back_with_whether_they_are_whole(content: Content, redacted: bool) -> None:
    recorded = as_read(exchange(), content)
    assert request_of(recorded) == Body(request("What is a handrail?"), redacted)
    assert answer_of(recorded) == Body(response("Something to hold on to."), redacted)


@pytest.mark.parametrize(("content", "why"), [("hashes", Missing.ONLY_HASHED), ("none", Missing.NOT_KEPT)])
def test_what_was_not_kept_says_so(content: Content, why: Missing) -> None:
    recorded = as_read(exchange(), content)
    assert (request_of(recorded), answer_of(recorded)) == (why, why)


def test_an_encrypted_body_needs_its_key() -> None:
    keys = Protection({"k1": b"k" * 32}, "k1")
    recorded = as_read(exchange(), "full", keys)
    assert request_of(recorded) is answer_of(recorded) is Missing.ENCRYPTED
    recorded.children["payloads"] = opened_payloads(recorded.children["payloads"], keys)
    assert isinstance(request_of(recorded), Body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, Missing.ERASED),
        ('"[REDACTED]"', Missing.HIDDEN),
        ('{"a": 1, "a": 2}', Missing.UNREADABLE),
        ('{"a": ', Missing.UNREADABLE),
    ],
)
def test_a_body_that_is_none_any_more_says_why(body: str | None, why: Missing) -> None:
    recorded = as_read(exchange())
    for payload in recorded.children["payloads"]:
        payload["body"] = body
    assert request_of(recorded) is answer_of(recorded) is why


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"outcome": Outcome.BLOCKED_INPUT, "response": None}, Missing.BLOCKED_ON_INPUT),
        (
            {"outcome": Outcome.BLOCKED_OUTPUT, "response": None, "coverage": Coverage(9, 9, 0)},
            Missing.WITHHELD,
        ),
        ({"outcome": Outcome.UPSTREAM_ERROR, "response": None}, Missing.NO_ANSWER),
        ({"outcome": Outcome.CANCELLED, "response": {"choices": []}}, Missing.NO_ANSWER),
        ({"operation": Operation.EMBEDDINGS, "response": {"data": []}}, Missing.VECTORS),
    ],
    ids=lambda value: value.value if isinstance(value, Missing) else "",
)
def test_an_answer_that_is_not_there_says_why(changes: dict[str, Any], why: Missing) -> None:
    recorded = as_read(exchange(**changes))
    assert answer_of(recorded) is why
    assert isinstance(request_of(recorded), Body)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"outcome": Outcome.REJECTED}, Missing.REJECTED),
        ({"operation": Operation.PROXY}, Missing.PASSED_ON),
    ],
)
def test_an_exchange_of_which_nothing_can_be_heard_says_why(
    changes: dict[str, Any], why: Missing | None
) -> None:
    assert not_replayed(as_read(exchange(**changes)).exchange) is why


def test_an_exchange_that_has_only_begun_is_left_alone() -> None:
    assert not_replayed(as_read(exchange()).exchange | {"outcome": None}) is Missing.NOT_ENDED


@pytest.mark.parametrize(
    ("then", "altered"),
    [
        (verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 4)), True),
        (verdict(Side.OUTPUT, finding("choices[0].message.content", 0, 4), mode=Mode.MONITOR), False),
        (verdict(Side.OUTPUT, **BLOCKED), True),
        (verdict(Side.OUTPUT), False),
        (verdict(Side.INPUT, finding("messages[0].content", 0, 4)), False),
    ],
    ids=["redacted", "watched", "blocked", "passed", "request"],
)
def test_an_answer_is_recorded_as_it_was_released_and_a_request_as_it_came(
    then: Verdict, altered: bool
) -> None:
    recorded = as_read(exchange(verdicts=(then,)))
    assert [is_altered(recorded, side) for side in Side] == [False, altered]


def test_every_reason_has_words() -> None:
    assert WHY.keys() == set(Missing)

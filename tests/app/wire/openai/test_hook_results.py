"""`hook_results`: Portkey's shape, and nothing of what was found in it."""

import datetime as dt
import json
import time
from typing import Any

import msgspec
import pytest

from app.wire.openai.hook_results import complaint, hook_results
from guardrails import Checks, Engine, Part, Side, Verdict
from guardrails.portkey.hook import Hook
from guardrails.portkey.hooks import read_hook
from tests.guardrails.planted import Broken, policy

CANARY = "canary-7f3a"
QUESTION = [Part("messages[0].content", f"the {CANARY} word")]


def hook(side: Any = Side.INPUT, **given: Any) -> Hook:
    return read_hook({"id": "pg", **given}, side, "shorthand", "h", checks=Checks())


async def said(*hooks: Hook) -> tuple[Verdict, ...]:
    return (
        await Engine([one for hook in hooks for one in hook.guardrails], b"key").screen(QUESTION)
    ).verdicts


async def result(**given: Any) -> dict[str, Any]:
    asked = hook(**given)
    results = hook_results([asked], await said(asked))
    (one,) = results["before_request_hooks"]
    assert results["after_request_hooks"] == []
    return dict(one)


DENIED = {"regexMatch": {"rule": CANARY, "not": True}}


@pytest.mark.parametrize("deny", [False, True])
async def test_a_failed_hook_has_portkeys_members(deny: bool) -> None:
    told = await result(deny=deny, **DENIED)
    assert list(told) == [
        "verdict",
        "id",
        "transformed",
        "checks",
        "feedback",
        "execution_time",
        "async",
        "type",
        "created_at",
        "deny",
    ]
    assert (told["verdict"], told["id"], told["transformed"], told["deny"]) == (False, "pg", False, deny)
    assert (told["async"], told["type"], told["feedback"]) == (False, "guardrail", None)
    assert isinstance(told["execution_time"], int)
    moment = dt.datetime.strptime(told["created_at"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert abs(moment.timestamp() - time.time()) < 60
    (check,) = told["checks"]
    assert (check["id"], check["verdict"], check["log"]) == ("default.regexMatch", False, None)
    assert check["data"] == {
        "explanation": "default.regexMatch/regexMatch at messages[0].content.",
        "verdict": False,
        "findings": 1,
        "textExcerpt": "",
        "matchDetails": None,
    }


async def test_what_was_found_is_in_no_result() -> None:
    both = await result(deny=True, **DENIED), await result(regexReplace={"rule": CANARY})
    assert CANARY not in json.dumps(both)


async def test_a_hook_that_passes_says_so() -> None:
    told = await result(deny=True, contains={"words": [CANARY]})
    assert (told["verdict"], told["deny"]) == (True, False)
    assert told["checks"][0]["data"]["explanation"] == "Nothing was found."


async def test_what_replaces_is_told_as_transformed_and_passes() -> None:
    told = await result(regexReplace={"rule": CANARY}, notNull={})
    assert (told["verdict"], told["transformed"]) == (True, True)
    assert [(one["id"], one["verdict"], one["transformed"]) for one in told["checks"]] == [
        ("default.regexReplace", True, True),
        ("default.notNull", True, False),
    ]


async def test_feedback_names_the_checks() -> None:
    on_fail = {"feedback": {"value": -5, "weight": 0.5, "metadata": {"user": "u"}}}
    told = await result(on_fail=on_fail, on_success={"feedback": {"value": 5}}, notNull={}, **DENIED)
    assert told["feedback"] == {
        "value": -5,
        "weight": 0.5,
        "metadata": {
            "user": "u",
            "successfulChecks": "default.notNull",
            "failedChecks": "default.regexMatch",
            "erroredChecks": "",
        },
    }
    passed = await result(on_success={"feedback": {"value": 5}}, notNull={})
    assert passed["feedback"]["value"] == 5


@pytest.mark.parametrize("excused", [True, False])
async def test_a_check_that_failed_is_an_error_and_passes_only_if_it_is_excused(excused: bool) -> None:
    asked = hook(notNull={"failOnError": False} if excused else {})
    broken = Broken(KeyError(CANARY))
    (built,) = asked.guardrails
    failing = policy(broken, name="pg", action=built.action, on_error=built.on_error)
    screened = await Engine([msgspec.structs.replace(failing, tells=True)], b"key").screen(QUESTION)
    results = hook_results([asked], screened.verdicts)
    (told,) = results["before_request_hooks"]
    assert told["verdict"] is excused
    assert told["checks"][0]["error"] == {"name": "KeyError", "message": "The check could not decide."}
    assert (told["checks"][0]["verdict"], told["checks"][0]["data"]) == (False, None)
    assert CANARY not in json.dumps(results)
    assert (complaint([asked], screened.verdicts) is None) is excused


async def test_both_sides_are_there_and_hooks_that_looked_at_nothing_are_not() -> None:
    asked, later, silent = hook(**DENIED), hook(Side.OUTPUT, **DENIED), hook(**DENIED, **{"async": True})
    results = hook_results([asked, later, silent], await said(asked))
    assert [one["id"] for one in results["before_request_hooks"]] == ["pg"]
    assert results["after_request_hooks"] == []


async def test_a_complaint_is_of_a_hook_that_failed_and_does_not_deny() -> None:
    flags, denies, passes = hook(**DENIED), hook(deny=True, **DENIED), hook(notNull={})
    assert complaint([passes], await said(passes)) is None
    assert complaint([denies], await said(denies)) is None
    verdict = complaint([flags], await said(flags))
    assert verdict is not None
    assert verdict.guardrail == "pg"

import json
from typing import Any

import pytest

from app.wire.openai.errors import blocked_body, protocol_path, refusal, refusal_within
from guardrails.verdict import Action, Decision, Finding, Mode, Side, Verdict


def finding(part: str, rule: str = "email") -> Finding:
    return Finding("pii", rule, part, 0, 5, 1.0, "0" * 32)


def verdict(*findings: Finding, decision: Decision = Decision.BLOCK, error: str | None = None) -> Verdict:
    return Verdict("privacy", Side.INPUT, decision, Action.BLOCK, Mode.ENFORCE, True, findings, error)


def test_a_block_names_guardrail_rule_and_place() -> None:
    assert blocked_body(verdict(finding("messages[1].content"))) == {
        "error": {
            "message": "Blocked by guardrail 'privacy' (input): pii/email at messages[1].content.",
            "type": "hooks_failed",
            "param": "messages[1].content",
            "code": "guardrail_blocked",
        }
    }


def test_a_check_that_could_not_decide_is_told_apart() -> None:
    why = "it could not decide (timeout), and errors block."
    assert blocked_body(verdict(decision=Decision.ERROR, error="timeout")) == {
        "error": {
            "message": f"Blocked by guardrail 'privacy' (input): {why}",
            "type": "hooks_failed",
            "param": None,
            "code": "guardrail_error",
        }
    }


def test_equal_findings_are_named_once_and_many_are_counted() -> None:
    many = [finding(f"messages[{i}].content") for i in (0, 0, 1, 2, 3, 4, 5, 6)]
    message = blocked_body(verdict(*many))["error"]["message"]
    assert message.endswith("messages[3].content, pii/email at messages[4].content and 2 more.")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("messages[0].content[1].text", "messages[0].content[1].text"),
        (
            "choices[0].message.tool_calls[2].function.arguments#to[0]",
            "choices[0].message.tool_calls[2].function.arguments",
        ),
        ("metadata.canary", "metadata.*"),
        ("metadata.canary.~key", "metadata.*.*"),
        (
            "tools[0].function.parameters.properties.canary[0].description",
            "tools[0].function.parameters.*.*[0].description",
        ),
        ('x["canary.y[0]"].z', "*[*.*[0]*].*"),
    ],
)
def test_a_path_shows_only_names_of_the_protocol(path: str, shown: str) -> None:
    assert protocol_path(path) == shown
    body = blocked_body(verdict(finding(path)))
    assert body["error"]["param"] == shown
    assert "canary" not in json.dumps(body)


SILENT = "The provider answered with status 503."


def error(message: str, code: str | None = None, type_: str = "upstream_error") -> dict[str, Any]:
    return {"message": message, "type": type_, "param": None, "code": code}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"error": {"message": "m", "type": "t", "param": None, "code": "c"}}, error("m", "c", "t")),
        ({"error": {"message": "m", "code": 400, "n_ctx": 5}}, error("m", "400")),
        ({"code": "c", "error": "m"}, error("m", "c")),
        ([{"error": {"message": "m", "status": "S"}}], error("m")),
        ({"object": "error", "message": "m", "type": "t", "code": 42}, error("m", "42", "t")),
        ({"detail": "m"}, error("m")),
        ({"detail": [{"msg": "a"}, {"msg": "b"}]}, error("a; b")),
        ({"object": "error", "message": {"detail": [{"msg": "a"}]}, "code": 422}, error("a", "422")),
        ({"success": False, "errors": [{"code": 7, "message": "m"}]}, error("m", "7")),
        ({"error_code": "BUSY", "message": "m"}, error("m", "BUSY")),
        ({"base_resp": {"status_code": 1002, "status_msg": "m"}}, error("m", "1002")),
        ({"msg": "m", "code": 3}, error("m", "3")),
        ("overloaded", error("overloaded")),
        (None, error(SILENT)),
        ([], error(SILENT)),
        ({"error": {"message": {"a": 1}, "code": True}}, error(SILENT)),
    ],
)
def test_errors_are_read_in_every_shape(document: Any, expected: dict[str, Any]) -> None:
    refused = refusal(document, 503, (("retry-after", "1"),))
    assert refused.body() == {"error": expected}
    assert (refused.status, refused.headers) == (503, (("retry-after", "1"),))


@pytest.mark.parametrize(
    ("error", "headers", "retryable"),
    [
        ({"message": "slow down", "code": "rate_limit_exceeded"}, (), True),
        ({"message": "pay", "code": "insufficient_quota"}, (), False),
        ({"message": "pay", "type": "insufficient_quota", "code": None}, (), False),
        ({"message": "slow down"}, (("x-should-retry", "false"),), False),
        ({"message": "slow down"}, (("x-should-retry", "true"),), True),
    ],
)
def test_what_no_waiting_mends_is_not_tried_again(error: Any, headers: Any, retryable: bool) -> None:
    assert refusal({"error": error}, 429, headers).retryable is retryable


def test_a_param_is_passed_on() -> None:
    assert refusal({"error": {"message": "m", "param": "n"}}, 400).param == "n"


def test_a_long_message_is_cut() -> None:
    assert len(refusal({"error": {"message": "x" * 100_000}}, 400).message) == 2000


@pytest.mark.parametrize("document", [{}, {"error": None}, {"error": {}}, {"error": ""}, {"choices": []}])
def test_an_answer_without_an_error_holds_none(document: dict[str, Any]) -> None:
    assert refusal_within(document) is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 429}, 429),
        ({"code": "503"}, 503),
        ({"type": "overloaded_error"}, 503),
        ({"code": "insufficient_quota"}, 429),
        ({"status": 401}, 401),
        ({"code": 200}, 502),
        ({"code": 42}, 502),
        ({"message": "m"}, 502),
    ],
)
def test_the_status_of_an_error_inside_a_200_is_read_from_it(error: dict[str, Any], status: int) -> None:
    found = refusal_within({"error": error})
    assert found is not None
    assert found.status == status


@pytest.mark.parametrize(
    "error",
    [
        {"message": "This model's maximum context length is 8192 tokens.", "code": 400},
        {"message": "This model's maximum prompt length is 131072 but the request contains 200000 tokens."},
        {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"},
        {"message": "Prompt is too long: 9 tokens", "code": "invalid_request_error"},
        {"message": "`inputs` tokens + `max_new_tokens` must be <= 8193."},
        {"message": "Requested tokens (900) exceed the context window of 512"},
    ],
)
def test_a_conversation_that_is_too_long_has_one_code(error: dict[str, Any]) -> None:
    assert refusal({"error": error}, 400).code == "context_length_exceeded"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"message": "maximum context length", "code": "tokens_per_minute"}, 400),
        ({"message": "maximum context length", "code": 7}, 429),
        ({"message": "The context is unclear.", "code": 7}, 400),
    ],
)
def test_other_errors_keep_their_code(error: dict[str, Any], status: int) -> None:
    assert refusal({"error": error}, status).code == str(error["code"])

import json
from typing import Any

import pytest

from app.records.concealment import concealed_path, concealed_request, concealed_response
from app.records.redaction import input_findings, redacted_request, redacted_response
from app.records.rows import Capture, Rows, rows_of
from guardrails import Decision, Side, Verdict
from tests.exchanges import exchange, finding, request, response, verdict

SECRET = "canary"
DOUBTS: dict[str, dict[str, Any]] = {
    "findings were dropped": {"findings_dropped": 1, "decision": Decision.FLAG},
    "the guardrail failed": {"decision": Decision.ERROR, "error": "timeout"},
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"to": "canary"}'}}


def untouched(text: str) -> str:
    return text


def doubtful(side: Side, doubt: str) -> Verdict:
    path = "messages[0].content" if side is Side.INPUT else "choices[0].message.content"
    return verdict(side, finding(path, 0, 1), **DOUBTS[doubt])


def rows(*verdicts: Verdict, **changes: Any) -> Rows:
    return rows_of(exchange(verdicts=verdicts, **changes), Capture("redacted", untouched))


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_request_of_which_not_all_findings_are_known_is_hidden(doubt: str) -> None:
    findings = input_findings((doubtful(Side.INPUT, doubt), verdict(Side.OUTPUT)))
    recorded = redacted_request(request("x canary", user="canary"), findings, untouched)
    assert recorded == request("[REDACTED]", user="[REDACTED]")


@pytest.mark.parametrize("doubt", DOUBTS)
def test_an_answer_of_which_not_all_findings_are_known_is_hidden(doubt: str) -> None:
    recorded = redacted_response(response("x canary", "y"), (doubtful(Side.OUTPUT, doubt),), untouched)
    assert recorded == response("[REDACTED]", "[REDACTED]")


@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize("side", Side)
def test_doubts_about_one_side_leave_the_other_as_it_is(side: Side, doubt: str) -> None:
    bodies = {str(row["kind"]): str(row["body"]) for row in rows(doubtful(side, doubt)).payloads}
    hidden = "request" if side is Side.INPUT else "response"
    assert [kind for kind, body in bodies.items() if "[REDACTED]" in body] == [hidden]


@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize("side", Side)
def test_no_row_says_what_a_doubtful_side_said(side: Side, doubt: str) -> None:
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": SECRET}],
        "tool_calls": [CALL],
        "refusal": SECRET,
        "reasoning_content": SECRET,
        "extra": {SECRET: [SECRET, 4000123412341234]},
    }
    metadata = {SECRET: SECRET}
    answer = {"id": "1", "choices": [{"index": 0, "message": message, SECRET: {"x": SECRET}}], "more": SECRET}
    found = verdict(side, finding(f'x["{SECRET}"].y', 0, 3), finding(f"metadata.{SECRET}.~key", 0, 3))
    made = rows(
        found,
        doubtful(side, doubt),
        metadata=metadata if side is Side.INPUT else None,
        request={"model": "m", "messages": [message], "metadata": metadata} if side is Side.INPUT else None,
        response=answer if side is Side.OUTPUT else None,
    )
    assert SECRET not in repr(made)
    assert "4000123412341234" not in repr(made)


def test_what_stays_of_a_request_is_its_shape() -> None:
    document = request("words", temperature=0.5, max_tokens=9_000_000, tools=[CALL], stop=None, secret=["a"])
    call = {
        "id": "[REDACTED]",
        "type": "function",
        "function": {"name": "[REDACTED]", "arguments": "[REDACTED]"},
    }
    assert concealed_request(document) == request(
        "[REDACTED]",
        temperature=0.5,
        max_tokens="[REDACTED]",
        tools=[call],
        stop=None,
        **{"[REDACTED]": ["[REDACTED]"]},
    )


def test_what_stays_of_an_answer_is_its_shape() -> None:
    document = response("words", created=1_795_380_712, model="gpt-4o", usage={"prompt_tokens": 3})
    before = json.dumps(document)
    assert concealed_response(document) == response(
        "[REDACTED]", created=1_795_380_712, model="gpt-4o", usage={"prompt_tokens": 3}
    )
    assert json.dumps(document) == before


def test_log_probabilities_of_a_hidden_answer_go() -> None:
    document = response("a")
    document["choices"][0]["logprobs"] = {"content": [{"token": "a", "bytes": [97], "logprob": -0.1}]}
    assert concealed_response(document)["choices"][0]["logprobs"] is None
    assert concealed_request(request("a", logprobs=True))["logprobs"] is True


def test_long_base64_goes_as_well() -> None:
    document = request()
    document["messages"] = [{"role": "user", "content": [{"image_url": {"url": "QUJD" * 1000}}]}]
    hidden = concealed_request(document)["messages"]
    assert hidden == [{"role": "user", "content": [{"image_url": {"url": "[REDACTED]"}}]}]


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        ("messages[0].content[12].text", "messages[0].content[12].text"),
        ("choices[1].message.tool_calls[0].function.arguments#", None),
        ("messages[0].content#.to.secret", "messages[0].content.[REDACTED]"),
        ("messages[0].content#[0]", None),
        ("secret", "[REDACTED]"),
        ('metadata["messages"].user', "metadata.[REDACTED]"),
        ("metadata.secret.~key", "metadata.[REDACTED]"),
    ],
)
def test_a_path_ends_where_a_key_is_not_the_protocols(path: str, recorded: str | None) -> None:
    assert concealed_path(path) == (path if recorded is None else recorded)

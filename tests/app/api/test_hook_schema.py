"""What the document says of 246 and 446 is what is answered, over every route."""

import json
from typing import Any

import jsonschema
import pytest

from app.api.exchange import PATHS
from app.domain.operation import Operation
from tests.gateways import QUESTION, Gateway

HOOK = {"id": "pg", "contains": {"words": ["Hello"], "operator": "none"}}


def described(operation: Operation, status: int) -> Any:
    schema: Any = Gateway().app.openapi_schema.to_schema()
    return schema["paths"][PATHS[operation]]["post"]["responses"][str(status)]["content"]


@pytest.mark.parametrize("status", [246, 446])
@pytest.mark.parametrize("operation", PATHS)
def test_the_examples_are_of_their_schema_and_tell_what_hooks_said(operation: Operation, status: int) -> None:
    form = described(operation, status)["application/json"]
    (example,) = (one["value"] for one in form["examples"].values())
    results = example["hook_results"]
    (result,) = results["before_request_hooks" if status == 446 else "after_request_hooks"]
    for told, member in ((result, "feedback"), (result["checks"][0], "log")):
        told.setdefault(member, None)  # litestar drops null
    jsonschema.validate(example, form["schema"])
    assert (result["verdict"], result["deny"]) == (False, status == 446)


@pytest.mark.parametrize("side", ["input", "output"])
@pytest.mark.parametrize("status", [246, 446])
async def test_answers_are_of_the_schema(side: str, status: int) -> None:
    hook = {**HOOK, "contains": {"words": ["Hello" if side == "input" else "Hi"], "operator": "none"}}
    headers = {f"x-portkey-default-{side}-guardrails": json.dumps([{**hook, "deny": status == 446}])}
    connection = await Gateway().ask(QUESTION, headers)
    assert connection.status == status
    body = json.loads(connection.body)
    jsonschema.validate(body, described(Operation.CHAT, status)["application/json"]["schema"])
    (result,) = body["hook_results"]["before_request_hooks" if side == "input" else "after_request_hooks"]
    assert result["id"] == "pg"


def test_a_stream_may_have_either_status() -> None:
    assert described(Operation.CHAT, 246).keys() == {"application/json", "text/event-stream"}
    assert described(Operation.CHAT, 446).keys() == {"application/json"}

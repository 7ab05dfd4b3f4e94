import json
from typing import Any

import pytest

from app.domain import errors
from app.domain.errors import HandrailError
from app.wire.openai.request import Limits, decode
from tests.gateways import Gateway


@pytest.fixture
def operation() -> Any:
    schema = Gateway().app.openapi_schema.to_schema()
    return schema["paths"]["/v1/chat/completions"]["post"]


def test_the_examples_of_requests_are_requests(operation: Any) -> None:
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    asked = [decode(json.dumps(example["value"]).encode(), Limits()) for example in examples.values()]
    assert [request.stream for request in asked] == [False, True]


def test_unknown_fields_are_allowed_in_a_request(operation: Any) -> None:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["model", "messages"]
    assert schema["additionalProperties"] is True


def test_both_forms_of_an_answer_are_described(operation: Any) -> None:
    assert operation["responses"]["200"]["content"].keys() == {"application/json", "text/event-stream"}


def test_every_error_is_described_with_an_example_in_openais_shape(operation: Any) -> None:
    described = {status: reply for status, reply in operation["responses"].items() if int(status) >= 300}
    statuses = {"400", "401", "404", "408", "413", "415", "446", "500", "502", "503", "504"}
    assert described.keys() == statuses
    for reply in described.values():
        for example in reply["content"]["application/json"]["examples"].values():
            assert example["value"]["error"].keys() >= {"message", "type"}  # litestar drops null


def test_the_example_of_an_error_is_what_its_class_answers(operation: Any) -> None:
    examples = {
        (int(status), name): example["value"]["error"]
        for status, reply in operation["responses"].items()
        for name, example in reply["content"]["application/json"]["examples"].items()
        if status not in {"200", "246", "446"}
    }
    assert len(examples) == 12
    for (status, name), shown in examples.items():
        kind: type[HandrailError] = getattr(errors, name)
        known = kind("x").body()["error"]
        assert (status, shown["type"], shown.get("code")) == (kind.status, known["type"], known["code"])


def test_the_example_of_a_block_names_the_guardrail_and_the_place(operation: Any) -> None:
    shown = operation["responses"]["446"]["content"]["application/json"]["examples"]["Blocked"]["value"]
    assert shown["error"] == {
        "message": "Blocked by guardrail 'no-secrets' (input): secrets/github_token at messages[0].content.",
        "type": "hooks_failed",
        "param": "messages[0].content",
        "code": "guardrail_blocked",
    }


def test_the_headers_a_caller_may_send_are_named(operation: Any) -> None:
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names == {
        "x-handrail-guardrails",
        "x-portkey-cache-force-refresh",
        "x-portkey-cache-namespace",
        "x-portkey-default-input-guardrails",
        "x-portkey-default-output-guardrails",
        "x-portkey-metadata",
        "x-portkey-trace-id",
        "traceparent",
    }

import json
from typing import Any

import pytest

from app.wire.openai_request import Limits, decode
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
    described = {status: reply for status, reply in operation["responses"].items() if status != "200"}
    assert described.keys() == {"400", "401", "404", "413", "415", "446", "502", "503", "504"}
    for reply in described.values():
        for example in reply["content"]["application/json"]["examples"].values():
            assert example["value"]["error"].keys() >= {"message", "type", "code"}  # litestar drops null


def test_the_headers_a_caller_may_send_are_named(operation: Any) -> None:
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names == {"x-handrail-guardrails", "x-portkey-metadata", "x-portkey-trace-id", "traceparent"}

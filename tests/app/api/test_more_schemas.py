import json
from typing import Any

import pytest

from app.api.exchange import PATHS
from app.domain.operation import Operation
from app.wire.openai.request import Limits, decode
from tests.gateways import Gateway

BOTH = pytest.mark.parametrize("operation", [Operation.COMPLETION, Operation.EMBEDDINGS])


def described(operation: Operation) -> Any:
    return Gateway().app.openapi_schema.to_schema()["paths"][PATHS[operation]]["post"]


@BOTH
def test_the_examples_of_requests_are_requests(operation: Operation) -> None:
    examples = described(operation)["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        assert decode(json.dumps(example["value"]).encode(), Limits(), operation).operation is operation


@BOTH
def test_unknown_fields_are_allowed_in_a_request(operation: Operation) -> None:
    assert described(operation)["requestBody"]["content"]["application/json"]["schema"][
        "additionalProperties"
    ]


def test_only_completions_stream() -> None:
    forms = {one: described(one)["responses"]["200"]["content"].keys() for one in PATHS}
    assert forms[Operation.COMPLETION] == {"application/json", "text/event-stream"}
    assert forms[Operation.EMBEDDINGS] == {"application/json"}

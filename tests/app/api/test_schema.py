from typing import Any

from app.api.exchange import PATHS
from tests.gateways import Gateway


def test_every_route_of_exchanges_is_described_alike() -> None:
    paths: Any = Gateway().app.openapi_schema.to_schema()["paths"]
    operations = [paths[path]["post"] for path in PATHS.values()]
    assert len({operation["operationId"] for operation in operations}) == len(PATHS)
    for operation in operations:
        assert operation["responses"].keys() >= {"200", "246", "400", "401", "446", "502", "503", "504"}
        assert {one["name"] for one in operation["parameters"]} >= {"x-handrail-guardrails", "traceparent"}

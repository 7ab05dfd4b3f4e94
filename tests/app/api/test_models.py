from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import pytest

from tests.gateways import Gateway


class Lister:
    slug = "fake"

    async def list_models(self) -> Sequence[Mapping[str, Any]]:
        return [{"id": "org/model-b", "created": 3, "owned_by": "org"}]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(models=("model-a",), listers=[Lister()])


async def test_models_are_listed_in_openais_shape(gateway: Gateway) -> None:
    async with gateway.client() as client:
        listed = (await client.get("/v1/models")).json()
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == [
        "@fake/model-a",
        "model-a",
        "@fake/org/model-b",
        "org/model-b",
    ]
    assert listed["data"][2] == {
        "id": "@fake/org/model-b",
        "object": "model",
        "created": 3,
        "owned_by": "org",
    }


@pytest.mark.parametrize("sent", ["@fake/org/model-b", "%40fake%2Forg%2Fmodel-b", "model-a"])
async def test_one_model_is_found_by_its_name_with_slashes(gateway: Gateway, sent: str) -> None:
    async with gateway.client() as client:
        assert (await client.get(f"/v1/models/{sent}")).json()["id"] == unquote(sent)


@pytest.mark.parametrize("name", ["@fake/nothing", "x" * 5_000])
async def test_an_unknown_model_is_a_404_about_the_model(gateway: Gateway, name: str) -> None:
    async with gateway.client() as client:
        reply = await client.get(f"/v1/models/{name}")
    assert reply.status_code == 404
    assert (reply.json()["error"]["param"], reply.json()["error"]["code"]) == ("model", "model_not_found")
    assert len(reply.content) < 500

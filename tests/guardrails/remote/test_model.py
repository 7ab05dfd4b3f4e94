"""A check names its model as one of the host's, or by the address of a server."""

import pytest

from guardrails.remote.completion import Said
from guardrails.remote.model import Model, ModelSettings
from guardrails.remote.service import UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.completions import completion

BODY = {"messages": [{"role": "user", "content": "hi"}]}


async def test_one_of_the_hosts_is_asked_by_its_name() -> None:
    service = Service(lambda _: completion("ok"))
    model = Model(ModelSettings(model="@openai/gpt-4.1-mini"), "judge", service.services)
    assert await model.say(BODY) == Said("ok")
    assert service.completions == [("@openai/gpt-4.1-mini", BODY)]


@pytest.mark.parametrize("url", ["http://guard/v1", "http://guard/v1/", "http://guard/v1/chat/completions"])
async def test_one_at_an_address_is_asked_there(url: str) -> None:
    service = Service(lambda _: completion("ok"))
    settings = ModelSettings(model="m", url=url, api_key="k", headers={"x-team": "a"})
    assert await Model(settings, "judge", service.services).say(BODY) == Said("ok")
    [request] = service.requests
    assert request.url == "http://guard/v1/chat/completions"
    assert (request.headers["authorization"], request.headers["x-team"]) == ("Bearer k", "a")
    assert service.questions == [{**BODY, "model": "m"}]


@pytest.mark.parametrize("settings", [ModelSettings(model="@a/b"), ModelSettings(model="b", url="http://a")])
async def test_a_model_that_says_nothing_is_an_error(settings: ModelSettings) -> None:
    with pytest.raises(UnsoundAnswer):
        await Model(settings, "judge", Service(lambda _: completion(None)).services).say(BODY)

"""Guardrails ask models by the providers there are, and what goes wrong is one word."""

from typing import Any

import pytest

from app.domain.errors import InvalidRequest, UpstreamBroken, UpstreamRefused, UpstreamTimeout
from app.domain.events import ChoiceFinished, Started, TextDelta, UsageReported
from app.routing.completion import Completions
from app.routing.resolve import Routes
from guardrails.remote.service import ServiceError, ServiceRefused, ServiceUnreachable, UnsoundAnswer
from tests.fakes import FakeProvider

BODY: dict[str, Any] = {"messages": [{"role": "user", "content": "Is this fine?"}], "temperature": 0}
SCRIPT = (
    Started({"id": "c1", "model": "m-1"}),
    TextDelta(0, "content", "un"),
    TextDelta(0, "content", "safe"),
    ChoiceFinished(0, "stop", {}),
    UsageReported({"total_tokens": 3}),
)


def completions(provider: FakeProvider) -> Completions:
    return Completions(Routes((provider,), {}))


async def test_a_completion_comes_whole() -> None:
    provider = FakeProvider(*SCRIPT)
    answer = await completions(provider)("@fake/guard", BODY)
    assert answer["choices"][0]["message"]["content"] == "unsafe"
    assert answer["usage"] == {"total_tokens": 3}
    ((request, model),) = provider.requests
    assert model == "guard"
    assert request.document == {**BODY, "model": "@fake/guard"}
    assert not request.stream
    assert provider.closed == 1


@pytest.mark.parametrize(
    ("error", "said", "is_outage"),
    [
        (UpstreamRefused("You said secret.", status=400), ServiceRefused, False),
        (UpstreamRefused("No.", status=503), ServiceRefused, True),
        (UpstreamTimeout("secret"), ServiceUnreachable, True),
        (UpstreamBroken("secret"), UnsoundAnswer, False),
        (InvalidRequest("secret"), ServiceError, False),
    ],
)
async def test_what_goes_wrong_is_one_word(
    error: Exception, said: type[ServiceError], is_outage: bool
) -> None:
    provider = FakeProvider(SCRIPT[0], SCRIPT[1], error)
    with pytest.raises(ServiceError) as caught:
        await completions(provider)("@fake/guard", BODY)
    assert type(caught.value) is said
    assert caught.value.is_outage == is_outage
    assert "secret" not in str(caught.value)
    assert provider.closed == 1


@pytest.mark.parametrize("model", ["@nobody/m", "@fake/", ""])
async def test_a_model_that_nobody_serves_is_an_error(model: str) -> None:
    with pytest.raises(ServiceError):
        await completions(FakeProvider(*SCRIPT))(model, BODY)

"""Remote checks get services that are connected later, and until then an error."""

import pytest

from app.configuration.reader import Source, configure
from app.configuration.services import LateServices
from guardrails.remote.service import Reply, Request, ServiceError
from tests.guardrails.remote.asked import Service

ASKED = Request("http://guard", b"{}")


async def test_before_they_are_connected_nobody_can_be_asked() -> None:
    services = LateServices().services
    with pytest.raises(ServiceError):
        await services.send(ASKED)
    with pytest.raises(ServiceError):
        await services.complete("m", {})
    assert services.reach is not None
    with pytest.raises(ServiceError):
        await services.reach("https://a.example/", resolve_only=True)


async def reached(url: str, *, resolve_only: bool) -> bool:
    return resolve_only and url == "https://a.example/"


async def test_then_those_are_asked_that_are_connected() -> None:
    late = LateServices()
    service = Service(lambda question: question)
    late.connect(service.send, service.complete, reached)
    assert await late.services.send(ASKED) == Reply(200, b"{}")
    assert await late.services.complete("m", {"messages": []}) == {"messages": []}
    assert late.services.reach is not None
    assert await late.services.reach("https://a.example/", resolve_only=True)
    assert (service.requests, service.completions) == ([ASKED], [("m", {"messages": []})])


def test_what_is_remembered_is_remembered_under_a_key_of_its_own() -> None:
    first, second = LateServices().services.key, LateServices().services.key
    assert len(first) == 32
    assert first != second


def test_a_configuration_has_those_that_its_checks_ask_by() -> None:
    text = "guardrails: {g: {checks: [{moderation: {api_key: '${KEY}'}}], action: block}}"
    configuration = configure(Source("handrail.yaml", text), {"KEY": "canary-1"})
    assert [check.kind for check in configuration.guardrails[0].checks] == ["moderation"]
    assert "canary-1" not in repr(configuration.guardrails)


def test_a_configuration_may_want_addresses_tried() -> None:
    text = "guardrails: {g: {checks: [{default.validUrls: {onlyDNS: true}}], action: flag}}"
    configuration = configure(Source("handrail.yaml", text), {})
    assert [check.kind for check in configuration.guardrails[0].checks] == ["default.validUrls"]

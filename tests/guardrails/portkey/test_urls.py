"""Somebody is at every address, and nobody learns what stands behind a question mark."""

import pytest

from guardrails.config import ConfigError
from guardrails.portkey.urls import MAX_URLS, ValidUrls, valid_urls
from guardrails.remote.service import Services
from tests.guardrails.portkey.subjects import answered
from tests.guardrails.remote.asked import KEY, Service


class Net:
    """A net in which some addresses are there."""

    def __init__(self, *there: str) -> None:
        self.there = there
        self.tried: list[tuple[str, bool]] = []

    async def reach(self, url: str, *, resolve_only: bool) -> bool:
        self.tried.append((url, resolve_only))
        return url in self.there

    def check(self, **config: object) -> ValidUrls:
        service = Service()
        return valid_urls(config, "p", Services(service.send, service.complete, KEY, self.reach))


async def holds(check: ValidUrls, text: str) -> bool:
    return not await check.consider(answered(text))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("see https://a.example/x.", True),
        ("see [a](https://a.example/x) and <https://a.example/x>", True),
        ("see https://a.example/x and https://b.example/", False),
        ("no address", False),
        ("", False),
        ("https://a.example:99999/", False),
        ("https://[", False),
    ],
)
async def test_every_address_is_tried(text: str, valid: bool) -> None:
    net = Net("https://a.example/x")
    assert await holds(net.check(), text) is valid


async def test_not_turns_the_verdict_round_where_there_is_an_address() -> None:
    net = Net("https://a.example/")
    assert not await holds(net.check(**{"not": True}), "https://a.example/")
    assert await holds(net.check(**{"not": True}), "https://b.example/")
    assert not await holds(net.check(**{"not": True}), "no address")


async def test_nothing_of_the_text_but_the_path_is_sent() -> None:
    net = Net("https://a.example/x")
    assert await holds(net.check(onlyDNS=True), "https://a.example/x?q=secret#secret")
    assert net.tried == [("https://a.example/x", True)]


async def test_no_more_than_a_few_are_tried() -> None:
    net = Net()
    assert not await holds(net.check(), " ".join(f"https://a.example/{i}" for i in range(MAX_URLS + 1)))
    assert net.tried == []


def test_where_nobody_may_try_addresses_it_cannot_be_had() -> None:
    service = Service()
    with pytest.raises(ConfigError, match=r"^p: tries addresses"):
        valid_urls({}, "p", Services(service.send, service.complete, KEY))

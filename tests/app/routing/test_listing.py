import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.domain.errors import UpstreamUnreachable
from app.routing import listing as module
from app.routing.listing import Listing
from app.routing.resolve import Routes
from tests.fakes import FakeLog, FakeProvider


class Upstream(FakeProvider):
    """Lists models, or fails, or never answers; counts how often it was questions."""

    def __init__(self, slug: str, listed: Sequence[Mapping[str, Any]] | Exception | None) -> None:
        super().__init__()
        self.slug = slug
        self.listed = listed
        self.questions = 0

    async def list_models(self) -> Sequence[Mapping[str, Any]]:
        self.questions += 1
        await asyncio.sleep(0 if self.listed is not None else 30)
        if isinstance(self.listed, Exception):
            raise self.listed
        return self.listed or ()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def listing_of(
    *upstreams: Upstream, models: dict[str, tuple[str, ...]] | None = None
) -> tuple[Listing, FakeLog, Clock]:
    log, clock = FakeLog(), Clock()
    routes = Routes(upstreams, models or {})
    return Listing(upstreams, models or {}, routes, log, clock), log, clock


async def ids(listing: Listing) -> list[str]:
    return [model.id for model in await listing.models()]


async def test_models_of_all_upstreams_are_listed_by_address() -> None:
    listing, _, _ = listing_of(Upstream("a", [{"id": "m1"}, {"id": "org/m2"}]), Upstream("b", [{"id": "m1"}]))
    assert await ids(listing) == ["@a/m1", "@a/org/m2", "@b/m1"]


async def test_a_bare_name_is_listed_where_it_would_be_understood() -> None:
    listing, _, _ = listing_of(
        Upstream("a", [{"id": "other"}]), Upstream("b", []), models={"a": ("mine", "ours"), "b": ("ours",)}
    )
    assert await ids(listing) == ["@a/mine", "mine", "@a/ours", "@a/other", "@b/ours"]


async def test_a_bare_name_is_that_of_the_provider_it_would_go_to() -> None:
    listing, _, _ = listing_of(Upstream("a", [{"id": "mine"}]), Upstream("b", []), models={"b": ("mine",)})
    owners = {model.id: model.owned_by for model in await listing.models()}
    assert owners == {"@a/mine": "a", "@b/mine": "b", "mine": "b"}


async def test_an_upstream_that_fails_costs_only_its_own_models() -> None:
    broken = Upstream("a", UpstreamUnreachable("refused"))
    listing, log, _ = listing_of(broken, Upstream("b", [{"id": "m"}]), models={"a": ("mine",)})
    assert await ids(listing) == ["@a/mine", "mine", "@b/m"]
    assert log.lines == [("warning", "models_not_listed", {"provider": "a", "error": "upstream_unreachable"})]


async def test_an_upstream_that_does_not_answer_costs_only_its_own_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT_S", 0.02)
    listing, log, _ = listing_of(Upstream("a", None), Upstream("b", [{"id": "m"}]))
    assert await ids(listing) == ["@b/m"]
    assert log.lines[0][2] == {"provider": "a", "error": "timeout"}


@pytest.mark.parametrize("entry", [{}, {"id": 7}, {"id": None}])
async def test_an_entry_without_a_name_is_left_out(entry: dict[str, Any]) -> None:
    listing, _, _ = listing_of(Upstream("a", [entry, {"id": "m", "created": "?", "owned_by": 3}]))
    assert [(one.id, one.created, one.owned_by) for one in await listing.models()] == [
        ("@a/m", 0, "a"),
        ("m", 0, "a"),
    ]


async def test_the_list_is_made_once_for_all_who_ask_at_the_same_time() -> None:
    upstream = Upstream("a", [{"id": "m"}])
    listing, _, _ = listing_of(upstream)
    await asyncio.gather(*(listing.models() for _ in range(20)))
    assert upstream.questions == 1


async def test_the_list_is_kept_for_half_a_minute() -> None:
    upstream = Upstream("a", [{"id": "m"}])
    listing, _, clock = listing_of(upstream)
    for later, questions in ((0, 1), (29.9, 1), (0.2, 2), (29.9, 2)):
        clock.now += later
        await listing.models()
        assert upstream.questions == questions


async def test_an_incomplete_list_is_kept_for_a_shorter_time() -> None:
    upstream = Upstream("a", UpstreamUnreachable("refused"))
    listing, _, clock = listing_of(upstream)
    for later, questions in ((0, 1), (4.9, 1), (0.2, 2)):
        clock.now += later
        await listing.models()
        assert upstream.questions == questions


async def test_a_caller_who_leaves_does_not_spoil_the_list_for_others() -> None:
    upstream = Upstream("a", None)
    listing, _, _ = listing_of(upstream)
    first = asyncio.ensure_future(listing.models())
    await asyncio.sleep(0.01)
    first.cancel()
    upstream.listed = [{"id": "m"}]
    assert await ids(listing) == ["@a/m", "m"]

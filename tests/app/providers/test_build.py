import typing

import httpx

from app.providers.build import KINDS, build
from app.settings import ProviderSettings


def test_every_kind_that_can_be_configured_has_an_adapter() -> None:
    kinds = typing.get_args(typing.get_type_hints(ProviderSettings)["kind"])
    assert set(kinds) == set(KINDS)
    for kind in kinds:
        built = build("up", ProviderSettings(kind=kind), httpx.MockTransport(lambda _: httpx.Response(200)))
        assert (built.slug, built.kind) == ("up", kind)

import json
from typing import Any

import pytest

from app.domain.errors import InvalidRequest, UnknownModel
from app.domain.exchange import ANONYMOUS, Caller
from app.domain.model_request import ModelRequest
from app.routing.outcome import Outcome
from app.routing.way import Hop, Route
from app.routing.wish import NO_WISH, Wish
from tests.fakes import FakeProvider, router_of


class Other(FakeProvider):
    slug = "other"
    kind = "anthropic"


FAKE, OTHER = FakeProvider(), Other()
FALLBACK = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "@fake"}, {"provider": "@other"}]}
ROUTER = router_of(FAKE, OTHER, prod=FALLBACK)


def route(model: str = "@fake/m", wish: Wish = NO_WISH, caller: Caller = ANONYMOUS, **metadata: Any) -> Route:
    request = ModelRequest({"model": model, "messages": []}, model)
    return ROUTER.route(request, caller, wish, metadata, "/v1/chat/completions")


def first(*arguments: Any, **named: Any) -> Hop:
    hop = route(*arguments, **named).next()
    assert hop is not None
    return hop


def sent(config: dict[str, Any]) -> Wish:
    return Wish(config=json.dumps(config))


def test_without_a_config_the_model_says_it_all() -> None:
    hop = first("@other/claude")
    assert (hop.target.provider, hop.target.model) == (OTHER, "claude")
    with pytest.raises(UnknownModel):
        route("@nobody/m")


@pytest.mark.parametrize("name", ["other", "@other", "anthropic"])
def test_a_provider_may_be_named_by_header_or_by_its_kind(name: str) -> None:
    hop = first("m", Wish(provider=name))
    assert (hop.target.provider, hop.target.model) == (OTHER, "m")


def test_a_saved_config_is_taken_by_its_name() -> None:
    way = route("m-1", Wish(config="prod"))
    hops = [way.next(), way.next(Outcome(status=500)), way.next(Outcome(status=500))]
    assert [hop and hop.target.provider for hop in hops] == [FAKE, OTHER, None]
    assert all(hop is None or not hop.is_callers for hop in hops)


def test_a_config_that_is_sent_is_the_callers_own() -> None:
    hop = first("m", sent({"provider": "@other", "override_params": {"model": "x", "top_p": 1}}))
    assert (hop.target.provider, hop.target.model, hop.is_callers) == (OTHER, "x", True)
    assert hop.params.applied({"a": 1}) == {"a": 1, "top_p": 1}


def test_a_key_binds_its_config() -> None:
    bound = Caller(name="team", config="prod")
    assert first("m", caller=bound).path == "config.targets[0]"
    with pytest.raises(InvalidRequest, match="bound to the config 'prod'"):
        route("m", sent({"provider": "@other"}), bound)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (Wish(config="nobody"), "No config is named 'nobody'; there are: prod"),
        (Wish(config="{"), "config"),
        (sent({"provider": "@nobody"}), "config"),
        (sent({"provider": "@fake", "api_key": "sk-hunter2"}), "not allowed here"),
        (sent({"provider": "@fake", "custom_host": "http://169.254.169.254"}), "not allowed here"),
        (sent({"provider": "@fake", "aws_region": "us-east-1"}), "not allowed here"),
        (sent({"provider": "@fake", "input_guardrails": [{"default.regexMatch": {}}]}), "guardrails"),
        (Wish(provider="nobody"), "No provider is named 'nobody'; there are: fake, other"),
    ],
)
def test_what_cannot_be_used_is_the_callers_error(wish: Wish, says: str) -> None:
    with pytest.raises(InvalidRequest, match="(?i)" + says[:20].replace("(", ".")) as caught:
        route("m", wish)
    assert caught.value.param == "x-portkey-config"
    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)

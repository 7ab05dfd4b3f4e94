"""Addresses, keys and headers are the operator's and must be usable; answers must have the right shape."""

import json

import msgspec
import pytest

from guardrails.decoding import ConfigError
from guardrails.remote.endpoint import Endpoint
from guardrails.remote.service import ServiceRefused, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings
from tests.guardrails.remote.asked import Answer, Service


class Said(msgspec.Struct):
    score: float


def endpoint(service: Service, route: str = "", **settings: object) -> Endpoint:
    given = msgspec.convert({"url": "http://guard:8000", **settings}, ServiceSettings)
    return Endpoint(given, "here", service.send, route=route)


def answering(answer: object, status: int = 200) -> Service:
    says: Answer = lambda _: answer  # noqa: E731 (a function in one line)
    return Service(says, status)


async def test_a_question_is_json_by_post_with_the_key_and_the_headers() -> None:
    service = answering({"score": 0.5, "more": []})
    one = endpoint(service, api_key="k-1", headers={"X-Team": "red", "Accept": "text/json"})
    assert await one.ask({"text": "é"}, Said) == Said(0.5)
    (request,) = service.requests
    assert (request.method, request.url, request.aws) == ("POST", "http://guard:8000/", None)
    assert json.loads(request.body) == {"text": "é"}
    assert request.headers == {
        "content-type": "application/json",
        "accept": "text/json",
        "authorization": "Bearer k-1",
        "x-team": "red",
    }


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://guard", "http://guard/v2/ask"),
        ("http://guard/", "http://guard/v2/ask"),
        ("http://guard/base/", "http://guard/base/v2/ask"),
        ("https://guard:1/base/v2/ask", "https://guard:1/base/v2/ask"),
        ("https://guard/v2/ask?code=1", "https://guard/v2/ask?code=1"),
        ("http://[::1]:9", "http://[::1]:9/v2/ask"),
    ],
)
async def test_the_route_stands_behind_the_address_once(url: str, asked: str) -> None:
    service = answering({"score": 1})
    await endpoint(service, "/v2/ask", url=url).ask({}, Said)
    assert service.requests[0].url == asked


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"url": "guard:8000"}, "here.url"),
        ({"url": "ftp://guard"}, "here.url"),
        ({"url": "http://"}, "here.url"),
        ({"url": "http://guard:99999"}, "here.url"),
        ({"url": "http://me:pw-1@guard"}, "here.url"),
        ({"url": "http://guard/ a"}, "here.url"),
        ({"url": "http://guard/#a"}, "here.url"),
        ({"api_key": "pw-1\r\nx: y"}, "here.api_key"),
        ({"api_key": ""}, "here.api_key"),
        ({"headers": {"x": "pw-1\n"}}, "here.headers.x"),
        ({"headers": {"x y": "1"}}, "here.headers"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_showing_it(settings: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        endpoint(Service(), "", **settings)
    assert caught.value.path == path
    assert "pw-1" not in str(caught.value)


@pytest.mark.parametrize("status", [100, 199, 300, 302, 304, 400, 404, 429, 500, 503])
async def test_only_a_success_is_an_answer(status: int) -> None:
    with pytest.raises(ServiceRefused) as caught:
        await endpoint(answering({"score": 0.5}, status)).ask({}, Said)
    assert caught.value.status == status
    assert caught.value.is_outage == (status in {429, 500, 503})


@pytest.mark.parametrize(
    "junk",
    [b"", b"<html>secret</html>", b'{"score": "secret"}', b'{"secret": 1}', b"[]", b"\xff\xfe", b"null",
     b'{"score": 0.5} secret', b"[" * 100_000],
)  # fmt: skip
async def test_junk_is_no_answer_and_is_not_quoted(junk: bytes) -> None:
    with pytest.raises(UnsoundAnswer) as caught:
        await endpoint(answering(junk)).ask({}, Said)
    assert "secret" not in str(caught.value)


async def test_a_lone_surrogate_is_sent_as_what_can_be_sent() -> None:
    service = answering({"score": 0.5})
    await endpoint(service).ask({"text": "a\ud800é"}, Said)
    assert service.questions == [{"text": "a\ufffdé"}]

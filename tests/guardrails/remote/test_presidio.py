"""Presidio's analyzer is asked about passages; what it finds stands where it says, in code points."""

from collections.abc import Sequence
from typing import Any

import pytest

from guardrails import Checks, Engine, Part, RemoteCheck, guardrail
from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError
from guardrails.remote import presidio
from guardrails.remote.service import ServiceRefused, UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.wire import Wrong, asked, services
from tests.upstreams import Received, Upstream

TEXT = "😀 Zoë met Ann in Oslo."
NAMES = {"Zoë": "PERSON", "Ann": "PERSON", "Oslo": "LOCATION"}


def analyzer(request: Received, body: Any) -> Any:
    """Answer as the analyzer does: it knows three names, and English only."""
    if (request.method, request.target) != ("POST", "/analyze"):
        raise Wrong(404)
    if body["language"] != "en" or not body["text"]:
        raise Wrong(500)
    wanted = body.get("entities", ["PERSON", "LOCATION"])
    return [
        {"entity_type": kind, "start": place, "end": place + len(name), "score": score,
         "analysis_explanation": None, "recognition_metadata": {"recognizer_name": "SpacyRecognizer"}}
        for (name, kind), score in zip(NAMES.items(), (0.85, 0.4, 0.85), strict=True)
        if kind in wanted and score >= body["score_threshold"] and (place := body["text"].find(name)) >= 0
    ]  # fmt: skip


async def judged(text: str = TEXT, **config: object) -> Sequence[Match]:
    async with Upstream(asked(analyzer), path="") as upstream, services() as there:
        check = presidio.build({"url": upstream.base_url, **config}, "presidio", there)
        assert isinstance(check, RemoteCheck)
        return await check.judge(Passage(text, Part("messages[0].content", text)))


async def test_what_is_found_stands_where_it_says() -> None:
    found = await judged()
    assert [(match.rule, TEXT[match.start : match.end], match.score) for match in found] == [
        ("person", "Zoë", 0.85),
        ("location", "Oslo", 0.85),
    ]


async def test_a_threshold_and_entities_are_asked_for() -> None:
    assert len(await judged(threshold=0.3)) == 3
    assert [match.rule for match in await judged(entities=["LOCATION"])] == ["location"]


async def test_a_finding_below_the_threshold_does_not_count_whatever_is_answered() -> None:
    found = {"entity_type": "PERSON", "start": 0, "end": 3, "score": 0.1}
    check = presidio.build({"url": "http://p"}, "presidio", Service(lambda _: [found]).services)
    assert await check.judge(Passage("Ann", Part("a", "Ann"))) == ()


async def test_a_language_that_it_does_not_know_is_an_error() -> None:
    with pytest.raises(ServiceRefused):
        await judged(language="tlh")


async def test_a_blank_text_is_not_sent() -> None:
    assert await judged(" \n", url="http://127.0.0.1:1") == ()


async def test_names_in_a_request_are_redacted() -> None:
    async with Upstream(asked(analyzer), path="") as upstream, services() as there:
        spec = {"checks": [{"presidio": {"url": upstream.base_url}}], "action": "redact"}
        engine = Engine([guardrail("names", spec, checks=Checks(there))], b"key of the tests")
        screening = await engine.screen([Part("messages[0].content", TEXT)])
    assert screening.redacted == {"messages[0].content": "😀 [PERSON] met Ann in [LOCATION]."}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"error": "no"},
        [{"entity_type": "PERSON", "start": 0}],
        [{"entity_type": "PERSON", "start": 2, "end": 99, "score": 1}],
        [{"entity_type": "PERSON", "start": -1, "end": 2, "score": 1}],
        [{"entity_type": "PERSON", "start": 2, "end": 2, "score": 1}],
        [{"entity_type": "PERSON", "start": 0.5, "end": 2, "score": 1}],
    ],
)
async def test_an_answer_of_another_shape_is_an_error(said: Any) -> None:
    check = presidio.build({"url": "http://p"}, "presidio", Service(lambda _: said).services)
    with pytest.raises(UnsoundAnswer):
        await check.judge(Passage(TEXT, Part("a", TEXT)))


@pytest.mark.parametrize(
    ("config", "path"),
    [({}, "p"), ({"url": "http://p", "entities": []}, "p.entities"), ({"url": "p"}, "p.url")],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        presidio.build(config, "p", Service().services)
    assert caught.value.path == path

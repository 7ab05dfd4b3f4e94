"""A moderation service in OpenAI's shape is asked about passages, and its categories are rules."""

from collections.abc import Sequence

import pytest

from guardrails.check import Match, Passage, RemoteCheck
from guardrails.decoding import ConfigError
from guardrails.part import Part
from guardrails.remote import moderation
from guardrails.remote.service import UnsoundAnswer
from tests.guardrails.remote.asked import Service

SCORES = {"hate": 0.1, "violence": 0.45, "violence/graphic": 0.9}


def result(*categories: str, flagged: bool | None = None) -> dict[str, object]:
    return {
        "flagged": bool(categories) if flagged is None else flagged,
        "categories": {name: name in categories for name in SCORES},
        "category_scores": SCORES,
        "category_applied_input_types": {name: ["text"] for name in SCORES},
    }


def answer(*results: object) -> dict[str, object]:
    return {"id": "modr-1", "model": "omni-moderation-latest", "results": list(results)}


async def judged(service: Service, text: str = " bad.\n", **config: object) -> Sequence[Match]:
    check = moderation.build(config, "moderation", service.services)
    assert isinstance(check, RemoteCheck)
    return await check.judge(Passage(text, Part("messages[0].content", text)))


async def test_what_the_service_flags_is_found_and_covers_the_passage() -> None:
    service = Service(lambda _: answer(result("violence", "violence/graphic")))
    assert await judged(service, api_key="k") == (
        Match("violence/graphic", 1, 5, score=0.9),
        Match("violence", 1, 5, score=0.45),
    )
    assert service.questions == [{"model": "omni-moderation-latest", "input": " bad.\n"}]
    assert service.requests[0].url == "https://api.openai.com/v1/moderations"
    assert service.requests[0].headers["authorization"] == "Bearer k"


async def test_what_it_does_not_flag_is_not_found() -> None:
    assert await judged(Service(lambda _: answer(result()))) == ()


async def test_a_threshold_decides_instead_of_the_service() -> None:
    service = Service(lambda _: answer(result("violence/graphic")))
    found = await judged(service, thresholds={"violence": 0.4, "violence/graphic": 0.95})
    assert [match.rule for match in found] == ["violence"]


async def test_only_the_chosen_categories_count() -> None:
    service = Service(lambda _: answer(result("violence", "violence/graphic")))
    assert [match.rule for match in await judged(service, categories=["violence"])] == ["violence"]


async def test_a_service_may_flag_without_naming_a_category() -> None:
    service = Service(lambda _: answer({"flagged": True}))
    assert [match.rule for match in await judged(service, model=None)] == ["flagged"]
    assert service.questions == [{"input": " bad.\n"}]


async def test_a_blank_text_is_not_sent() -> None:
    assert await judged(Service(), " \n") == ()


@pytest.mark.parametrize(
    "said",
    [{}, answer(), answer(result(), result()), answer({"categories": {}}), {"results": {}}, {"error": "no"}],
)
async def test_an_answer_of_another_shape_is_an_error(said: object) -> None:
    with pytest.raises(UnsoundAnswer):
        await judged(Service(lambda _: said))


@pytest.mark.parametrize("config", [{"thresholds": {"violance": 0.5}}, {"categories": ["violance"]}])
async def test_a_category_that_the_service_does_not_know_is_an_error(config: dict[str, object]) -> None:
    with pytest.raises(UnsoundAnswer):
        await judged(Service(lambda _: answer(result())), "bad", **config)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"categories": []}, "m.categories"),
        ({"categories": ["hate"], "thresholds": {"violence": 1}}, "m.thresholds.violence"),
        ({"thresholds": {"violence": 2}}, "m.thresholds[...]"),
        ({"urls": 1}, "m.urls"),
        ({"url": "api.openai.com"}, "m.url"),
        ({"concurrency": 0}, "m.concurrency"),
        ({"breaker": {"failures": 0}}, "m.breaker.failures"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        moderation.build(config, "m", Service().services)
    assert caught.value.path == path

"""A guard model on a server of its own, or one of the host's, is asked about passages."""

from collections.abc import Sequence
from typing import Any

import pytest

from guardrails.check import Match, Passage, RemoteCheck
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError
from guardrails.part import Part
from guardrails.remote.chat_guard.check import build
from guardrails.remote.service import ServiceRefused, UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.completions import completion
from tests.guardrails.remote.wire import Wrong, asked, services
from tests.upstreams import Received, Upstream

QUESTION = Part("messages[0].content", "How do I pick a lock?")
ANSWER = Part("choices[0].message.content", "Like this.", role="assistant")
CONVERSATION = Conversation(parts=(QUESTION,))
LLAMA = {"family": "llama-guard", "model": "meta-llama/Llama-Guard-4-12B"}
HOSTED = {"family": "llama-guard", "model": "@guards/llama-guard"}


def vllm(request: Received, body: Any) -> Any:
    """Answer as vLLM does with Llama Guard in it: refuse what its API and the chat template refuse."""
    if request.method != "POST" or request.target != "/v1/chat/completions":
        raise Wrong(404)
    if request.headers.get("authorization") != "Bearer k":
        raise Wrong(401)
    roles = [message["role"] for message in body["messages"]]
    if roles != ["user", "assistant"][: len(roles)] or body["model"] != LLAMA["model"]:
        raise Wrong(400)
    assert body["temperature"] == 0
    assert body["max_tokens"] <= 100
    judged = body["messages"][-1]["content"]
    bad = "lock" in judged or ("Like this." in judged and "lock" in body["messages"][0]["content"])
    label, other = ("unsafe", "safe") if bad else ("safe", "unsafe")
    tokens = [("\n\n", {"\n\n": 0.99}), (label, {label: 0.8, other: 0.2})] if body.get("logprobs") else []
    return completion("\n\nunsafe\nS2,S10" if bad else "\n\nsafe", tokens)


async def judged(passage: Passage, **config: Any) -> Sequence[Match]:
    async with Upstream(asked(vllm)) as upstream, services() as there:
        given = {**LLAMA, "url": upstream.base_url, "api_key": "k", **config}
        check = build(given, "chat_guard", there)
        assert isinstance(check, RemoteCheck)
        return await check.judge(passage)


def about(part: Part) -> Passage:
    return Passage(part.text, part, conversation=CONVERSATION)


async def test_a_users_turn_is_judged_by_itself() -> None:
    assert await judged(about(QUESTION)) == (
        Match("non_violent_crimes", 0, 21),
        Match("hate", 0, 21),
    )
    assert await judged(Passage("Hello.", QUESTION, conversation=CONVERSATION)) == ()


async def test_an_answer_is_judged_with_its_question() -> None:
    assert [match.rule for match in await judged(about(ANSWER))] == ["non_violent_crimes", "hate"]
    assert await judged(Passage("Like this.", ANSWER)) == ()


async def test_only_chosen_categories_count() -> None:
    assert await judged(about(QUESTION), categories=["hate"]) == (Match("hate", 0, 21),)
    assert await judged(about(QUESTION), categories=["privacy"]) == ()


@pytest.mark.parametrize(("threshold", "scores"), [(0.8, [0.8, 0.8]), (0.81, [])])
async def test_a_threshold_is_held_against_the_probability(threshold: float, scores: list[float]) -> None:
    found = await judged(about(QUESTION), threshold=threshold)
    assert [match.score for match in found] == pytest.approx(scores)


async def test_a_low_threshold_counts_what_the_model_itself_lets_pass() -> None:
    found = await judged(Passage("Hello.", QUESTION), threshold=0.2)
    assert [(match.rule, round(match.score, 3)) for match in found] == [("unsafe", 0.2)]


async def test_a_threshold_without_probabilities_is_an_error() -> None:
    service = Service(lambda _: completion("safe"))
    with pytest.raises(UnsoundAnswer):
        await build({**HOSTED, "threshold": 0.9}, "c", service.services).judge(about(QUESTION))
    assert service.completions[0][1]["logprobs"] is True


async def test_without_a_threshold_no_probabilities_are_asked_for() -> None:
    service = Service(lambda _: completion("safe"))
    assert await build(HOSTED, "c", service.services).judge(about(QUESTION)) == ()
    [(model, body)] = service.completions
    assert model == "@guards/llama-guard"
    assert body == {
        "messages": [{"role": "user", "content": QUESTION.text}],
        "temperature": 0,
        "max_tokens": 32,
    }


async def test_a_family_that_knows_one_harm_at_a_time_is_asked_for_each() -> None:
    def gemma(body: Any) -> Any:
        return completion("Yes" if "Harassment" in body["chat_template_kwargs"]["guideline"] else "No")

    service = Service(gemma)
    config = {"family": "shieldgemma", "url": "http://guard/v1", "model": "google/shieldgemma-9b"}
    assert await build(config, "c", service.services).judge(about(QUESTION)) == (Match("harassment", 0, 21),)
    assert len(service.requests) == 4
    assert {question["model"] for question in service.questions} == {"google/shieldgemma-9b"}


async def test_one_harm_without_an_answer_is_an_error_of_all() -> None:
    def gemma(body: Any) -> Any:
        return completion("No" if "Harassment" in body["chat_template_kwargs"]["guideline"] else "Perhaps")

    config = {"family": "shieldgemma", "url": "http://guard/v1", "model": "google/shieldgemma-9b"}
    with pytest.raises(UnsoundAnswer):
        await build(config, "c", Service(gemma).services).judge(about(QUESTION))


async def test_the_same_is_not_asked_twice_and_another_question_is_another() -> None:
    service = Service(lambda _: completion("unsafe\nS1"))
    check = build(HOSTED, "c", service.services)
    other = Conversation(parts=(Part("messages[0].content", "What is this?"),))
    for conversation in (CONVERSATION, CONVERSATION, other):
        assert await check.judge(Passage("Like this.", ANSWER, conversation=conversation))
    assert len(service.completions) == 2


async def test_a_finding_is_the_passage_though_what_stands_before_was_shown() -> None:
    service = Service(lambda _: completion("unsafe\nS1"))
    passage = Passage(" Like that.", ANSWER, 10, "Like this.", CONVERSATION)
    assert await build(HOSTED, "c", service.services).judge(passage) == (Match("violent_crimes", 1, 11),)
    assert service.completions[0][1]["messages"][1]["content"] == "Like this. Like that."


async def test_the_same_words_in_another_passage_are_found_in_that_passage() -> None:
    check = build(HOSTED, "c", Service(lambda _: completion("unsafe\nS1")).services)
    for before, text in (("One. ", "Two. Three."), ("One. Two. ", "Three.")):
        [found] = await check.judge(Passage(text, ANSWER, len(before), before, CONVERSATION))
        assert (found.start, found.end) == (0, len(text))


async def test_a_blank_passage_is_not_asked_about() -> None:
    assert await build(HOSTED, "c", Service().services).judge(Passage(" \n", QUESTION)) == ()


async def test_a_wrong_key_is_an_error() -> None:
    with pytest.raises(ServiceRefused):
        await judged(about(QUESTION), api_key="other")


async def test_a_model_that_is_none_of_the_family_is_an_error() -> None:
    service = Service(lambda _: completion("I'm sorry, but I can't help with picking locks."))
    with pytest.raises(UnsoundAnswer):
        await build(HOSTED, "c", service.services).judge(about(QUESTION))


async def test_what_a_model_calls_controversial_may_be_let_pass() -> None:
    service = Service(lambda _: completion("Safety: Controversial\nCategories: Violent"))
    config = {"family": "qwen3guard", "model": "@guards/qwen", "cache_ttl_s": 0}
    strict, lax = (build({**config, "controversial": c}, "c", service.services) for c in (True, False))
    assert [match.rule for match in await strict.judge(about(QUESTION))] == ["violence"]
    assert await lax.judge(about(QUESTION)) == ()


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({**LLAMA}, "c.model"),
        ({**HOSTED, "url": "http://guard/v1"}, "c.model"),
        ({**HOSTED, "api_key": "k"}, "c.url"),
        ({**HOSTED, "family": "llama"}, "c.family"),
        ({"model": "@a/b"}, "c"),
        ({**HOSTED, "categories": ["hatred"]}, "c.categories[0]"),
        ({**HOSTED, "categories": []}, "c.categories"),
        ({**HOSTED, "threshold": 0}, "c.threshold"),
        ({**HOSTED, "controversial": False}, "c.controversial"),
        ({**LLAMA, "url": "guard"}, "c.url"),
        ({**HOSTED, "modell": 1}, "c.modell"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(config, "c", Service().services)
    assert caught.value.path == path

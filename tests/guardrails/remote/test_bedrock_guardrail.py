"""A guardrail of Bedrock is asked by ApplyGuardrail; botocore judges what is sent and what is answered."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from guardrails.check import Match, Passage, RemoteCheck
from guardrails.decoding import ConfigError
from guardrails.part import Part
from guardrails.remote.bedrock_guardrail import build
from guardrails.remote.service import ServiceRefused, UnsoundAnswer
from tests.bedrock_model import operation
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.wire import asked, services
from tests.upstreams import Received, Upstream

CONFIG = {"guardrail": "gr7xq1t0abcd", "version": "3", "region": "eu-central-1"}
ARN = "arn:aws:bedrock:eu-central-1:123456789012:guardrail/gr7xq1t0abcd"
USER = Part("messages[0].content", "", role="user")
ASSISTANT = Part("choices[0].message.content", "", role="assistant")
USAGE = {
    "topicPolicyUnits": 1,
    "contentPolicyUnits": 1,
    "wordPolicyUnits": 1,
    "sensitiveInformationPolicyUnits": 1,
    "sensitiveInformationPolicyFreeUnits": 0,
    "contextualGroundingPolicyUnits": 0,
}
TEXT = "Write to ann@x.org, or ANN@X.ORG about stocks, damn."


def intervened(**policies: object) -> dict[str, Any]:
    """Return an answer of the service, once botocore has found it to be one."""
    answer = {
        "usage": USAGE,
        "action": "GUARDRAIL_INTERVENED",
        "outputs": [{"text": "No."}],
        "assessments": [policies],
    }
    return _as_the_service_writes(answer)


def passed() -> dict[str, Any]:
    return _as_the_service_writes({"usage": USAGE, "action": "NONE", "outputs": [], "assessments": []})


def _as_the_service_writes(answer: dict[str, Any]) -> dict[str, Any]:
    shape = operation("ApplyGuardrail").output_shape
    assert not ParamValidator().validate(answer, shape).has_errors()
    response = {"status_code": 200, "headers": {}, "body": json.dumps(answer).encode()}
    parsed = create_parser("rest-json").parse(response, shape)
    del parsed["ResponseMetadata"]
    assert parsed == answer
    return answer


async def judged(answer: object, text: str = TEXT, part: Part = USER, **config: object) -> Sequence[Match]:
    service = Service(lambda _: answer)
    return await build({**CONFIG, **config}, "b", service.services).judge(Passage(text, part))


def texts(found: Sequence[Match], text: str = TEXT) -> list[tuple[str, str]]:
    return [(match.rule, text[match.start : match.end]) for match in found]


@pytest.mark.parametrize(
    ("part", "guardrail", "source"), [(USER, "gr7xq1t0abcd", "INPUT"), (ASSISTANT, ARN, "OUTPUT")]
)
async def test_it_is_asked_as_botocore_would_ask_it(part: Part, guardrail: str, source: str) -> None:
    service = Service(lambda _: passed())
    check = build({**CONFIG, "guardrail": guardrail}, "b", service.services)
    assert isinstance(check, RemoteCheck)
    assert await check.judge(Passage(TEXT, part)) == ()
    [request] = service.requests
    called = operation("ApplyGuardrail")
    params = {
        "guardrailIdentifier": guardrail,
        "guardrailVersion": "3",
        "source": source,
        "content": [{"text": {"text": TEXT}}],
    }
    assert not ParamValidator().validate(params, called.input_shape).has_errors()
    written = create_serializer("rest-json").serialize_to_request(params, called)
    assert request.url == f"https://bedrock-runtime.eu-central-1.amazonaws.com{written['url_path']}"
    assert json.loads(request.body) == json.loads(written["body"])
    assert request.method == written["method"]


async def test_it_is_signed_for_bedrock_in_its_region() -> None:
    service = Service(lambda _: passed())
    await build(CONFIG, "b", service.services).judge(Passage("x", USER))
    [request] = service.requests
    assert request.aws == (operation("ApplyGuardrail").service_model.signing_name, "eu-central-1")
    assert "authorization" not in request.headers


async def test_entities_stand_where_their_words_stand() -> None:
    entities = [
        {"match": "ann@x.org", "type": "EMAIL", "action": "ANONYMIZED"},
        {"match": "ANN@X.ORG", "type": "EMAIL", "action": "ANONYMIZED"},
    ]
    regexes = [{"name": "stock word", "match": "stocks", "regex": "stocks?", "action": "BLOCKED"}]
    found = await judged(intervened(sensitiveInformationPolicy={"piiEntities": entities, "regexes": regexes}))
    assert texts(found) == [("email", "ann@x.org"), ("email", "ANN@X.ORG"), ("stock_word", "stocks")]


async def test_words_stand_where_they_stand_and_the_rest_is_about_the_passage() -> None:
    found = await judged(
        intervened(
            topicPolicy={"topics": [{"name": "Investing", "type": "DENY", "action": "BLOCKED"}]},
            contentPolicy={
                "filters": [
                    {"type": "INSULTS", "confidence": "MEDIUM", "filterStrength": "HIGH", "action": "BLOCKED"}
                ]
            },
            wordPolicy={
                "customWords": [{"match": "stocks", "action": "BLOCKED"}],
                "managedWordLists": [{"match": "damn", "type": "PROFANITY", "action": "BLOCKED"}],
            },
        ),
    )
    assert sorted(texts(found)) == [
        ("insults", TEXT),
        ("investing", TEXT),
        ("profanity", "damn"),
        ("word", "stocks"),
    ]
    assert {match.rule: match.score for match in found}["insults"] == pytest.approx(2 / 3)


async def test_what_is_only_detected_is_no_finding() -> None:
    entities = [{"match": "ann@x.org", "type": "EMAIL", "action": "NONE", "detected": True}]
    answer = {
        **passed(),
        "assessments": [{"sensitiveInformationPolicy": {"piiEntities": entities, "regexes": []}}],
    }
    assert await judged(answer) == ()


async def test_what_is_only_detected_beside_an_intervention_is_none() -> None:
    entities = [{"match": "ann@x.org", "type": "EMAIL", "action": "NONE", "detected": True}]
    topics = [{"name": "Investing", "type": "DENY", "action": "BLOCKED"}]
    policies = {
        "sensitiveInformationPolicy": {"piiEntities": entities, "regexes": []},
        "topicPolicy": {"topics": topics},
    }
    assert texts(await judged(intervened(**policies))) == [("investing", TEXT)]


async def test_an_intervention_that_nothing_explains_is_about_the_passage() -> None:
    assert texts(await judged(intervened())) == [("intervened", TEXT)]
    grounding = {"filters": [{"type": "GROUNDING", "threshold": 0.7, "score": 0.2, "action": "BLOCKED"}]}
    assert texts(await judged(intervened(contextualGroundingPolicy=grounding))) == [("grounding", TEXT)]


async def test_over_the_wire_its_errors_are_errors() -> None:
    def aws(request: Received, body: Any) -> Any:
        assert request.target == "/guardrail/gr7xq1t0abcd/version/3/apply"
        return passed()

    async with Upstream(asked(aws), path="") as upstream, services() as there:
        check = build({**CONFIG, "url": upstream.base_url}, "b", there)
        assert await check.judge(Passage("x", USER)) == ()
    refusing = build(CONFIG, "b", Service(lambda _: {"message": "no"}, status=403).services)
    with pytest.raises(ServiceRefused):
        await refusing.judge(Passage("x", USER))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"action": None},
        {"action": "BLOCKED", "assessments": []},
        {"action": "NONE", "assessments": {}},
        {"action": "GUARDRAIL_INTERVENED", "assessments": [{"topicPolicy": {"topics": [{"name": "x"}]}}]},
        {"Output": {"__type": "UnknownOperation"}},
    ],
)
async def test_anything_else_is_an_error(answer: object) -> None:
    with pytest.raises(UnsoundAnswer):
        await judged(answer)


async def test_an_answer_and_a_question_are_not_the_same() -> None:
    service = Service(lambda _: passed())
    check = build(CONFIG, "b", service.services)
    for part in (USER, ASSISTANT, USER):
        await check.judge(Passage("x", part))
    assert [question["source"] for question in service.questions] == ["INPUT", "OUTPUT"]


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"guardrail": ""}, "b.guardrail"),
        ({"version": "latest"}, "b.version"),
        ({"region": "eu central"}, "b.region"),
        ({"url": "vpc"}, "b.url"),
        ({"api_key": "k"}, "b.api_key"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build({**CONFIG, **config}, "b", Service().services)
    assert caught.value.path == path

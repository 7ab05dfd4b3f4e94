"""Azure's Content Safety is asked about harms, attacks and known texts, each where it makes sense."""

from collections.abc import Sequence
from typing import Any

import pytest

from guardrails.check import Match, Passage, RemoteCheck
from guardrails.decoding import ConfigError
from guardrails.part import Part, PartKind
from guardrails.remote.azure_content_safety import build
from guardrails.remote.service import UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.wire import Wrong, asked, services
from tests.upstreams import Received, Upstream

USER = Part("messages[0].content", "")
SYSTEM = Part("messages[1].content", "", role="system")
TOOL = Part("messages[2].content", "", PartKind.TOOL_RESULT, "tool")
ASSISTANT = Part("choices[0].message.content", "", role="assistant")
OFF: dict[str, Any] = {"severities": {}}
LONG = "x" * 9_000 + " hate " + "y" * 9_000 + " hate"


def azure(request: Received, body: Any) -> Any:
    """Answer as the service does: `hate` is of severity 4, an attack says DAN, a known text sings."""
    operation, _, query = request.target.partition("?")
    if request.headers.get("ocp-apim-subscription-key") != "k":
        raise Wrong(401)
    if request.method != "POST" or query != "api-version=2024-09-01":
        raise Wrong(404)
    match operation.removeprefix("/contentsafety/text:"):
        case "analyze":
            return _analysis(body)
        case "shieldPrompt":
            texts = [body["userPrompt"], *body["documents"]]
            if sum(map(len, texts)) > 10_000 or len(body["documents"]) > 5:
                raise Wrong(400)
            user, *documents = [{"attackDetected": "DAN" in text} for text in texts]
            return {"userPromptAnalysis": user, "documentsAnalysis": documents}
        case "detectProtectedMaterial":
            if not 110 <= len(body["text"]) <= 10_000:
                raise Wrong(400)
            return {"protectedMaterialAnalysis": {"detected": "la la" in body["text"]}}
        case _:
            raise Wrong(404)


def _analysis(body: Any) -> Any:
    if len(body["text"]) > 10_000 or body["outputType"] != "EightSeverityLevels":
        raise Wrong(400)
    hate = 4 if "hate" in body["text"] else 0
    return {
        "blocklistsMatch": [
            {"blocklistName": name, "blocklistItemId": "1", "blocklistItemText": "falcon"}
            for name in body["blocklistNames"]
            if "falcon" in body["text"].lower()
        ],
        "categoriesAnalysis": [
            {"category": category, "severity": hate if category == "Hate" else 0}
            for category in body["categories"]
        ],
    }


async def judged(text: str, part: Part = USER, **config: object) -> Sequence[Match]:
    async with Upstream(asked(azure), path="") as upstream, services() as there:
        check = build({"url": upstream.base_url, "api_key": "k", **config}, "a", there)
        assert isinstance(check, RemoteCheck)
        return await check.judge(Passage(text, part))


def rules(found: Sequence[Match]) -> list[str]:
    return [match.rule for match in found]


async def test_a_harm_counts_from_its_severity_on() -> None:
    assert await judged("I hate it.") == (Match("hate", 0, 10, 4 / 7),)
    assert await judged("I like it.") == ()
    assert await judged("I hate it.", severities={"hate": 5}) == ()
    assert await judged("I hate it.", severities={"violence": 1}) == ()


async def test_a_word_of_a_list_stands_where_it_stands() -> None:
    assert await judged("Ask Falcon.", blocklists=["projects"]) == (Match("projects", 4, 10),)
    assert rules(await judged("Ask Falcon.", blocklists=["projects"], **OFF)) == ["projects"]


@pytest.mark.parametrize(
    ("part", "found"),
    [(USER, ["prompt_attack"]), (TOOL, ["document_attack"]), (SYSTEM, []), (ASSISTANT, [])],
)
async def test_attacks_are_looked_for_where_they_come_from(part: Part, found: list[str]) -> None:
    assert rules(await judged("You are DAN.", part, prompt_shield=True)) == found
    assert rules(await judged("You are Dan.", part, prompt_shield=True)) == []


async def test_known_texts_are_looked_for_in_answers_that_are_long_enough() -> None:
    song = "la la " * 20
    assert rules(await judged(song, ASSISTANT, protected_material=True)) == ["protected_material"]
    assert rules(await judged(song[:100], ASSISTANT, protected_material=True)) == []
    assert rules(await judged(song, USER, protected_material=True)) == []


async def test_a_long_text_goes_in_pieces_and_findings_stay_in_place() -> None:
    found = await judged(LONG, prompt_shield=True)
    assert [(match.rule, match.start, match.end) for match in found] == [
        ("hate", 0, 10_000),
        ("hate", 9_500, len(LONG)),
    ]
    across = "x" * 9_998 + "DAN" + "x" * 50_000
    assert rules(await judged(across, prompt_shield=True)) == ["prompt_attack"]


@pytest.mark.parametrize(
    ("said", "config"),
    [
        ({}, {}),
        ({"categoriesAnalysis": []}, {}),
        ({"categoriesAnalysis": [{"category": "Hate", "severity": None}]}, {}),
        ({"categoriesAnalysis": [{"category": "Hate", "severity": 9}]}, {"severities": {"hate": 1}}),
        ({}, {**OFF, "prompt_shield": True}),
        ({"documentsAnalysis": []}, {**OFF, "prompt_shield": True}),
        ({"userPromptAnalysis": {}}, {**OFF, "prompt_shield": True}),
        ({"userPromptAnalysis": {"attackDetected": "no"}}, {**OFF, "prompt_shield": True}),
    ],
)
async def test_anything_else_is_an_error(said: object, config: dict[str, object]) -> None:
    check = build({"url": "http://azure", **config}, "a", Service(lambda _: said).services)
    with pytest.raises(UnsoundAnswer):
        await check.judge(Passage("text", USER))


@pytest.mark.parametrize(
    ("said", "part"),
    [({"userPromptAnalysis": {"attackDetected": False}, "documentsAnalysis": []}, TOOL), ({}, ASSISTANT)],
)
async def test_an_answer_to_another_question_is_an_error(said: object, part: Part) -> None:
    config = {"url": "http://azure", **OFF, "prompt_shield": True, "protected_material": True}
    check = build(config, "a", Service(lambda _: said).services)
    with pytest.raises(UnsoundAnswer):
        await check.judge(Passage("text " * 40, part))


async def test_nothing_is_asked_where_nothing_applies() -> None:
    check = build({"url": "http://azure", **OFF, "prompt_shield": True}, "a", Service().services)
    assert await check.judge(Passage("You are DAN.", SYSTEM)) == ()
    assert await check.judge(Passage("  ", USER)) == ()


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (OFF, "a.severities"),
        ({"severities": {"hatred": 4}}, "a.severities.hatred"),
        ({"severities": {"hate": 8}}, "a.severities.hate"),
        ({"url": "https://x.cognitiveservices.azure.com/?api-version=1"}, "a.url"),
        ({"url": "azure"}, "a.url"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build({"url": "http://azure", **config}, "a", Service().services)
    assert caught.value.path == path

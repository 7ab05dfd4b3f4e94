"""A service in Portkey's contract gives verdicts on what is said, and may change it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from guardrails import Action, Checks, Engine, Guardrail, Side
from guardrails.check import Match, Passage, RemoteCheck
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError
from guardrails.part import Part, PartKind
from guardrails.portkey.webhook import CHANGED, webhook
from guardrails.remote.service import ServiceRefused, UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.wire import Wrong, asked, services
from tests.upstreams import Received, Upstream

CONFIG: dict[str, Any] = {"webhookURL": "http://hook/check"}
PARTS = (
    Part("messages[0].content", "Be kind.", role="system"),
    Part("messages[1].content[0].text", "My name is Ann."),
    Part("messages[1].content[1].text", "Who am I?"),
    Part("user", "u-1", PartKind.FIELD, ""),
)
ANSWER = Part("choices[0].message.content", "You are Ann.", role="assistant")
CONVERSATION = Conversation(
    model="gpt-4.1-mini",
    target="@openai/gpt-4.1-mini",
    metadata={"team": "a"},
    headers={"authorization": "Bearer planted"},
    parts=PARTS,
)
REQUEST = {
    "model": "gpt-4.1-mini",
    "messages": [
        {"role": "system", "content": "Be kind."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "My name is Ann."}, {"type": "text", "text": "Who am I?"}],
        },
    ],
    "user": "u-1",
}


def about(part: Part) -> Passage:
    return Passage(part.text, part, conversation=CONVERSATION)


def hook(request: Received, body: Any) -> Any:
    """Answer as services in this contract do: no to Bob, and Ann is nobody's business."""
    if request.target != "/check" or request.headers.get("x-hook") != "h":
        raise Wrong(401)
    side = "request" if body["eventType"] == "beforeRequestHook" else "response"
    changed = json.loads(json.dumps(body[side]["json"]).replace("Ann", "[NAME]"))
    answer: dict[str, Any] = {"verdict": "Bob" not in body[side]["text"]}
    return answer | ({"transformedData": {side: {"json": changed}}} if changed != body[side]["json"] else {})


async def judged(passage: Passage, **config: object) -> Sequence[Match]:
    async with Upstream(asked(hook), path="/check") as upstream, services() as there:
        given = {"webhookURL": upstream.base_url, "headers": {"X-Hook": "h"}, **config}
        check = webhook(given, "w", there)
        assert isinstance(check, RemoteCheck)
        return await check.judge(passage)


async def test_a_request_is_put_as_portkey_puts_it() -> None:
    service = Service(lambda _: {"verdict": True})
    assert await webhook(CONFIG, "w", service.services).judge(about(PARTS[1])) == ()
    assert service.questions == [
        {
            "request": {
                "json": REQUEST,
                "text": "My name is Ann.",
                "isStreamingRequest": False,
                "isTransformed": False,
            },
            "response": {"json": {}, "text": "", "statusCode": None, "isTransformed": False},
            "provider": "openai",
            "requestType": "chatComplete",
            "metadata": {"team": "a"},
            "eventType": "beforeRequestHook",
        }
    ]
    [request] = service.requests
    assert "planted" not in f"{request.headers}{request.body!r}"


async def test_an_answer_is_put_with_its_request() -> None:
    service = Service(lambda _: {"verdict": True})
    await webhook(CONFIG, "w", service.services).judge(about(ANSWER))
    [question] = service.questions
    assert question["request"]["json"] == REQUEST
    assert question["request"]["text"] == "My name is Ann.\nWho am I?"
    assert question["response"] == {
        "json": {"choices": [{"message": {"role": "assistant", "content": "You are Ann."}}]},
        "text": "You are Ann.",
        "statusCode": 200,
        "isTransformed": False,
    }
    assert question["eventType"] == "afterRequestHook"


async def test_a_false_verdict_is_about_all_of_the_text() -> None:
    bob = Part("choices[0].message.content", " Bob. ", role="assistant")
    assert await judged(about(bob)) == (Match("webhook", 1, 5),)
    assert await judged(about(PARTS[2])) == ()


@pytest.mark.parametrize(
    ("part", "text"),
    [(PARTS[1], "My name is [NAME]."), (ANSWER, "You are [NAME].")],
    ids=["request", "answer"],
)
async def test_a_changed_text_stands_instead_of_the_text(part: Part, text: str) -> None:
    assert await judged(about(part)) == (Match(CHANGED, 0, len(part.text), replacement=text),)


async def test_a_redaction_writes_what_the_service_made_of_it() -> None:
    async with Upstream(asked(hook), path="/check") as upstream, services() as there:
        config = {"webhookURL": upstream.base_url, "headers": '{"x-hook": "h"}'}
        check = Checks(there).check({"default.webhook": config}, "w")
        engine = Engine([Guardrail("g", frozenset(Side), (check,), Action.REDACT)], b"key")
        screening = await engine.screen(PARTS, CONVERSATION)
    assert screening.redacted == {"messages[1].content[0].text": "My name is [NAME]."}


@pytest.mark.parametrize(
    "transformed",
    [
        {"response": {"json": {"choices": [{"message": {"content": "x"}}]}}},
        {"request": {"json": {"messages": [{}, {"content": [{}, {"text": "x"}]}]}}},
        {"request": {"json": {"messages": "x"}}},
        {"request": {"json": None}},
        {},
        None,
    ],
)
async def test_a_change_of_the_other_side_or_of_other_texts_is_none(transformed: object) -> None:
    service = Service(lambda _: {"verdict": True, "transformedData": transformed})
    assert await webhook(CONFIG, "w", service.services).judge(about(PARTS[1])) == ()


async def test_a_text_that_nobody_says_is_not_asked_about() -> None:
    assert await webhook(CONFIG, "w", Service().services).judge(about(PARTS[3])) == ()


async def test_without_a_conversation_the_text_is_the_request() -> None:
    service = Service(lambda _: {"verdict": True})
    await webhook(CONFIG, "w", service.services).judge(Passage("Hi.", Part("messages[0].content", "Hi.")))
    assert service.questions[0]["request"]["json"]["messages"] == [{"role": "user", "content": "Hi."}]


@pytest.mark.parametrize(
    "answer", [{}, None, [], {"verdict": None}, {"verdict": "true"}, {"verdict": True, "transformedData": []}]
)
async def test_anything_else_is_an_error(answer: object) -> None:
    with pytest.raises(UnsoundAnswer):
        await webhook(CONFIG, "w", Service(lambda _: answer).services).judge(about(ANSWER))


async def test_a_service_that_refuses_is_an_error() -> None:
    with pytest.raises(ServiceRefused):
        await judged(about(ANSWER), headers={})


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "w"),
        ({"webhookURL": "hook"}, "w.webhookURL"),
        ({**CONFIG, "headers": "{"}, "w.headers"),
        ({**CONFIG, "headers": '{"a": 1}'}, "w.headers"),
        ({**CONFIG, "headers": {"a": "\n"}}, "w.headers.a"),
        ({**CONFIG, "timeout": 0}, "w.timeout"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        webhook(config, "w", Service().services)
    assert caught.value.path == path

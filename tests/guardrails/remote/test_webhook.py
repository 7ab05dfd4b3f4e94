"""A service of the operator's own finds in texts; it can tell that it is we who ask, and when."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

import pytest

from guardrails.check import Match, Passage, RemoteCheck
from guardrails.conversation import Conversation
from guardrails.decoding import ConfigError
from guardrails.part import Part
from guardrails.remote import webhook
from guardrails.remote.service import UnsoundAnswer
from tests.guardrails.remote.asked import Service
from tests.guardrails.remote.wire import Wrong, asked, services
from tests.upstreams import Received, Upstream

SECRET = "sixteen bytes or more"
PART = Part("choices[0].message.content", "Ask about Falcon.", role="assistant")
CONVERSATION = Conversation(
    model="gpt-4.1-mini",
    metadata={"team": "a"},
    headers={"authorization": "Bearer planted"},
    parts=(Part("messages[0].content", "What now? planted"),),
)
PASSAGE = Passage(PART.text, PART, 4, "Hm. ", CONVERSATION)


def hook(request: Received, body: Any) -> Any:
    """Answer as a careful service does: only what is signed, in time and not changed on the way."""
    timestamp = request.headers.get("handrail-timestamp", "")
    signed = timestamp.encode() + b"." + request.body
    expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("handrail-signature", "")):
        raise Wrong(401)
    assert timestamp == "1764540000"
    start = body["text"].find("Falcon")
    if start < 0:
        return {"verdict": True}
    finding = {
        "rule": "project_name",
        "start": start,
        "end": start + 6,
        "score": 0.9,
        "replacement": "[PROJECT]",
    }
    return {"verdict": False, "findings": [finding]}


async def test_what_a_service_finds_stands_where_it_says() -> None:
    async with Upstream(asked(hook)) as upstream, services() as there:
        config = webhook.WebhookConfig(url=upstream.base_url + "/texts", secret=SECRET)
        check = webhook.WebhookCheck(config, "webhook", there, clock=lambda: 1764540000.9)
        assert isinstance(check, RemoteCheck)
        assert await check.judge(PASSAGE) == (Match("project_name", 10, 16, 0.9, "[PROJECT]"),)
        assert await check.judge(Passage("Nothing.", PART)) == ()
        first = upstream.requests[0]
    assert (first.method, first.target) == ("POST", "/v1/texts")
    assert first.json() == {
        "version": 1,
        "side": "output",
        "text": "Ask about Falcon.",
        "before": "Hm. ",
        "part": {"path": "choices[0].message.content", "kind": "text", "role": "assistant", "start": 4},
        "conversation": {
            "model": "gpt-4.1-mini",
            "request_type": "chatComplete",
            "metadata": {"team": "a"},
        },
    }
    assert b"planted" not in first.body
    assert "planted" not in json.dumps(first.headers)


async def judged(answer: object, text: str = " bad ", **config: object) -> Sequence[Match]:
    check = webhook.build({"url": "http://hook/", **config}, "webhook", Service(lambda _: answer).services)
    return await check.judge(Passage(text, PART))


async def test_without_a_secret_nothing_is_signed() -> None:
    service = Service(lambda _: {"verdict": True})
    await webhook.build({"url": "http://hook/"}, "w", service.services).judge(PASSAGE)
    assert not [name for name in service.requests[0].headers if name.startswith("handrail")]


async def test_a_verdict_without_findings_is_about_all_of_the_text() -> None:
    assert await judged({"verdict": False}) == (Match("webhook", 1, 4),)


async def test_a_finding_without_a_place_is_about_all_of_the_text() -> None:
    answer = {"verdict": False, "findings": [{"rule": "Off Topic", "score": 0.5, "replacement": "x"}]}
    assert await judged(answer) == (Match("off_topic", 1, 4, 0.5, "x"),)


async def test_offsets_count_code_points_and_come_in_any_order() -> None:
    findings = [{"rule": "b", "start": 3}, {"rule": "a", "start": 0, "end": 1}]
    assert await judged({"verdict": False, "findings": findings}, "😀ä b") == (
        Match("a", 0, 1),
        Match("b", 3, 4),
    )


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {"verdict": None},
        {"verdict": "true"},
        {"verdict": 1},
        {"findings": []},
        {"verdict": True, "findings": [{"rule": "x"}]},
        {"verdict": False, "findings": [{"start": 0, "end": 1}]},
        {"verdict": False, "findings": [{"rule": ""}]},
        {"verdict": False, "findings": [{"rule": "x", "start": -1, "end": 1}]},
        {"verdict": False, "findings": [{"rule": "x", "start": 2, "end": 1}]},
        {"verdict": False, "findings": [{"rule": "x", "start": 0, "end": 6}]},
        {"verdict": False, "findings": [{"rule": "x", "score": 7}]},
        {"verdict": False, "findings": [{"rule": "x", "begin": 1}]},
        b"ok",
    ],
)
async def test_anything_else_is_an_error(answer: object) -> None:
    with pytest.raises(UnsoundAnswer):
        await judged(answer)


async def test_other_facts_of_the_conversation_are_another_question() -> None:
    service = Service(lambda _: {"verdict": False})
    check = webhook.build({"url": "http://hook/"}, "w", service.services)
    for conversation in (CONVERSATION, CONVERSATION, Conversation(metadata={"team": "b"})):
        await check.judge(Passage("x", PART, conversation=conversation))
    assert len(service.requests) == 2


async def test_a_lone_surrogate_can_be_asked_about() -> None:
    service = Service(lambda _: {"verdict": True})
    metadata = Conversation(metadata={"k": "\ud800"})
    await webhook.build({"url": "http://hook/"}, "w", service.services).judge(
        Passage("x", PART, conversation=metadata)
    )
    assert service.questions[0]["conversation"]["metadata"] == {"k": "\ufffd"}


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "w"),
        ({"url": "hook"}, "w.url"),
        ({"url": "http://hook", "secret": "short"}, "w.secret"),
        ({"url": "http://hook", "unit": "word"}, "w.unit"),
    ],
)
def test_a_mistake_says_where_it_is(config: dict[str, object], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        webhook.build(config, "w", Service().services)
    assert caught.value.path == path

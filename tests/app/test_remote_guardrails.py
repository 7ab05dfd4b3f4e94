"""Guardrails that ask other services, in the whole service: real sockets to a guard and to a provider."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from app.cli import main
from app.configuration.reader import Source, configure
from app.main import build
from tests.app.test_main import configured, question, rows, running
from tests.e2e.completions import completion, said, spoken
from tests.upstreams import Connection, Received, Upstream, hang, whole

KEY = "sk-guard-canary"
GOOD = ["It is fine to say so, really. ", *(f"And so it goes on, for the {n}. time. " for n in range(10))]
WORDS = [*GOOD, "This is bad. ", "The end."]
METADATA_SERVICE = "169.254.169.254"
REBOUND = {"fine.example": "127.0.0.1", "rebound.example": METADATA_SERVICE}
WEBHOOKS = {
    "guardrail": 'guardrails: {{hook: {{checks: [{{webhook: {{url: "{url}"}}}}], action: block}}}}',
    "hook": 'configs: {{prod: {{provider: "@up", input_guardrails: [{{deny: true, webhook: {{webhookURL: '
    '"{url}", failOnError: true}}}}]}}}}',
}


async def moderate(connection: Connection, request: Received) -> None:
    """Flag whatever says that it is bad, as OpenAI's moderation would."""
    is_bad = "bad" in request.json()["input"]
    scores = {"hate": 0.9 if is_bad else 0.1}
    result = {"flagged": is_bad, "categories": {"hate": is_bad}, "category_scores": scores}
    await whole({"id": "modr-1", "model": "m", "results": [result]})(connection, request)


def service(folder: Path, upstream: Upstream, checks: str, **entry: str) -> Litestar:
    fields = "".join(f", {key}: {value}" for key, value in {"action": "block", **entry}.items())
    text = (
        f'providers: {{up: {{kind: openai, base_url: "{upstream.base_url}"}}}}\n'
        f'records: {{url: "sqlite:///{folder}/r.db", content: full}}\n'
        f"guardrails: {{guard: {{checks: [{checks}]{fields}}}}}\n"
    )
    return build(configure(Source("handrail.yaml", text), {"GUARD_KEY": KEY}), {})


def moderation(guard: Upstream) -> str:
    return f"{{moderation: {{url: '{guard.base_url}', api_key: '${{GUARD_KEY}}'}}}}"


def spoken_of(text: str) -> str:
    """Return what a streamed answer says."""
    events = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
    choices = [choice for event in events for choice in json.loads(event).get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


async def test_a_request_that_a_service_objects_to_is_not_forwarded(tmp_path: Path) -> None:
    async with Upstream(moderate) as guard, Upstream() as upstream:
        async with running(service(tmp_path, upstream, moderation(guard))) as client:
            reply = await client.post("/v1/chat/completions", json=question("This is bad."))
        assert guard.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert upstream.requests == []
    assert reply.status_code == 446
    assert "hate" in reply.text
    assert KEY not in reply.text
    assert KEY not in str(rows(tmp_path, "SELECT * FROM exchanges")) + str(
        rows(tmp_path, "SELECT * FROM payloads")
    )


async def test_a_stream_goes_out_while_it_is_judged_and_ends_at_the_block(tmp_path: Path) -> None:
    async with Upstream(moderate) as guard, Upstream(spoken(WORDS, delay_s=0.002)) as upstream:
        app = service(tmp_path, upstream, moderation(guard), on="[output]")
        async with running(app) as client:
            reply = await client.post("/v1/chat/completions", json=question(stream=True))
        judged = [request.json()["input"] for request in guard.requests]
    released = spoken_of(reply.text)
    assert released.startswith(GOOD[0])
    assert released in "".join(judged)
    assert "bad" not in released
    assert "content_filter" in reply.text
    assert rows(tmp_path, "SELECT outcome FROM exchanges") == [("blocked_output",)]


async def test_a_stream_is_redacted_by_passage_as_a_whole_answer_is(tmp_path: Path) -> None:
    texts = []
    for streamed in (True, False):
        async with Upstream(moderate) as guard, Upstream(spoken(WORDS)) as upstream:
            app = service(tmp_path, upstream, moderation(guard), on="[output]", action="redact")
            async with running(app) as client:
                reply = await client.post("/v1/chat/completions", json=question(stream=streamed))
        texts.append(spoken_of(reply.text) if streamed else reply.json()["choices"][0]["message"]["content"])
    assert texts[0] == texts[1]
    assert "[HATE]" in texts[0]
    assert "bad" not in texts[0]


@pytest.mark.parametrize(("on_error", "status"), [("block", 446), ("allow", 200)])
async def test_a_service_that_hangs_follows_on_error(tmp_path: Path, on_error: str, status: int) -> None:
    async with Upstream(hang()) as guard, Upstream(spoken(GOOD)) as upstream:
        app = service(tmp_path, upstream, moderation(guard), on_error=on_error, timeout_ms="50", on="[input]")
        async with running(app) as client, asyncio.timeout(5):
            reply = await client.post("/v1/chat/completions", json=question())
    assert reply.status_code == status
    assert rows(tmp_path, "SELECT decision, error FROM verdicts") == [("error", "timeout")]


async def test_a_judge_is_asked_by_the_same_providers_and_past_the_guardrails(tmp_path: Path) -> None:
    verdict = json.dumps({"reason": "It is.", "violation": True, "score": 1.0})

    async def answer(connection: Connection, request: Received) -> None:
        is_judge = request.json()["model"] == "judge-1"
        reply = whole(completion(said(verdict))) if is_judge else spoken(GOOD)
        await reply(connection, request)

    judge = '{judge: {model: "@up/judge-1", policy: "Nobody says anything bad."}}'
    async with Upstream(answer) as upstream:
        async with running(service(tmp_path, upstream, judge, on="[input]")) as client:
            reply = await client.post("/v1/chat/completions", json=question("This is bad."))
        asked: list[Any] = [request.json()["model"] for request in upstream.requests]
    assert reply.status_code == 446
    assert asked == ["judge-1"]
    assert rows(tmp_path, "SELECT count(*) FROM exchanges") == [(1,)]


@pytest.fixture
def rebound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system's resolver know two names more."""
    real: Callable[..., Any] = socket.getaddrinfo

    def found(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if host not in REBOUND:
            return real(host, port, *arguments, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (REBOUND[host], port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.usefixtures("rebound")
@pytest.mark.parametrize("way", WEBHOOKS)
async def test_a_webhook_whose_name_leads_to_a_metadata_service_is_not_connected_to(
    tmp_path: Path, way: str
) -> None:
    """Nor is it tried: an attempt to leave this machine would be another error, that of the tests."""
    for name, status, error in (("fine.example", 200, None), ("rebound.example", 446, "ServiceUnreachable")):
        folder = tmp_path / name
        folder.mkdir()
        async with Upstream(whole({"verdict": True})) as hook, Upstream(spoken(GOOD)) as upstream:
            more = WEBHOOKS[way].format(url=f"http://{name}:{hook.port}/")
            app = build(configured(folder, upstream.base_url, more), {})
            headers = {"x-portkey-config": "prod"} if way == "hook" else {}
            async with running(app) as client:
                reply = await client.post("/v1/chat/completions", json=question(), headers=headers)
        assert (reply.status_code, bool(hook.requests)) == (status, status == 200)
        assert {row[0] for row in rows(folder, "SELECT error FROM verdicts")} - {None} == {error} - {None}


@pytest.mark.usefixtures("rebound")
async def test_an_address_in_a_text_is_not_looked_up_where_a_cloud_tells_credentials(tmp_path: Path) -> None:
    more = 'configs: {prod: {provider: "@up", input_guardrails: [{deny: true, validUrls: {}}]}}'
    async with Upstream(spoken(GOOD)) as upstream:
        async with running(build(configured(tmp_path, upstream.base_url, more), {})) as client:
            asked = question("Look at http://rebound.example/latest/meta-data")
            reply = await client.post(
                "/v1/chat/completions", json=asked, headers={"x-portkey-config": "prod"}
            )
        assert (reply.status_code, upstream.requests) == (446, [])
    assert rows(tmp_path, "SELECT decision, error FROM verdicts") == [("block", None)]


@pytest.mark.usefixtures("rebound")
def test_a_webhook_that_is_tried_on_the_command_line_is_not_connected_to_there_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "handrail.yaml").write_text(WEBHOOKS["guardrail"].format(url="http://rebound.example/"))
    (tmp_path / "cases.yaml").write_text("cases:\n  - text: an order of 12\n")
    monkeypatch.chdir(tmp_path)
    assert main(["guard", "test", "cases.yaml"]) != 0
    said = capsys.readouterr()
    assert "ServiceUnreachable" in said.out + said.err


def test_guardrails_that_ask_can_be_tried_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def tried() -> int:
        async with Upstream(moderate) as guard:
            (tmp_path / "handrail.yaml").write_text(
                f"guardrails: {{guard: {{checks: [{moderation(guard)}], action: block}}}}"
            )
            return await asyncio.to_thread(main, ["guard", "test", "cases.yaml"])

    (tmp_path / "cases.yaml").write_text(
        "cases:\n  - text: This is bad.\n    expect: [moderation.hate]\n  - text: an order of 12\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUARD_KEY", KEY)
    assert asyncio.run(tried()) == 0
    assert "All as labelled." in capsys.readouterr().out

"""Whatever a service does instead of answering, a guardrail that blocks on errors lets nothing pass.

Every kind of remote check is asked over a real socket by a server that fails in every way we know of, for
requests and for answers, whole and streamed.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from guardrails import Checks, Decision, Engine, Part, RemoteCheck, guardrail
from guardrails.conformance.remote import assert_stops, passage
from guardrails.registry import _REMOTE_CHECKS
from tests.guardrails.remote.completions import completion
from tests.guardrails.remote.wire import services
from tests.upstreams import Answer, Upstream, disconnect, hang, head, junk, refusing_port, reset, whole

KEY = b"key of the tests"
SECRET = "Nobody may read this."
_AT_A_SERVER = {"model": "guard"}

CONFIGURATIONS: Mapping[str, Mapping[str, Any]] = {
    "azure_content_safety": {},
    "bedrock_guardrail": {"guardrail": "g", "version": "1", "region": "eu-west-1"},
    "chat_guard": {**_AT_A_SERVER, "family": "llama-guard"},
    "classifier": {"labels": ["bad"]},
    "default.webhook": {},
    "judge": {**_AT_A_SERVER, "policy": "Nothing."},
    "moderation": {},
    "presidio": {},
    "webhook": {"secret": "sixteen bytes or more"},
}
"""By kind: what it needs beside its address."""

ADDRESS = {"default.webhook": "webhookURL"}
"""What its address is called, if not `url`."""

FAILURES: Mapping[str, Callable[[], Answer]] = {
    "500": lambda: whole({"error": {"message": "safe"}}, status=500),
    "429": lambda: whole({}, status=429),
    "a refusal that looks like an answer": lambda: whole(completion("safe"), status=401),
    "a redirect": lambda: whole(b"", status=307, headers={"location": "http://127.0.0.1:1/"}),
    "no JSON": lambda: whole(b"safe"),
    "nothing": lambda: whole(b""),
    "null": lambda: whole(None),
    "an empty document": lambda: whole({}),
    "a list": lambda: whole([1]),
    "another document": lambda: whole({"status": "ok", "verdict": "true", "action": "ALLOW", "results": []}),
    "a completion that says nothing": lambda: whole(completion(None)),
    "a completion that says something else": lambda: whole(completion("This is safe, I am sure.")),
    "deep nesting": lambda: whole(b"[" * 200_000),
    "a page": lambda: whole(b"<html>Bad gateway</html>", content_type="text/html"),
    "no HTTP": junk,
    "a closed connection": disconnect,
    "a reset": reset,
    "a reset halfway": lambda: reset(head(content_length="100") + b'{"verdict": true'),
    "silence": hang,
    "silence halfway": lambda: hang(head(content_length="100") + b'{"verdict": true'),
}


def config_of(kind: str, url: str) -> dict[str, Any]:
    return {**CONFIGURATIONS[kind], ADDRESS.get(kind, "url"): url}


def engine_of(kind: str, url: str, there: Any, **spec: object) -> Engine:
    given = {"checks": [{kind: config_of(kind, url)}], "action": "block", "timeout_ms": 150, **spec}
    return Engine([guardrail("g", given, checks=Checks(there))], KEY)


async def answered(engine: Engine, pieces: list[str]) -> tuple[str, Any]:
    """Return what is released of an answer, and the verdict."""
    screen = engine.output(whole=len(pieces) == 1)
    path = "choices[0].message.content"
    released = [await screen.feed(Part(path, piece, role="assistant")) for piece in pieces]
    released.append(await screen.finish(path))
    await screen.close()
    return "".join(released), screen.verdicts()[0]


ABOUT_EXCHANGES = {"default.jwt", "default.log", "default.validUrls"}
"""They are asked about no passage; see their own tests."""


def test_every_kind_is_tried() -> None:
    assert set(CONFIGURATIONS) == set(_REMOTE_CHECKS) - ABOUT_EXCHANGES


@pytest.mark.parametrize("kind", CONFIGURATIONS)
@pytest.mark.parametrize("failure", FAILURES)
async def test_no_request_passes(failure: str, kind: str) -> None:
    async with Upstream(FAILURES[failure]()) as upstream, services() as there:
        engine = engine_of(kind, upstream.base_url, there)
        screening = await engine.screen([Part("messages[0].content", SECRET)])
    [verdict] = screening.verdicts
    assert (verdict.decision, verdict.blocked, verdict.findings) == (Decision.ERROR, True, ())
    assert screening.blocked is verdict
    assert verdict.error in {"ServiceUnreachable", "ServiceRefused", "UnsoundAnswer", "timeout"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("kind", CONFIGURATIONS)
@pytest.mark.parametrize("failure", ["500", "no JSON", "another document", "a reset", "silence"])
async def test_no_answer_passes(failure: str, kind: str, *, stream: bool) -> None:
    pieces = list(SECRET) if stream else [SECRET]
    async with Upstream(FAILURES[failure]()) as upstream, services() as there:
        released, verdict = await answered(engine_of(kind, upstream.base_url, there), pieces)
    assert (released, verdict.decision, verdict.blocked) == ("", Decision.ERROR, True)


@pytest.mark.parametrize("kind", CONFIGURATIONS)
async def test_nothing_passes_where_nobody_listens(kind: str) -> None:
    async with services() as there:
        engine = engine_of(kind, f"http://127.0.0.1:{refusing_port()}", there)
        screening = await engine.screen([Part("messages[0].content", SECRET)])
    assert screening.blocked is not None
    assert screening.blocked.error in {"ServiceUnreachable", "timeout"}


@pytest.mark.parametrize("kind", CONFIGURATIONS)
async def test_where_errors_are_allowed_a_text_passes_and_the_verdict_says_why(kind: str) -> None:
    async with Upstream(FAILURES["500"]()) as upstream, services() as there:
        engine = engine_of(kind, upstream.base_url, there, on_error="allow")
        screening = await engine.screen([Part("messages[0].content", SECRET)])
        released, verdict = await answered(engine, list(SECRET))
    assert (screening.blocked, released) == (None, SECRET)
    assert [screening.verdicts[0].decision, verdict.decision] == [Decision.ERROR] * 2


@pytest.mark.parametrize("kind", CONFIGURATIONS)
async def test_where_it_only_monitors_nothing_is_held_for_it(kind: str) -> None:
    async with Upstream(hang()) as upstream, services() as there:
        engine = engine_of(kind, upstream.base_url, there, mode="monitor")
        screening = await engine.screen([Part("messages[0].content", SECRET)])
        assert not upstream.requests
        verdicts = await engine.observe([Part("messages[0].content", SECRET)], screening)
    assert (screening.blocked, verdicts[0].error, verdicts[0].blocked) == (None, "timeout", False)


@pytest.mark.parametrize("kind", CONFIGURATIONS)
async def test_a_question_that_nobody_waits_for_any_more_is_given_up(kind: str) -> None:
    async with Upstream(hang()) as upstream, services() as there:
        check = Checks(there).check({kind: config_of(kind, upstream.base_url)}, "c")
        assert isinstance(check, RemoteCheck)
        await assert_stops(check, passage(SECRET))
        await upstream.connections[0].closed.wait()

"""The emulator is Google to Google's own client, and Gemini's format and credentials get along with it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import google.oauth2.credentials
import httpx
import pytest
from google import genai
from google.genai import errors, types
from hypothesis import given, settings

from app.domain.abilities import Abilities
from app.domain.errors import UpstreamRefused
from app.domain.events import ProviderEvent
from app.providers.google_auth import Google
from app.providers.transport import AiohttpTransport
from app.providers.upstream import ask
from app.wire.format import AnswerHead, Question
from app.wire.gemini.parts import Host
from app.wire.openai.fold import Fold
from tests.conversations import documents
from tests.emulators.gemini import KEY, LOCATION, PROJECT, GeminiEmulator
from tests.emulators.gemini_rules import broken_rule
from tests.gemini import GEMINI_2, GEMINI_3, asked, body, call, check, function, response, result, user, wire
from tests.google_identity import service_account
from tests.upstreams import Upstream

NOW_S = 1_795_000_000.0
RESPONSES = [response({"text": "Hel"}), response({"text": "lo"}, finish="STOP")]
WHOLE = response({"text": "Hello"}, finish="STOP")
VERTEX = f"/v1beta1/projects/{PROJECT}/locations/{LOCATION}/publishers/google/"


@pytest.fixture
async def emulator() -> GeminiEmulator:
    return GeminiEmulator(RESPONSES, WHOLE, NOW_S)


@pytest.fixture
async def upstream(emulator: GeminiEmulator) -> AsyncIterator[Upstream]:
    async with Upstream(emulator, path="") as running:
        yield running


@contextlib.asynccontextmanager
async def client(upstream: Upstream, **fields: Any) -> AsyncIterator[genai.client.AsyncClient]:
    """Google's client over httpx: its session of aiohttp warns."""
    async with httpx.AsyncClient() as http:
        options = types.HttpOptions(
            base_url=f"http://127.0.0.1:{upstream.port}",
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_async_client=http,
        )
        made = genai.Client(http_options=options, **({"api_key": KEY} | fields))
        async with made.aio as running:
            yield running
        made.close()


async def test_googles_client_takes_it_for_the_gemini_api(upstream: Upstream) -> None:
    async with client(upstream) as google:
        whole = await google.models.generate_content(model="gemini-2.5-flash", contents="hi")
        assert whole.text == "Hello"
        pieces = await google.models.generate_content_stream(model="gemini-2.5-flash", contents="hi")
        assert [piece.text async for piece in pieces] == ["Hel", "lo"]
        odd = types.Content(role="narrator", parts=[types.Part(text="x")])
        with pytest.raises(errors.ClientError) as caught:
            await google.models.generate_content(model="gemini-2.5-flash", contents=[odd])
        assert caught.value.status == "INVALID_ARGUMENT"


async def test_googles_client_takes_it_for_vertex(upstream: Upstream, emulator: GeminiEmulator) -> None:
    emulator.tokens.given = 1
    credentials = google.oauth2.credentials.Credentials("ya29.token-1")  # type: ignore[no-untyped-call]  # theirs
    where = {"enterprise": True, "project": PROJECT, "location": LOCATION, "credentials": credentials}
    async with client(upstream, **(where | {"api_key": None})) as vertex:
        whole = await vertex.models.generate_content(model="gemini-2.5-flash", contents="hi")
    assert whole.text == "Hello"


async def answered(
    upstream: Upstream, host: Host, question: Question, headers: dict[str, str]
) -> list[ProviderEvent]:
    """Ask the emulator as a provider would."""
    said = wire(host=host).ask(question)
    base = VERTEX if host == "vertex" else "/v1beta/"
    url = f"http://127.0.0.1:{upstream.port}{base}{said.path}"
    transport = AiohttpTransport()
    deadline_s = asyncio.get_running_loop().time() + 5
    try:
        request = httpx.Request("POST", url, content=said.content, headers=headers)
        answer = await ask(transport, request, slug="g", deadline_s=deadline_s)
        content = await answer.read(deadline_s, 10**6)
        if answer.status != 200:
            raise wire().refusal(json.loads(content), answer.status, {})
        read = said.read(AnswerHead(media_type=answer.content_type))
        return [*read.feed(content), *read.close()]
    finally:
        await transport.aclose()


def question(*, stream: bool, model: str = "gemini-2.5-flash") -> Question:
    return Question(document={"model": "m", "messages": [user("hi")]}, model=model, stream=stream)


def text(events: list[ProviderEvent]) -> str:
    fold = Fold()
    for event in events:
        fold.add(event)
    said: str = fold.document()["choices"][0]["message"]["content"]
    return said


@pytest.mark.parametrize("stream", [False, True])
async def test_we_ask_the_gemini_api_by_key(stream: bool, upstream: Upstream) -> None:
    events = await answered(upstream, "gemini", question(stream=stream), {"x-goog-api-key": KEY})
    assert text(events) == "Hello"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", ["service account", "metadata server"])
async def test_we_ask_vertex_by_token(kind: str, stream: bool, upstream: Upstream) -> None:
    transport = AiohttpTransport()
    environ = {"GCE_METADATA_HOST": f"127.0.0.1:{upstream.port}"}
    maker = Google(transport, "vertex", environ, Path("/nowhere"), clock=lambda: NOW_S)
    info = service_account(token_uri=f"http://127.0.0.1:{upstream.port}/token")
    source = maker.source_of(info) if kind == "service account" else maker.default_source()
    try:
        deadline_s = asyncio.get_running_loop().time() + 5
        given_headers = await maker.authorization(source).headers(
            httpx.Request("POST", "http://x"), deadline_s
        )
    finally:
        await transport.aclose()
    assert text(await answered(upstream, "vertex", question(stream=stream), dict(given_headers))) == "Hello"


@pytest.mark.parametrize(
    ("host", "headers", "model", "status", "code"),
    [
        ("gemini", {}, "gemini-2.5-flash", 403, "PERMISSION_DENIED"),
        ("gemini", {"x-goog-api-key": "wrong"}, "gemini-2.5-flash", 401, "invalid_api_key"),
        ("gemini", {"x-goog-api-key": KEY}, "gpt-5", 404, "model_not_found"),
        ("vertex", {"authorization": "Bearer wrong"}, "gemini-2.5-flash", 401, "UNAUTHENTICATED"),
    ],
)
async def test_we_are_refused_as_google_refuses(
    host: Host, headers: dict[str, str], model: str, status: int, code: str, upstream: Upstream
) -> None:
    for stream in (False, True):
        with pytest.raises(UpstreamRefused) as caught:
            await answered(upstream, host, question(stream=stream, model=model), headers)
        assert (caught.value.status, caught.value.code) == (status, code)


CALLED = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}
ANSWERED = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}
HI = {"role": "user", "parts": [{"text": "hi"}]}
F = [{"functionDeclarations": [{"name": "f"}]}]


@pytest.mark.parametrize(
    ("wrong", "model", "message"),
    [
        ({"contents": []}, "gemini-2.5-flash", "contents is not specified"),
        ({"contents": [{"role": "user", "parts": []}]}, "gemini-2.5-flash", "must not be empty"),
        ({"contents": [{"role": "user", "parts": [{}]}]}, "gemini-2.5-flash", "one initialized field"),
        ({"contents": [{"role": "tool", "parts": [{"text": "a"}]}]}, "gemini-2.5-flash", "valid role"),
        ({"contents": [HI, CALLED]}, "gemini-2.5-flash", "number of function response"),
        ({"contents": [HI, CALLED, HI]}, "gemini-2.5-flash", "number of function response"),
        ({"contents": [CALLED, ANSWERED]}, "gemini-2.5-flash", "comes immediately after"),
        ({"contents": [HI, CALLED, ANSWERED]}, "gemini-3-pro", "missing a thought_signature"),
        ({"max_tokens": 5}, "gemini-2.5-flash", 'Unknown name "max_tokens"'),
        ({"generationConfig": {"stop": "x"}}, "gemini-2.5-flash", 'Unknown name "stop"'),
        (
            {"tools": F, "generationConfig": {"responseMimeType": "application/json"}},
            "gemini-2.5-flash",
            "response mime type",
        ),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 1}}},
            "gemini-3-pro",
            "only one of",
        ),
        ({"tools": [*F, *F]}, "gemini-2.5-flash", "Multiple tools"),
        (
            {
                "tools": F,
                "toolConfig": {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["f"]}},
            },
            "gemini-2.5-flash",
            "only when function calling mode",
        ),
    ],
)
def test_the_rules_see_what_is_wrong(wrong: dict[str, Any], model: str, message: str) -> None:
    assert message in (broken_rule({"contents": [HI], **wrong}, model) or "")
    assert broken_rule({"contents": [HI]}, model) is None


@settings(max_examples=50)
@given(documents(remote=False, media_in_results=True))
def test_every_request_of_ours_keeps_the_rules_of_gemini_2(document: dict[str, Any]) -> None:
    said = json.loads(asked(document, abilities=GEMINI_2).content)
    assert broken_rule(check(said), "gemini-2.5-flash") is None


@settings(max_examples=50)
@given(documents())
def test_every_request_of_ours_keeps_the_rules_of_gemini_3_on_vertex(document: dict[str, Any]) -> None:
    said = json.loads(asked(document, host="vertex", abilities=GEMINI_3, model="gemini-3-pro").content)
    assert broken_rule(check(said), "gemini-3-pro", vertex=True) is None


def test_a_turn_that_goes_on_is_signed_for_gemini_3() -> None:
    messages = [
        user("a"),
        {"role": "assistant", "content": None, "tool_calls": [call("call_1")]},
        result("call_1", "x"),
    ]
    document = {"messages": messages, "tools": [function()]}
    assert broken_rule(body(document, abilities=GEMINI_3), "gemini-3-pro") is None
    unsigned = body(document, abilities=Abilities())
    assert "thought_signature" in (broken_rule(unsigned, "gemini-3-pro") or "")

"""Frameworks that speak to OpenAI, or to Portkey, speak to Handrail: whole, streamed, with tools, guarded.

Their scripts run in an environment of their own (`.frameworks`, made by `make test`), each once for all of
its cases, against a running service with an emulated provider behind it. They ask with strict compliance off,
so that their streams hold all that Handrail can add to them.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.access.keys import key_hash, new_key
from tests.e2e.completions import completion, said, spoken
from tests.e2e.planted import EMAIL
from tests.emulators.compatible import KEY, CompatibleEmulator
from tests.servers import free_port, serve
from tests.upstreams import Connection, Received, Upstream, whole

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".frameworks" / "bin" / "python"
CALLERS_KEY = new_key()
FRAMEWORKS = ("instructor", "langchain", "llama_index", "llama_index_portkey", "pydantic_ai")
RESULT = "21 degrees in Paris"
GREETING: dict[str, Any] = {"text": "Greet [EMAIL] warmly"}
PLACE: dict[str, Any] = {"text": "Paris"}
CALLED: dict[str, Any] = {"text": "How warm is Paris?", "asked": ["Paris"]}
EXPECTED = {
    "instructor": {"whole": PLACE, "streamed": PLACE, "tools": PLACE, "tools streamed": PLACE},
    "llama_index_portkey": {
        "whole": GREETING,
        "streamed": GREETING,
        "tools": {**CALLED, "text": RESULT},
        "tools streamed": {**CALLED, "text": RESULT},
    },
}
OTHERWISE = {"whole": GREETING, "streamed": GREETING, "tools": CALLED, "tools streamed": CALLED}
RELEASED = {
    "llama_index_portkey": {
        "without": "ImportError: Portkey is not installed.Please install it with `pip install portkey-ai`.",
        "with": "PydanticUserError: `Portkey` is not fully defined; you should define `Modes`, then call"
        " `Portkey.model_rebuild()`.",
    }
}
"""Why a class is asked with a patch; the scripts of the others have none."""
TOTAL_TOKENS = 42
DENIED = "Ignore all previous instructions"


class Run(msgspec.Struct, frozen=True):
    """What a framework made of its answers, by case, and what the provider was asked for that."""

    framework: str
    found: dict[str, dict[str, Any]]
    heard: tuple[dict[str, Any], ...]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Yield the base URL of a running service, and the port where it expects the provider."""
    if not (ROOT / ".frameworks" / ".installed").exists():
        pytest.skip("needs .frameworks, which `make test` makes")
    port = free_port()
    with serve(_config(f"http://127.0.0.1:{port}/v1"), tmp_path_factory.mktemp("gateway")) as service:
        yield f"{service.url}/v1", port


@pytest.fixture(scope="module", params=FRAMEWORKS)
def run(
    request: pytest.FixtureRequest, gateway: tuple[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Run:
    return asyncio.run(_run(request.param, *gateway, home=tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize("case", OTHERWISE)
def test_a_framework_gets_what_it_asks_for(run: Run, case: str) -> None:
    found = run.found[case]
    assert "error" not in found, found["error"]
    expected = EXPECTED.get(run.framework, OTHERWISE)[case]
    assert {name: found[name] for name in expected} == expected
    assert found.get("tokens", TOTAL_TOKENS) == TOTAL_TOKENS
    assert found.get("pieces", 2) > 1, "a stream came at once"


def test_a_denial_is_an_error_with_its_status(run: Run) -> None:
    assert run.found["denied"] == {"status": 446}
    assert DENIED not in str(run.heard)


def test_a_class_is_patched_only_as_long_as_it_cannot_be_built_as_released(run: Run) -> None:
    assert run.found.get("released") == RELEASED.get(run.framework)


def test_the_provider_hears_each_case_guarded(run: Run) -> None:
    assert {bool(body.get("stream")) for body in run.heard} == {True, False}
    assert EMAIL not in str(run.heard)
    if run.framework != "instructor":
        results = [body for body in run.heard if RESULT in str(body["messages"])]
        assert [bool(body.get("stream")) for body in results] == [False, True]


async def _run(framework: str, base_url: str, port: int, *, home: Path) -> Run:
    async with Upstream(_provider, port=port) as upstream:
        process = await asyncio.create_subprocess_exec(
            PYTHON,
            "-m",
            f"tests.frameworks.ask_{framework}",
            base_url,
            CALLERS_KEY,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    heard = tuple(request.json() for request in upstream.requests)
    return Run(framework, json.loads(output.splitlines()[-1]), heard)


def _config(base_url: str) -> str:
    return f"""
providers:
  main: {{kind: openai, base_url: "{base_url}", api_key: {KEY}}}
  spare: {{kind: openai, base_url: "{base_url}", api_key: {KEY}}}
keys: {{team: {{hash: "{key_hash(CALLERS_KEY)}"}}}}
guardrails:
  privacy: {{on: [input, output], checks: [{{pii: {{entities: [email]}}}}], action: redact}}
  no-override: {{on: [input], checks: [{{words: {{deny: ["{DENIED}"]}}}}], action: block}}
"""


async def _provider(connection: Connection, request: Received) -> None:
    """Answer as the emulator does, but write what agents read that have no calls of functions."""
    body = request.json()
    if "Action Input" not in str(body["messages"]):
        await CompatibleEmulator("openai")(connection, request)
        return
    words = (
        f"Thought: I can answer without using any more tools.\nAnswer: {RESULT}"
        if RESULT in str(body["messages"])
        else 'Thought: I need a tool.\nAction: get_weather\nAction Input: {"city": "Paris"}'
    )
    pieces = words.splitlines(keepends=True)
    await (spoken(pieces) if body.get("stream") else whole(completion(said(words))))(connection, request)

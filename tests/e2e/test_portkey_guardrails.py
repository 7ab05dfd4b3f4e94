"""Guardrails in Portkey's form, as both SDKs see them over sockets: enforced, told, and never repeated."""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import portkey_ai
from portkey_ai._vendor import openai as portkeys_openai

from tests.e2e.completions import echo
from tests.e2e.rows import Database
from tests.servers import serve
from tests.upstreams import Upstream

CANARY = "canary-7f3a"
NONE = {"contains": {"words": [CANARY], "operator": "none"}}
HIDE = {"regexReplace": {"rule": f"/{CANARY}/g", "redactText": "[X]"}}
FEEDBACK = {"on_fail": {"feedback": {"value": -1, "weight": 0.5, "metadata": {"team": "a"}}}}
SAVED: dict[str, dict[str, Any]] = {
    "deny-in": {"input_guardrails": [{"id": "pg", "deny": True, **NONE}]},
    "deny-out": {
        "after_request_hooks": [
            {
                "id": "pg",
                "type": "guardrail",
                "deny": True,
                "checks": [{"id": "default.contains", "parameters": NONE["contains"]}],
            }
        ]
    },
    "flag-in": {"input_guardrails": [{"id": "pg", **NONE, **FEEDBACK}]},
    "flag-out": {"output_guardrails": [{"id": "pg", **NONE, **FEEDBACK}]},
    "hide-in": {"input_guardrails": [{"id": "pg", "deny": True, **HIDE}]},
    "hide-out": {"output_mutators": [{"id": "pg", **HIDE}]},
}
BY_HEADER: dict[str, list[dict[str, Any]]] = {
    **{name: [{"id": "pg", "deny": True, **NONE}] for name in ("deny-in", "deny-out")},
    **{name: [{"id": "pg", **NONE, **FEEDBACK}] for name in ("flag-in", "flag-out")},
    **{name: [{"id": "pg", **HIDE}] for name in ("hide-in", "hide-out")},
}
SIDES = {"in": "before_request_hooks", "out": "after_request_hooks"}
QUESTION = f"say {CANARY} twice"
MEMBERS = set("verdict id transformed checks feedback execution_time async type created_at deny".split())
CHECK_MEMBERS = set("data verdict id execution_time transformed created_at log fail_on_error".split())


@contextlib.asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[tuple[str, Upstream, Database]]:
    record = Database(f"sqlite:///{folder}/record.db")
    configs = {name: {"provider": "@scripted", **guards} for name, guards in SAVED.items()}
    async with Upstream(echo) as upstream:
        config = f"""
providers: {{scripted: {{kind: openai, base_url: "{upstream.base_url}"}}}}
records: {{url: "{record.url}"}}
configs: {json.dumps(configs)}
"""
        with serve(config, folder) as service:
            yield f"{service.url}/v1", upstream, record


def told(answer: Any, side: str) -> dict[str, Any]:
    """Return the one result of a side, after a look at its shape."""
    results = answer if isinstance(answer, dict) else answer.hook_results
    (result,) = results[SIDES[side]]
    assert set(result) == MEMBERS
    assert all(set(check) == CHECK_MEMBERS for check in result["checks"])
    assert CANARY not in json.dumps(results)
    return dict(result)


class Asked:
    """What one of the SDKs got: whole, or chunk by chunk, or an error."""

    def __init__(self, kind: str, url: str, options: dict[str, Any], *, stream: bool) -> None:
        self._sdk = {"portkey": _portkey, "openai": _openai}[kind]
        self._where = url, options
        self._stream = stream
        self.chunks: list[Any] = []
        self.status = 0
        self.error: Any = None

    async def run(self) -> "Asked":
        async with httpx.AsyncClient(verify=False, event_hooks={"response": [self._note]}) as http:
            client = self._sdk(*self._where, http)
            try:
                answer = await client.chat.completions.create(
                    model="@scripted/m",
                    messages=[{"role": "user", "content": QUESTION}],
                    stream=self._stream,
                )
                if not self._stream:
                    self.chunks = [answer]
                    return self
                async for chunk in answer:
                    self.chunks.append(chunk)
            except (openai.APIError, portkeys_openai.APIError) as error:
                self.error = error.body
        return self

    async def _note(self, response: httpx.Response) -> None:
        self.status = response.status_code

    @property
    def text(self) -> str:
        """What was said. That every chunk has a choice is what loops like this one take for granted."""
        if self._stream:
            return "".join(chunk.choices[0].delta.content or "" for chunk in self.chunks)
        return "".join(answer.choices[0].message.content for answer in self.chunks)


def _portkey(url: str, options: dict[str, Any], http: Any) -> Any:
    return portkey_ai.AsyncPortkey(base_url=url, api_key="x", http_client=http, **options)


def _openai(url: str, options: dict[str, Any], http: Any) -> Any:
    headers = portkey_ai.createHeaders(**options)  # type: ignore[no-untyped-call]  # it has no types
    return openai.AsyncOpenAI(
        base_url=url, api_key="x", default_headers=headers, max_retries=0, http_client=http
    )


def ways(name: str) -> tuple[dict[str, Any], ...]:
    """Return what names a config, what sends it, and what sends its guardrails alone."""
    header = f"default_{name.partition('-')[2]}put_guardrails"
    sent = {"provider": "@scripted", **SAVED[name]}
    return {"config": name}, {"config": sent}, {header: json.dumps(BY_HEADER[name])}


CASES = [
    *(("in", False, 0), ("in", True, 1), ("out", False, 1), ("out", True, 0)),
    *itertools.product(("in", "out"), (False, True), (2,)),
]
"""Side, whether streamed, and which of the ways to give guardrails."""


async def test_both_sdks_see_what_hooks_do(tmp_path: Path) -> None:
    async with gateway(tmp_path) as (url, upstream, _):
        for kind, (side, stream, place) in itertools.product(("portkey", "openai"), CASES):
            is_silent = stream and kind == "openai"

            asked = await Asked(kind, url, ways(f"deny-{side}")[place], stream=stream).run()
            assert asked.status == (446 if side == "in" or not stream else 200)
            assert asked.error is not None
            assert CANARY not in asked.text + json.dumps(asked.error)

            asked = await Asked(kind, url, ways(f"flag-{side}")[place], stream=stream).run()
            assert asked.status == (246 if side == "in" or not stream else 200)
            assert asked.text.strip() == QUESTION
            if not is_silent:
                result = told(asked.chunks[0 if side == "in" else -1], side)
                assert (result["verdict"], result["deny"]) == (False, False)
                assert result["feedback"]["metadata"]["failedChecks"] == "default.contains"

            asked = await Asked(kind, url, ways(f"hide-{side}")[place], stream=stream).run()
            assert (asked.status, asked.text.strip()) == (200, "say [X] twice")
            if not is_silent:
                result = told(asked.chunks[0 if side == "in" else -1], side)
                assert (result["verdict"], result["transformed"]) == (True, True)
            assert (CANARY in upstream.requests[-1].body.decode()) is (side == "out")


async def test_what_was_denied_or_hidden_is_in_no_byte_that_comes_back(tmp_path: Path) -> None:
    names, either = ("deny-in", "deny-out", "hide-in", "hide-out"), (False, True)
    asked = itertools.product(names, range(3), either, either)
    async with gateway(tmp_path) as (url, _, record), httpx.AsyncClient(base_url=url) as client:
        for name, place, stream, strict in asked:
            options = {**ways(name)[place], "strict_open_ai_compliance": json.dumps(strict)}
            question = [{"role": "user", "content": QUESTION}]
            answer = await client.post(
                "/chat/completions",
                json={"model": "@scripted/m", "messages": question, "stream": stream},
                headers=portkey_ai.createHeaders(**options),  # type: ignore[no-untyped-call]
            )
            assert CANARY not in answer.text + str(answer.headers)
            assert ("hook_results" in answer.text) is (not stream or not strict or name.startswith("deny"))
            if answer.status_code == 446:
                side = name.removeprefix("deny-")
                body = answer.json()
                assert (body["error"]["type"], set(body)) == ("hooks_failed", {"error", "hook_results"})
                assert told(body["hook_results"], side)["deny"] is True
                row = record.exchange(answer.headers["x-request-id"])
                assert (row["outcome"], row["status_code"]) == (f"blocked_{side}put", 446)

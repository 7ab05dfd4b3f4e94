"""Compatible providers and Azure as vendors of the feature tests.

Rules are those of a kind's row (`tests/emulators/compatible_rules.py`), for OpenAI's own and Azure's API the
openai SDK's types; answers have a kind's quirks (`tests/golden/compatible_answers.py`).
"""

import json
from typing import Any, Literal

from openai.types.chat.completion_create_params import CompletionCreateParams

from tests.emulators.azure import _SAFE
from tests.emulators.compatible import CompatibleEmulator
from tests.features.said import Heard, Said
from tests.features.vendor import POLITE
from tests.golden import compatible_answers
from tests.oracles import checker, violations
from tests.upstreams import Answer, Received, stream, whole

SILENT = frozenset({"openai", "azure-openai"})
"""Who thinks, and shows no thoughts (platform.openai.com/docs/guides/reasoning, 2026-11)."""
_TYPED = frozenset({"openai", "azure-openai"})
_INSTRUCTING = frozenset({"system", "developer"})


class CompatibleVendor:
    """A `tests.features.vendor.Vendor`.

    Args:
        kind: of the catalogue.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._emulator = CompatibleEmulator(kind)

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a request that breaks a rule; None if it breaks none."""
        refusal = self._emulator.refusal(request)
        if refusal is None and self._kind in _TYPED:
            wrong = violations(checker(CompletionCreateParams), request.json())
            return whole({"error": {"message": wrong[0]}}, status=400) if wrong else None
        return refusal

    def heard(self, request: Received) -> Heard:
        """Return what was asked."""
        body = request.json()
        messages = body["messages"]
        forced, only = _forced(body.get("tool_choice"))
        return Heard(
            instructions=json.dumps([one for one in messages if one["role"] in _INSTRUCTING]),
            turns=tuple(
                (one["role"], json.dumps(one)) for one in messages if one["role"] not in _INSTRUCTING
            ),
            tools=tuple(tool["function"]["name"] for tool in body.get("tools") or ()),
            forced=forced,
            only=only,
            json=_json(body.get("response_format") or {}),
            thinks=_thinks(body),
        )

    def answer(self, request: Received, said: Said) -> Answer:
        """Return what is said, whole or streamed."""
        calls = [(call.name, json.dumps(call.arguments)) for call in said.calls]
        (function, arguments), *more = calls or [("", "")]
        words = compatible_answers.Said(
            thoughts="" if self._kind in SILENT else said.thoughts,
            text=said.text,
            function=function,
            arguments=arguments,
            more=tuple(more),
        )
        body = request.json()
        if not body.get("stream"):
            return whole(self._filtered(compatible_answers.whole(self._kind, words)))
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return stream([*self._beginning(), compatible_answers.stream(self._kind, words, usage=usage)])

    def overloaded(self) -> Answer:
        """Return that there is too much to do."""
        return self._emulator.overloaded()

    def overloaded_within(self) -> Answer | None:
        """Return the same in a stream."""
        error: dict[str, Any] = {"error": {"message": POLITE, "type": "rate_limit_error", "code": 429}}
        if self._kind == "minimax":
            error = {"choices": None, "base_resp": {"status_code": 1002, "status_msg": POLITE}}
        return stream([error])

    def _filtered(self, document: dict[str, Any]) -> dict[str, Any]:
        if self._kind != "azure-openai":
            return document
        choices = [{**choice, "content_filter_results": _SAFE} for choice in document["choices"]]
        return {**document, "choices": choices, "prompt_filter_results": _PROMPT}

    def _beginning(self) -> list[bytes]:
        """Return what a stream of Azure's begins with: a chunk without choices."""
        if self._kind != "azure-openai":
            return []
        chunk = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
        return [b"data: %b\n\n" % json.dumps({**chunk, "prompt_filter_results": _PROMPT}).encode()]


_PROMPT = [{"prompt_index": 0, "content_filter_results": _SAFE}]


def usage(kind: str) -> tuple[int, int, int]:
    """Return what this kind counts for any answer: prompt, completion, total."""
    counted = {**compatible_answers.USAGE, **compatible_answers.quirks(kind).usage_fields}
    prompt, total = counted["prompt_tokens"], counted["total_tokens"]
    return prompt, total - prompt, total


def _forced(choice: Any) -> tuple[Literal["no", "one", "any"], tuple[str, ...]]:
    if isinstance(choice, dict):
        return "one", (choice["function"]["name"],)
    return ("any" if choice in {"required", "any"} else "no"), ()


def _json(wish: dict[str, Any]) -> Literal["no", "object", "schema"]:
    if "schema" in wish or "json_schema" in wish:
        return "schema"
    return "object" if wish.get("type") == "json_object" else "no"


def _thinks(body: dict[str, Any]) -> bool:
    """Whether it is told to, in any of the words there are."""
    thinking = body.get("thinking") or {}
    wishes = (body.get("reasoning_effort"), body.get("enable_thinking"), body.get("reasoning"))
    return any(wishes) or thinking.get("type") == "enabled"

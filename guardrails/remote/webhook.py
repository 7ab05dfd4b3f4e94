"""The `webhook` check: a service of the operator's own, in our contract.

    webhook: {url: https://checks.internal/texts, secret: "${HOOK_SECRET}"}

It is asked by POST, in JSON:

    {"version": 1, "side": "output", "text": "...", "before": "...",
     "part": {"path": "choices[0].message.content", "kind": "text", "role": "assistant", "start": 0},
     "conversation": {"model": "gpt-4.1-mini", "request_type": "chatComplete", "metadata": {"team": "a"}}}

and answers 2xx, in JSON:

    {"verdict": false, "findings": [{"rule": "project_name", "start": 4, "end": 11, "score": 0.9,
                                     "replacement": "[PROJECT]"}]}

`verdict` is whether the text may pass. `start` and `end` count code points of `text`; a finding without
them is about all of it, and so is a verdict without findings, under the rule `webhook`. Findings under a
verdict that lets pass are a contradiction, and like everything else that is no such answer an error.

With a `secret` two headers prove who asks and when, so that a service can refuse what is forged or replayed:

    handrail-timestamp: 1764540000
    handrail-signature: v1=<hex of HMAC-SHA256(secret, timestamp + "." + body)>

Nothing that callers send is a header of the question. What is in `metadata` they have written.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import decode
from guardrails.remote.context import side
from guardrails.remote.endpoint import Endpoint, encoded
from guardrails.remote.finding import Unit, about, rule
from guardrails.remote.questions import Questions
from guardrails.remote.service import Services, UnsoundAnswer
from guardrails.remote.settings import ServiceSettings

TIMESTAMP_HEADER = "handrail-timestamp"
"""Unix time in seconds, when the question was signed."""
SIGNATURE_HEADER = "handrail-signature"
_VERSION = 1


class WebhookConfig(ServiceSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is asked."""

    secret: Annotated[str, msgspec.Meta(min_length=16, max_length=4096)] | None = None
    """Signs every question; null: they are not signed."""
    unit: Unit = "text"


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding, as a service writes it."""

    rule: Annotated[str, msgspec.Meta(min_length=1)]
    start: Annotated[int, msgspec.Meta(ge=0)] | None = None
    end: Annotated[int, msgspec.Meta(ge=0)] | None = None
    score: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    replacement: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    verdict: bool
    findings: tuple[Found, ...] = ()


class WebhookCheck:
    """Finds what the service finds.

    Args:
        config: who is asked.
        path: of the configuration, for errors.
        services: how it is asked.
        clock: Unix time in seconds.
    """

    kind = "webhook"
    redactable = True

    def __init__(
        self, config: WebhookConfig, path: str, services: Services, clock: Callable[[], float] = time.time
    ) -> None:
        self.unit: Unit = config.unit
        self._secret = None if config.secret is None else config.secret.encode()
        self._endpoint = Endpoint(config, path, services.send)
        self._questions = Questions(config, services.key)
        self._clock = clock

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return what the service finds.

        Raises:
            ServiceError: it could not be asked, or answered something else.
        """
        if not passage.text:
            return ()
        body = encoded(_question(passage))

        async def ask() -> Sequence[Match]:
            headers = {} if self._secret is None else signed(self._secret, self._clock(), body)
            return _matches(await self._endpoint.ask_bytes(body, _Answer, headers), passage.text)

        return await self._questions.answer((body.decode(),), ask)


def build(config: object, path: str, services: Services) -> WebhookCheck:
    """Build the check from its configuration."""
    return WebhookCheck(decode(WebhookConfig, config, path), path, services)


def signed(secret: bytes, now_s: float, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body."""
    timestamp = str(int(now_s))
    signature = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: f"v1={signature}"}


def _question(passage: Passage) -> dict[str, Any]:
    part, conversation = passage.part, passage.conversation
    return {
        "version": _VERSION,
        "side": side(passage).value,
        "text": passage.text,
        "before": passage.before,
        "part": {"path": part.path, "kind": part.kind.value, "role": part.role, "start": passage.start},
        "conversation": {
            "model": conversation.model,
            "request_type": conversation.request_type,
            "metadata": conversation.metadata,
        },
    }


def _matches(answer: _Answer, text: str) -> Sequence[Match]:
    if answer.verdict:
        if answer.findings:
            raise UnsoundAnswer("lets a text pass, and has findings in it")
        return ()
    if not answer.findings:
        return [about(text, WebhookCheck.kind)]
    return sorted((_match(found, text) for found in answer.findings), key=lambda match: match.start)


def _match(found: Found, text: str) -> Match:
    if found.start is None and found.end is None:
        whole = about(text, found.rule, found.score)
        return msgspec.structs.replace(whole, replacement=found.replacement)
    start, end = found.start or 0, len(text) if found.end is None else found.end
    if not start <= end <= len(text):
        raise UnsoundAnswer("has a finding outside of the text")
    return Match(rule(found.rule), start, end, found.score, found.replacement)

"""Portkey's `webhook`: a service of the operator's own gives a verdict, and may change the text.

It is asked by POST in the words of Portkey's plugins (`plugins/default/webhook`, 1.15):

    {"request": {"json": {...}, "text": "...", "isStreamingRequest": false, "isTransformed": false},
     "response": {"json": {...}, "text": "...", "statusCode": null, "isTransformed": false},
     "provider": "openai", "requestType": "chatComplete", "metadata": {...}, "eventType": "beforeRequestHook"}

and answers `{"verdict": true}`, beside which `transformedData.request.json` (of an answer:
`.response.json`) may hold the body with another text in it. That is a finding that a redaction replaces by
this text.

Where Portkey's is broken this is mended: it is asked about every text that is said, each in its turn as
`text`, and not about the last message and the first choice alone; what stands in `json` are the texts of
the body (see `guardrails/remote/laid_out.py`); and a service that fails is an error under the guardrail's
`on_error`. `isStreamingRequest` is always false: a text is whole when it is asked about, however it
travels.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from guardrails.check import Match, Passage
from guardrails.decoding import ConfigError, decode
from guardrails.part import PartKind
from guardrails.remote.context import question, side
from guardrails.remote.endpoint import Endpoint, encoded
from guardrails.remote.finding import Unit, about
from guardrails.remote.laid_out import laid_out, text_at
from guardrails.remote.questions import Questions
from guardrails.remote.service import Services
from guardrails.remote.settings import RemoteSettings, ServiceSettings
from guardrails.verdict import Side

_NAME = "webhook"
CHANGED = "webhook.changed"
"""Rule of a match where the verdict is true, and the text another."""
_EVENTS = {Side.INPUT: "beforeRequestHook", Side.OUTPUT: "afterRequestHook"}
_OK = 200


class WebhookConfig(RemoteSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is asked."""

    url: str = msgspec.field(name="webhookURL")
    headers: dict[str, str] | str = msgspec.field(default_factory=dict)
    """An object, or the JSON of one."""
    timeout: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 3_000
    """In milliseconds; the guardrail's own bounds it."""


class _Body(msgspec.Struct, frozen=True):
    json: dict[str, Any] | None = None


class _Transformed(msgspec.Struct, frozen=True):
    request: _Body | None = None
    response: _Body | None = None


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    verdict: bool
    transformed_data: _Transformed | None = None


class Webhook:
    """Finds texts that the service gives a false verdict on, or changes.

    Args:
        config: who is asked.
        path: of the configuration, for errors.
        services: how it is asked.
    """

    kind = f"default.{_NAME}"
    redactable = True
    unit: Unit = "text"

    def __init__(self, config: WebhookConfig, path: str, services: Services) -> None:
        there = ServiceSettings(url=config.url, headers=headers_of(config.headers, f"{path}.headers"))
        try:
            self._endpoint = Endpoint(there, path, services.send)
        except ConfigError as error:
            place = f"{path}.webhookURL" if error.path == f"{path}.url" else error.path
            raise ConfigError(place, error.message) from error
        self._questions = Questions(msgspec.structs.replace(config, timeout_ms=config.timeout), services.key)

    async def judge(self, passage: Passage) -> Sequence[Match]:
        """Return a match if the verdict is false, or the text another.

        Raises:
            ServiceError: the service could not be asked, or answered something else.
        """
        if passage.part.kind is PartKind.FIELD or not passage.text:
            return ()
        way = side(passage)
        body = encoded(_context(passage, way))

        async def ask() -> Sequence[Match]:
            return _matches(await self._endpoint.ask_bytes(body, _Answer), passage, way)

        return await self._questions.answer((body.decode(),), ask)


def webhook(config: object, path: str, services: Services) -> Webhook:
    """Build `default.webhook`.

    Raises:
        ConfigError: the address cannot be asked, or the headers are none.
    """
    return Webhook(decode(WebhookConfig, config, path), path, services)


def headers_of(given: dict[str, str] | str, path: str) -> dict[str, str]:
    """Return headers that may be given as the JSON of an object.

    Raises:
        ConfigError: they are none.
    """
    if not isinstance(given, str):
        return given
    try:
        return msgspec.json.decode(given or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        raise ConfigError(path, "is no JSON object of names and values") from None


def _context(passage: Passage, way: Side) -> dict[str, Any]:
    """Return what Portkey's plugins are told."""
    conversation = passage.conversation
    is_answer = way is Side.OUTPUT
    asked = question(passage) if is_answer else passage.text
    said = msgspec.structs.replace(passage.part, text=passage.text)
    request = laid_out(conversation.parts if is_answer or conversation.parts else [said])
    return {
        "request": {
            "json": {"model": conversation.model, **request},
            "text": asked,
            "isStreamingRequest": False,
            "isTransformed": False,
        },
        "response": {
            "json": laid_out([said]) if is_answer else {},
            "text": passage.text if is_answer else "",
            "statusCode": _OK if is_answer else None,
            "isTransformed": False,
        },
        "provider": conversation.target.removeprefix("@").partition("/")[0],
        "requestType": conversation.request_type,
        "metadata": conversation.metadata,
        "eventType": _EVENTS[way],
    }


def _matches(answer: _Answer, passage: Passage, way: Side) -> list[Match]:
    changed = _changed(answer, passage, way)
    if answer.verdict and changed is None:
        return []
    if changed is None:
        return [about(passage.text, _NAME)]
    return [Match(CHANGED if answer.verdict else _NAME, 0, len(passage.text), replacement=changed)]


def _changed(answer: _Answer, passage: Passage, way: Side) -> str | None:
    """Return what the service makes of the text, None if it stays as it is."""
    transformed = answer.transformed_data
    if transformed is None:
        return None
    body = transformed.request if way is Side.INPUT else transformed.response
    text = None if body is None else text_at(body.json, passage.part.path)
    return None if text == passage.text else text

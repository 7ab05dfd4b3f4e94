"""Anthropic's Messages API as a wire format, on its own host and on Vertex AI.

    anthropic   POST {base}/messages                                      base: https://api.anthropic.com/v1
    vertex      POST {base}/models/{model}:rawPredict, :streamRawPredict  base: .../publishers/anthropic

Two wire versions are alive (docs.claude.com, "API versions", 2026-11): 2026-10-21 refuses sampling parameters
at any value, 2023-06-01 takes them where the model does. So a request with one of them is always of the
older; Vertex AI has a version of its own.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.operation import Operation
from app.wire.anthropic.body import read_body
from app.wire.anthropic.errors import read_refusal
from app.wire.anthropic.request import SAMPLING, write_request
from app.wire.format import AnswerHead, Asked, Body, Question, cannot_serve

SAMPLING_VERSION = "2023-06-01"
_VERTEX_VERSION = "vertex-2023-10-16"
_encode = msgspec.json.Encoder().encode


class AnthropicFormat:
    """The Messages API; an `app.wire.format.Format`.

    Args:
        host: whose way of addressing models it is.
        version: of the wire, on Anthropic's own host.
        betas: features that every request asks for (`anthropic-beta`).
        clock: seconds since 1970, for `created`, which the vendor does not say.
    """

    def __init__(
        self,
        host: Literal["anthropic", "vertex"] = "anthropic",
        version: str = SAMPLING_VERSION,
        betas: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._version = version
        self._betas = betas
        self._clock = clock

    def ask(self, question: Question) -> Asked:
        """Say the question in Anthropic's words; see `app.wire.format.Format.ask`."""
        if question.operation is not Operation.CHAT:
            raise cannot_serve(question.operation, f"Anthropic's {question.model}")
        is_own = self._host == "anthropic"
        written = write_request(question, fetches=is_own)
        body = written.body
        headers: dict[str, str] = {}
        if is_own:
            path = "messages"
            body["model"] = question.model
            is_sampled = any(name in body for name in SAMPLING)
            headers["anthropic-version"] = SAMPLING_VERSION if is_sampled else self._version
        else:
            method = "streamRawPredict" if question.stream else "rawPredict"
            path = f"models/{quote(question.model, safe='@')}:{method}"
            body["anthropic_version"] = _VERTEX_VERSION
        if question.stream:
            body["stream"] = True
        betas = dict.fromkeys((*self._betas, *written.betas))
        if betas:
            headers["anthropic-beta"] = ",".join(betas)

        def read(head: AnswerHead) -> Body:
            return read_body(head, written.reading, self._clock)

        return Asked(path=path, content=_encode(body), read=read, headers=headers, dropped=written.dropped)

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error; see `app.wire.format.Format.refusal`."""
        return read_refusal(document, status, headers)

    @property
    def models_path(self) -> str | None:
        """Return where Anthropic lists its models, all on one page; Vertex AI lists none."""
        return "models?limit=1000" if self._host == "anthropic" else None

    def models(self, document: object) -> tuple[dict[str, Any], ...]:
        """Return the models as OpenAI lists them; see `app.wire.format.Format.models`."""
        listed = document.get("data") if isinstance(document, dict) else None
        if not isinstance(listed, list):
            raise UpstreamBroken("The provider sent a list of models that is none.")
        return tuple(_model(item) for item in listed if isinstance(item, dict) and _is_text(item.get("id")))


def _model(item: dict[str, Any]) -> dict[str, Any]:
    model = {
        "id": item["id"],
        "object": "model",
        "created": _seconds(item.get("created_at")),
        "owned_by": "anthropic",
    }
    return {**model, "display_name": item["display_name"]} if _is_text(item.get("display_name")) else model


def _seconds(moment: object) -> int:
    """Return an RFC 3339 time as seconds since 1970; 0 if it is none."""
    try:
        return max(int(datetime.fromisoformat(moment).timestamp()), 0) if isinstance(moment, str) else 0
    except ValueError:
        return 0


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)

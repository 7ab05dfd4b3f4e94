"""Gemini's wire format, `generateContent`, as the Gemini API and Vertex AI speak it.

An `app.wire.format.Format`. Both hosts take the same requests but for URLs in them
(`app/wire/gemini/parts.py`) and have base URLs of their own: the Gemini API's is
`https://generativelanguage.googleapis.com/v1beta`, Vertex AI's is `app/wire/gemini/vertex_url.py`'s.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from app.domain.errors import UpstreamBroken, UpstreamRefused
from app.domain.operation import Operation
from app.wire.format import Asked, Question, cannot_serve
from app.wire.gemini.body import GeminiBody
from app.wire.gemini.choice import Reading
from app.wire.gemini.embeddings import ask_embeddings
from app.wire.gemini.errors import refusal
from app.wire.gemini.parts import Host
from app.wire.gemini.request import prepare
from app.wire.gemini.signatures import Signatures

_STREAM = "streamGenerateContent?alt=sse"
_GENERATE = "generateContent"
_PREFIXES = ("publishers/google/models/", "google/", "models/")
"""What callers write before a model's name, as Google's own lists and endpoints do."""
_encode = msgspec.json.Encoder().encode


def _unguessable() -> str:
    return secrets.token_hex(12)


class GeminiFormat:
    """The format of one provider.

    Args:
        host: who speaks it.
        signatures: of thoughts, those that were given out; None: a store of its own.
        token: makes ids nobody can guess, 24 hexadecimal digits.
        now_s: the time since the epoch.
    """

    def __init__(
        self,
        host: Host = "gemini",
        signatures: Signatures | None = None,
        *,
        token: Callable[[], str] = _unguessable,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._signatures = signatures if signatures is not None else Signatures()
        self._token = token
        self._now_s = now_s

    def ask(self, question: Question) -> Asked:
        """Say the question in Gemini's words. Raises `InvalidRequest` if it cannot be said."""
        if question.operation is Operation.EMBEDDINGS:
            return ask_embeddings(question, self._host, _model_path(question.model))
        if question.operation is not Operation.CHAT:
            raise cannot_serve(question.operation, f"Gemini's {question.model}")
        prepared = prepare(question, self._host, self._signatures)
        reading = Reading(
            model=question.model,
            stream=question.stream,
            strict=question.strict,
            json_call=prepared.json_call,
            signatures=self._signatures,
            token=self._token,
            now_s=self._now_s,
            is_legacy=prepared.is_legacy,
        )
        return Asked(
            path=f"{_model_path(question.model)}:{_STREAM if question.stream else _GENERATE}",
            content=_encode(prepared.body),
            read=partial(GeminiBody, reading=reading),
            dropped=prepared.dropped,
        )

    def refusal(self, document: object, status: int, headers: Mapping[str, str]) -> UpstreamRefused:
        """Read the body of an error."""
        return refusal(document, status, headers)

    @property
    def models_path(self) -> str | None:
        """Where the Gemini API lists its models, as many as a page may hold; Vertex AI has no such list."""
        return "models?pageSize=1000" if self._host == "gemini" else None

    def models(self, document: object) -> tuple[dict[str, Any], ...]:
        """Return those that write text. Raises `UpstreamBroken` if it is no list of models."""
        listed = document.get("models") if isinstance(document, dict) else None
        if not isinstance(listed, list):
            raise UpstreamBroken("The provider sent a list of models that is none.")
        return tuple(
            {
                "id": model["name"].removeprefix("models/"),
                "object": "model",
                "owned_by": "google",
                **{key: value for key, value in model.items() if key != "name"},
            }
            for model in listed
            if isinstance(model, dict)
            and isinstance(model.get("name"), str)
            and _GENERATE in (model.get("supportedGenerationMethods") or ())
        )


def _model_path(model: str) -> str:
    """Return where a model stands; a tuned one has a collection of its own."""
    for prefix in _PREFIXES:
        model = model.removeprefix(prefix)
    collection, name = "models", model
    if model.startswith("tunedModels/"):
        collection, name = "tunedModels", model.removeprefix("tunedModels/")
    return f"{collection}/{quote(name, safe='')}"
